import ipaddr from "ipaddr.js";

/** Which hosts of this network may be reached, although they are private: what the operator allowed by name. */
export type AllowedTargets = {
  /** `host:port`, in lower case; brackets around IPv6. */
  readonly hosts: ReadonlySet<string>;
  readonly ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
};

/**
 * Reads what may be reached beside the public Internet: each entry is `host:port` or a range such as `10.1.0.0/16`.
 * @returns what was read, and the places in the list of what cannot be read
 */
export function parseAllowedTargets(entries: readonly string[]): {
  readonly targets: AllowedTargets;
  readonly wrong: readonly number[];
} {
  const hosts = new Set<string>();
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  const wrong: number[] = [];
  for (const [i, entry] of entries.entries()) {
    const range = ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined;
    const host = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/.test(entry);
    if (range !== undefined) ranges.push(range);
    else if (host) hosts.add(entry.toLowerCase());
    else wrong.push(i);
  }
  return { targets: { hosts, ranges }, wrong };
}

/** Whether this host and port were allowed by name. @param host as in a URL, IPv6 within brackets */
export function isAllowedHost({ hosts }: AllowedTargets, host: string, port: number): boolean {
  return hosts.has(`${host.toLowerCase()}:${port}`);
}

/**
 * Why an address must not be connected to; undefined when it may: it is a public one, or in a range that was allowed. Whatever is not
 * plainly public is refused: loopback, private, link-local (where clouds keep their metadata), shared (CGNAT), multicast, documentation
 * and benchmarking ranges, and every form of IPv6 that carries an IPv4 address inside of it, whichever that is.
 * @param address an address as the resolver or the socket gives it; anything that is none is refused
 */
export function refusalOf(address: string, { ranges }: AllowedTargets): string | undefined {
  // Four decimal parts only: `0x7f.1` and `127.1` are forms that resolvers and people read differently.
  const isPlain = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  if (!isPlain) return "it is no IP address in its usual form";
  const parsed = ipaddr.parse(address);
  const mapped =
    parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : undefined;
  const forms = mapped === undefined ? [parsed] : [parsed, mapped];
  const isAllowed = forms.some((form) =>
    ranges.some(([base, bits]) => form.kind() === base.kind() && form.match(base, bits)),
  );
  if (isAllowed) return undefined;
  const range = (mapped ?? parsed).range();
  if (range !== "unicast") return `${address} is ${RANGE_NAMES[range] ?? `a ${range} address`}`;
  // Public IPv6 is 2000::/3 and nothing else: that leaves out addresses compatible with IPv4 (::7f00:1) and all that is unassigned.
  const isGlobal = parsed.kind() === "ipv4" || mapped !== undefined || parsed.match(GLOBAL_IPV6);
  return isGlobal ? undefined : `${address} is outside of the public ranges`;
}

const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3");

const RANGE_NAMES: Readonly<Record<string, string>> = {
  loopback: "this machine",
  unspecified: "this machine",
  private: "a private address",
  uniqueLocal: "a private address",
  linkLocal: "a link-local address, where clouds keep their metadata",
  carrierGradeNat: "a shared address (CGNAT)",
  multicast: "a multicast address",
  broadcast: "a broadcast address",
  reserved: "a reserved address",
  rfc6052: "an IPv4 address inside of IPv6 (NAT64)",
  rfc6145: "an IPv4 address inside of IPv6",
  "6to4": "an IPv4 address inside of IPv6 (6to4)",
  teredo: "an IPv4 address inside of IPv6 (Teredo)",
};
