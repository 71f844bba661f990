import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { AddressesInput } from "../../../../relayer/domain/addresses-file.ts";
import { readNetwork } from "../../../../relayer/platform/config-file.ts";
import type { Raw } from "../../../../relayer/platform/json-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-with-deployment-"));
after(() => {
  rmSync(folder, { recursive: true });
});

const at = (digit: string) => `0x${"0".repeat(39)}${digit}`;
const contracts = (keys: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(keys).map(([key, address]) => [key, { contract: key, address }]));
const side = (mode: "lock" | "mint") => ({ token: at("7"), bridge: at("8"), mode });
const addresses: AddressesInput = {
  name: "testnet",
  deployer: at("9"),
  home: "A",
  isComplete: true,
  chains: {
    A: {
      ...{ chainId: 1, deploymentBlock: 5, hasBls: true },
      contracts: contracts({
        ...{ outbox: at("1"), inbox: at("2"), witness: at("3") },
        ...{ registry: at("4"), slashing: at("5"), points: at("6"), escrow: at("b") },
      }),
    },
    B: {
      chainId: 2,
      deploymentBlock: 6,
      hasBls: true,
      contracts: contracts({ outbox: at("1"), inbox: at("2"), witness: at("3") }),
    },
    C: {
      chainId: 3,
      deploymentBlock: 7,
      hasBls: true,
      contracts: contracts({ outbox: at("1"), inbox: at("2"), witness: at("3") }),
    },
  },
  tokens: { ETH: { decimals: 18, sides: { A: side("lock"), B: side("mint"), C: side("mint") } } },
};

const chain = { rpcUrl: "http://127.0.0.1:8545", finality: { depth: 1 }, senderKeyFile: "sender.key" };
const written: Raw = {
  deployment: "addresses.json",
  chains: { A: chain, B: chain },
  redisUrl: "redis://127.0.0.1:6379",
  dataFolder: "data",
  api: { port: 8080 },
};

function read(change: Raw = {}, known: unknown = addresses) {
  writeFileSync(join(folder, "addresses.json"), JSON.stringify(known));
  const file = join(folder, "network.json");
  writeFileSync(file, JSON.stringify({ ...written, ...change }));
  return readNetwork(file, {});
}

describe("a configuration that names its deployment", () => {
  it("takes addresses, chain ids and first blocks from there", () => {
    const { chains, home, tokens } = read();
    const [a, b] = Object.values(chains);
    assert.deepEqual(
      [a?.chainId, a?.deploymentBlock, a?.outbox, a?.inbox, a?.witness, a?.escrow?.contract],
      [1, 5, at("1"), at("2"), at("3"), at("b")],
    );
    assert.deepEqual([b?.chainId, b?.escrow], [2, undefined]);
    assert.deepEqual(home, { chain: "A", registry: at("4"), slashing: at("5"), points: at("6") });
    assert.deepEqual(
      tokens["ETH"]?.sides,
      { A: side("lock"), B: side("mint") },
      "chain C is not served here",
    );
  });

  it("adds what only the configuration knows", () => {
    const escrow = { keeperKeyFile: "keeper.key", leastTip: 5 };
    const network = read({
      chains: { A: { ...chain, escrow }, B: chain },
      home: { watchtower: { keyFile: "w.key" } },
    });
    assert.equal(Object.values(network.chains)[0]?.escrow?.keeperKeyFile, join(folder, "keeper.key"));
    assert.deepEqual(
      [network.home?.registry, network.home?.watchtower?.keyFile],
      [at("4"), join(folder, "w.key")],
    );
  });

  it("may repeat what the deployment says, in whatever case, and must not contradict it", () => {
    const repeated = read({ chains: { A: { ...chain, outbox: at("1"), chainId: 1 }, B: chain } });
    assert.equal(Object.values(repeated.chains)[0]?.outbox, at("1"));
    const refused = (change: Raw, key: string) => {
      assert.throws(() => read(change), { code: "DEPLOYMENT", message: new RegExp(`says ${key} is `) });
    };
    refused({ chains: { A: { ...chain, outbox: at("e") }, B: chain } }, "chains.A.outbox");
    refused({ chains: { A: { ...chain, deploymentBlock: 50 }, B: chain } }, "chains.A.deploymentBlock");
    refused({ chains: { A: { ...chain, chainId: 11 }, B: chain } }, "chains.A.chainId");
    refused({ home: { chain: "B" } }, "home.chain");
    refused({ tokens: { ETH: { decimals: 6 } } }, "tokens.ETH.decimals");
  });

  it("says which file is missing or wrong", () => {
    assert.throws(
      () => read({ deployment: "nowhere.json" }),
      /The addresses file .*nowhere\.json cannot be read/,
    );
    assert.throws(
      () => read({}, { ...addresses, deployer: "me" }),
      /The addresses in .*addresses\.json[^]*deployer/,
    );
  });

  it("leaves chains alone that the deployment does not have", () => {
    const other = { ...chain, ...{ chainId: 9, outbox: at("1"), inbox: at("2"), deploymentBlock: 0 } };
    assert.equal(read({ chains: { A: chain, D: other } }).chains["D" as never]?.chainId, 9);
  });
});
