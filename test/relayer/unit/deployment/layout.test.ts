import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { address, chainName } from "../../../../relayer/domain/ids.ts";
import { placeOf } from "../../../../relayer/deployment/core/create3.ts";
import { type ChainLayout, layoutOf } from "../../../../relayer/deployment/core/layout.ts";
import { tokenSides } from "../../../../relayer/deployment/core/tokens.ts";
import { testnets } from "../../support/deployment-file.ts";

const names = ["sepolia", "base_sepolia", "op_sepolia"].map((name) => chainName.parse(name));
const all = layoutOf(testnets(), new Set(names));
const keysOf = ({ contracts }: ChainLayout) => contracts.map(({ key }) => key);

describe("the layout of a deployment", () => {
  it("names each contract of a chain once, behind everything that its constructor needs", () => {
    for (const { contracts } of [...all, ...layoutOf(testnets(), new Set())]) {
      const before = new Set<string>();
      for (const { key, needs } of contracts) {
        assert(!before.has(key), key);
        for (const need of needs) assert(before.has(need), `${key} needs ${need}`);
        before.add(key);
      }
    }
  });

  it("never lets a contract of the first stage need one of the second", () => {
    for (const { contracts } of all) {
      const later = contracts.filter(({ stage }) => stage === "lane").map(({ key }) => key);
      const early = contracts.filter(({ stage }) => stage === "foundation").flatMap(({ needs }) => needs);
      assert.deepEqual(
        early.filter((need) => later.includes(need)),
        [],
      );
    }
  });

  it("puts the registry at home alone, and leaves out what checks BLS where a chain cannot", () => {
    const some = layoutOf(testnets(), new Set(names.slice(0, 1)));
    for (const chain of some) {
      assert.equal(keysOf(chain).includes("registry"), chain.isHome);
      assert.equal(keysOf(chain).includes("blsSets"), chain.name === names[0]);
    }
  });

  it("locks a token where it was born and mints it elsewhere", () => {
    const sides = tokenSides(testnets(), all)["ETH"]?.sides ?? {};
    assert.deepEqual(
      Object.entries(sides).map(([name, { mode }]) => [name, mode]),
      [
        ["sepolia", "lock"],
        ["base_sepolia", "mint"],
        ["op_sepolia", "mint"],
      ],
    );
    assert.equal(sides["sepolia"]?.token, "0xfFf9976782d46CC05630D1f6eBAb18b2324d6B14");
  });

  it("gives each contract an address of its own, the same on every chain, with or without BLS", () => {
    const [home, ...others] = all.map(({ contracts }) => contracts);
    assert(home !== undefined);
    assert.equal(new Set(home.map(({ address: at }) => at)).size, home.length);
    const without = layoutOf(testnets(), new Set()).map(({ contracts }) => contracts);
    const places = new Map(home.map(({ key, address: at }) => [key, at]));
    for (const contracts of [...others, ...without])
      for (const { key, address: at } of contracts) assert.equal(at, places.get(key) ?? at, key);
  });

  it("moves everything when the deployer, the name or the salt is another", () => {
    const addresses = (change: object) =>
      layoutOf(testnets({ ...change }), new Set(names)).flatMap(({ contracts }) =>
        contracts.map(({ address: at }) => at),
      );
    const before = new Set(addresses({}));
    for (const change of [{ salt: 2 }, { name: "other" }, { deployer: `0x${"9".repeat(40)}` }])
      for (const at of addresses(change)) assert(!before.has(at), JSON.stringify(change));
  });
});

describe("places by CREATE3", () => {
  it("begin their salt with the deployer and a zero, by which CreateX serves nobody else and takes no chain id in", () => {
    const anyAddress = fc
      .uint8Array({ minLength: 20, maxLength: 20 })
      .map((bytes) => address.parse(`0x${Buffer.from(bytes).toString("hex")}`));
    fc.assert(
      fc.property(anyAddress, fc.string(), (deployer, name) => {
        const { salt } = placeOf(deployer, name);
        assert.equal(salt.slice(0, 44), `${deployer.toLowerCase()}00`);
        assert.equal(salt.length, 66);
      }),
    );
  });
});
