import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isAllowedHost, parseAllowedTargets, refusalOf } from "../../../../relayer/alerting/core/targets.ts";

const none = parseAllowedTargets([]).targets;

/** Ranges that must never be reached by default: IANA's special-purpose registries. */
const FORBIDDEN_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.175.48.0", 24],
] as const;

const toNumber = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (n: number) => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");

/** An address of a range, by chance. */
const inside = fc
  .constantFrom(...FORBIDDEN_V4)
  .chain(([base, bits]) =>
    fc.integer({ min: 0, max: 2 ** (32 - bits) - 1 }).map((offset) => toText(toNumber(base) + offset)),
  );

const isForbidden = (n: number) =>
  FORBIDDEN_V4.some(
    ([base, bits]) => Math.floor(n / 2 ** (32 - bits)) === Math.floor(toNumber(base) / 2 ** (32 - bits)),
  );

const hex = (address: string) => {
  const n = toNumber(address);
  return `${Math.floor(n / 65_536).toString(16)}:${(n % 65_536).toString(16)}`;
};

/** Every way to write an IPv4 address inside of an IPv6 one. */
const disguises: readonly ((address: string) => string)[] = [
  (v4) => `::ffff:${v4}`,
  (v4) => `::ffff:${hex(v4)}`,
  (v4) => `0:0:0:0:0:FFFF:${hex(v4)}`,
  (v4) => `0000:0000:0000:0000:0000:ffff:${v4}`,
  (v4) => `::${v4}`,
  (v4) => `::${hex(v4)}`,
  (v4) => `::ffff:0:${hex(v4)}`,
  (v4) => `64:ff9b::${hex(v4)}`,
  (v4) => `64:ff9b::${v4}`,
  (v4) => `64:ff9b:1::${hex(v4)}`,
  (v4) => `2002:${hex(v4)}::`,
  (v4) => `2002:${hex(v4)}::1`,
  (v4) => `2001:0:${hex(v4)}::1`,
];

describe("targets", () => {
  it("no address of a special range is reached, in whatever form it is written", () => {
    fc.assert(
      fc.property(
        inside,
        fc.constantFrom((v4: string) => v4, ...disguises),
        (address, write) => {
          assert.notEqual(refusalOf(write(address), none), undefined, write(address));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("forms that resolvers and people read differently are refused", () => {
    for (const text of [
      "0x7f.1",
      "2130706433",
      "017700000001",
      "127.1",
      "1.2.3.4.",
      "",
      "localhost",
      "8.8.8.8 ",
      "fe80::1%eth0",
      "[::1]",
      "08.8.8.8",
      "1.2.3.256",
      "::1/128",
    ])
      assert.notEqual(refusalOf(text, none), undefined, text);
  });

  it("every other IPv4 address is public", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (n) => {
        assert.equal(refusalOf(toText(n), none) === undefined, !isForbidden(n), toText(n));
      }),
      { numRuns: 2_000 },
    );
  });

  const v6: readonly (readonly [string, boolean])[] = [
    ["2606:4700:4700::1111", true],
    ["2a00:1450:4001:830::200e", true],
    ["::ffff:8.8.8.8", true],
    ["::", false],
    ["::1", false],
    ["fe80::1", false],
    ["fec0::1", false],
    ["fc00::1", false],
    ["fd00:ec2::254", false],
    ["ff02::1", false],
    ["100::1", false],
    ["2001:db8::1", false],
    ["3fff::1", false],
    ["2001:10::1", false],
    ["2001:20::1", false],
    ["5f00::1", false],
    ["4000::1", false],
  ];
  for (const [address, isPublic] of v6)
    it(`${address} is ${isPublic ? "public" : "refused"}`, () => {
      assert.equal(refusalOf(address, none) === undefined, isPublic);
    });

  it("what was allowed by range may be reached, also when it is mapped into IPv6, and its neighbours may not", () => {
    const { targets, wrong } = parseAllowedTargets([
      "10.1.0.0/16",
      "fd12::/16",
      "127.0.0.1:9000",
      "Hooks.internal:80",
    ]);
    assert.deepEqual(wrong, []);
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"])
      assert.equal(refusalOf(address, targets), undefined);
    for (const address of ["10.2.0.1", "fd13::1", "127.0.0.1"])
      assert.notEqual(refusalOf(address, targets), undefined);
    assert(isAllowedHost(targets, "127.0.0.1", 9_000) && isAllowedHost(targets, "hooks.INTERNAL", 80));
    assert(!isAllowedHost(targets, "127.0.0.1", 9_001) && !isAllowedHost(targets, "hooks.internal", 81));
  });

  it("entries that cannot be read are named", () => {
    assert.deepEqual(
      parseAllowedTargets(["10.0.0.0/99", "host", "http://x:1", "x:1", "10.0.0.1"]).wrong,
      [0, 1, 2, 4],
    );
  });
});
