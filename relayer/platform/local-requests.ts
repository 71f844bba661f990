/** The headers of a request that tell where it was sent to, and by whom. */
type Origins = {
  readonly host?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
};

/**
 * Why a request to a server on loopback is not answered: it came by a name that others own, which was made to point here (DNS
 * rebinding), or a page of another site made the browser send it.
 * @returns `undefined` where it may be answered
 */
export function refusalOf(headers: Origins): { readonly code: string; readonly message: string } | undefined {
  if (!isLocalHost(headers.host))
    return { code: "HOST", message: "Only requests to 127.0.0.1 or localhost are answered." };
  // Browsers say so of themselves; other programs say nothing.
  const site = headers["sec-fetch-site"] ?? "none";
  if (site !== "none" && site !== "same-origin")
    return { code: "SITE", message: "Only pages from here are answered. Nothing was done." };
  return undefined;
}

/**
 * Whether a Host header names this machine's loopback. A page elsewhere whose name was made to point here sends its own name, and must
 * not be answered.
 */
export function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host ?? "");
}
