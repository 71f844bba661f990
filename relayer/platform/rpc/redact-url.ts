/** An endpoint as it may be shown: API keys often stand in its path, query or user part. */
export function redactUrl(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname === "/" && search === "" ? "" : "/…"}`;
}
