/** The headers that tell from where a browser sends a request, and where to. */
export type Sites = {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
};

/**
 * Why a request that a session's cookie came with is not done: another site's page made the browser send it. Browsers say so of themselves,
 * by `Sec-Fetch-Site` and by `Origin`, and pages cannot change what they say; other programs say nothing, and have no cookies.
 * @param isChange whether it would change anything; what people type into the address bar changes nothing
 * @returns undefined where it may be done
 */
export function foreignSite({ host, origin, ...rest }: Sites, isChange: boolean): string | undefined {
  const site = rest["sec-fetch-site"] ?? "same-origin";
  if (site !== "same-origin" && (isChange || site !== "none"))
    return `a page elsewhere asked for it (${[site].flat().join(", ")})`;
  // Beside reads of one's own, browsers send it with everything.
  if (origin !== undefined && !isOwn(origin, host)) return `a page of ${origin} asked for it`;
  return undefined;
}

/** Whether an origin is the server's own, whichever of http and https it was reached by: a proxy may bring TLS. */
function isOwn(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: of } = new URL(origin);
  if (protocol !== "http:" && protocol !== "https:") return false;
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === of;
}
