import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseRedisUrl, redactRedisUrl, type RedisNode } from "../../../../relayer/domain/redis-url.ts";

const anyHost = fc.oneof(fc.domain(), fc.ipV4(), fc.constant("localhost"));
const anyNode = fc
  .tuple(anyHost, fc.integer({ min: 1, max: 65_535 }))
  .map(([host, port]) => ({ host, port }));
const anyNodes = fc.array(anyNode, { minLength: 1, maxLength: 5 });
const anySecret = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.isWellFormed());
const anyCredentials = fc.option(fc.record({ username: anySecret, password: anySecret }), { nil: undefined });

const text = (nodes: readonly RedisNode[]) => nodes.map(({ host, port }) => `${host}:${port}`).join(",");
const before = (credentials: { readonly username: string; readonly password: string } | undefined) =>
  credentials === undefined
    ? ""
    : `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`;

describe("a Redis URL", () => {
  it("says again what it was made of: Sentinels", () => {
    fc.assert(
      fc.property(
        anyNodes,
        anyCredentials,
        anySecret,
        fc.nat(99),
        fc.boolean(),
        (nodes, credentials, master, db, tls) => {
          const url = `redis${tls ? "s" : ""}+sentinel://${before(credentials)}${text(nodes)}/${encodeURIComponent(master)}/${db}`;
          assert.deepEqual(parseRedisUrl(url), {
            kind: "sentinel",
            nodes,
            username: credentials?.username,
            password: credentials?.password,
            isEncrypted: tls,
            master,
            database: db,
          });
        },
      ),
    );
  });

  it("says again what it was made of: a cluster", () => {
    fc.assert(
      fc.property(anyNodes, anyCredentials, (nodes, credentials) => {
        const place = parseRedisUrl(`redis+cluster://${before(credentials)}${text(nodes)}`);
        assert.deepEqual([place?.kind, place?.nodes], ["cluster", nodes]);
        assert.equal(place?.password, credentials?.password);
      }),
    );
  });

  it("is shown without its secrets", () => {
    fc.assert(
      fc.property(anyNodes, (nodes) => {
        const shown = redactRedisUrl(`rediss+cluster://operator:hunter2@${text(nodes)}`);
        assert.equal(shown, text(nodes));
      }),
    );
    assert.equal(redactRedisUrl("redis:// secret"), "a URL that cannot be read");
  });

  it("is read or refused, whatever the text", () => {
    fc.assert(fc.property(fc.string(), (noise) => void parseRedisUrl(`redis://${noise}`)));
  });

  const single = { kind: "single", username: undefined, password: undefined, isEncrypted: false };
  for (const [url, expected] of [
    ["redis://h", { ...single, nodes: [{ host: "h", port: 6_379 }], database: 0 }],
    ["redis://h:1/7", { ...single, nodes: [{ host: "h", port: 1 }], database: 7 }],
    ["redis://[::1]:2/", { ...single, nodes: [{ host: "::1", port: 2 }], database: 0 }],
    [
      "rediss://:p%40ss@h",
      { ...single, nodes: [{ host: "h", port: 6_379 }], database: 0, password: "p@ss", isEncrypted: true },
    ],
  ] as const)
    it(url, () => {
      assert.deepEqual(parseRedisUrl(url), expected);
    });

  for (const url of [
    "",
    "h:6379",
    "http://h:6379",
    "redis://",
    "redis://a:1,b:2",
    "redis://h:0",
    "redis://h:65536",
    "redis://h/x",
    "redis://h/1/2",
    "redis+sentinel://h:1",
    "redis+sentinel://h:1/%E0%A4%A/0",
    "redis+cluster://h:1/0",
    "redis+cluster://h:1,",
    "redis+proxy://h:1",
  ])
    it(`is not ${JSON.stringify(url)}`, () => {
      assert.equal(parseRedisUrl(url), undefined);
    });
});
