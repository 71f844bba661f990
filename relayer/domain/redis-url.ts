/** One server's address. */
export type RedisNode = { readonly host: string; readonly port: number };

/** Where Redis is. The credentials and the encryption are those of the servers that hold the data, not of Sentinels. */
export type RedisPlace = {
  /** At least one: the server itself, Sentinels that know the master, or nodes of a cluster that know the others. */
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly isEncrypted: boolean;
} & (
  | { readonly kind: "single"; readonly database: number }
  | { readonly kind: "sentinel"; readonly master: string; readonly database: number }
  | { readonly kind: "cluster" }
);

/** The forms of a Redis URL, for messages to people. */
export const REDIS_URL_FORMS =
  "redis://host:port/database, redis+sentinel://host:port,host:port/master/database or redis+cluster://host:port,host:port (rediss… with encryption; user:password@ before the first host)";

const DEFAULT_PORTS = { single: 6_379, sentinel: 26_379, cluster: 6_379 } as const;

const URL_SHAPE =
  /^redis(?<tls>s?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?$/;

/** Reads a Redis URL, one of {@link REDIS_URL_FORMS}; undefined when it is none of them. */
export function parseRedisUrl(text: string): RedisPlace | undefined {
  const groups = URL_SHAPE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const kind = groups["kind"] === "sentinel" || groups["kind"] === "cluster" ? groups["kind"] : "single";
  const [first, ...rest] = (groups["hosts"] ?? "")
    .split(",")
    .map((host) => parseNode(host, DEFAULT_PORTS[kind]));
  const others = rest.filter((node) => node !== undefined);
  if (first === undefined || others.length < rest.length) return undefined;
  if (kind === "single" && others.length > 0) return undefined;
  const [username, password] = [unescape(groups["user"]), unescape(groups["password"])];
  if (username === false || password === false) return undefined;
  const place = {
    nodes: [first, ...others],
    username,
    password,
    isEncrypted: groups["tls"] === "s",
  } as const;

  const path = (groups["path"] ?? "").replace(/^\/|\/$/g, "");
  const segments = path === "" ? [] : path.split("/");
  if (kind === "cluster") return segments.length === 0 ? { ...place, kind } : undefined;
  const master = kind === "sentinel" ? unescape(segments.shift()) : undefined;
  const database = parseDatabase(segments);
  if (database === undefined || master === false) return undefined;
  if (kind === "single") return { ...place, kind, database };
  return master === undefined ? undefined : { ...place, kind, master, database };
}

/** A Redis URL as people may see it: where it leads, without user and password. */
export function redactRedisUrl(text: string): string {
  const place = parseRedisUrl(text);
  if (place === undefined) return "a URL that cannot be read";
  const hosts = place.nodes.map(({ host, port }) => `${host}:${port}`).join(",");
  return place.kind === "sentinel" ? `${hosts}/${place.master}` : hosts;
}

function parseNode(text: string, defaultPort: number): RedisNode | undefined {
  const [, six, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = six ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

function parseDatabase(segments: readonly string[]): number | undefined {
  const [text = "0", ...more] = segments;
  return more.length === 0 && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

/** What percent signs stand for; undefined for nothing, false when they stand for no text. */
function unescape(text: string | undefined): string | undefined | false {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return false;
  }
}
