/**
 * Whether a Host header names this machine's loopback. A page elsewhere whose name was made to point here sends its own name, and must
 * not be answered.
 */
export function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host ?? "");
}
