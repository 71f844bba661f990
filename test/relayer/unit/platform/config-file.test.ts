import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConfigurationError } from "../../../../relayer/domain/errors.ts";
import { providersOf } from "../../../../relayer/domain/network.ts";
import { readNetwork } from "../../../../relayer/platform/config-file.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-config-"));
after(() => {
  rmSync(folder, { recursive: true });
});

const contract = "0x00000000000000000000000000000000000000aa";
const chain = (chainId: number) => ({
  chainId,
  rpcUrl: "http://127.0.0.1:8545",
  finality: { depth: 1 },
  outbox: contract,
  inbox: contract,
  deploymentBlock: 0,
  senderKeyFile: "sender.key",
});
const right = {
  chains: { A: chain(1), B: chain(2) },
  tokens: { DEMO: { decimals: 18, sides: { A: { token: contract, bridge: contract, mode: "lock" } } } },
  redisUrl: "redis://127.0.0.1:6379",
  dataFolder: "data",
  api: { port: 8080 },
};

function read(content: unknown, environment: Record<string, string> = {}) {
  const file = join(folder, "network.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return readNetwork(file, environment);
}

describe("the configuration", () => {
  it("fills in defaults and takes paths relative to the file", () => {
    const network = read(right);
    assert.equal(network.api.host, "127.0.0.1");
    assert.equal(network.dataFolder, join(folder, "data"));
    assert.equal(network.chains["A" as never]?.senderKeyFile, join(folder, "sender.key"));
  });

  it("takes a watchtower's key relative to the file, and does without one", () => {
    const home = { chain: "A", registry: contract, slashing: contract, points: contract };
    const watchtower = { keyFile: "watchtower.key", mostGasPrice: "7" };
    assert.equal(read({ ...right, home }).home?.watchtower, undefined);
    assert.deepEqual(read({ ...right, home: { ...home, watchtower } }).home?.watchtower, {
      keyFile: join(folder, "watchtower.key"),
      mostGasPrice: 7n,
      downtime: "report",
    });
  });

  it("takes accounts whose keys the API gives away with local chains alone, whoever names another", () => {
    const developmentAccounts = { wallet: "wallet.key" };
    const chains = { A: chain(31_337), B: chain(31_338) };
    const network = read({ ...right, chains, developmentAccounts });
    assert.deepEqual(network.developmentAccounts, { wallet: join(folder, "wallet.key") });
    const refused = (content: object, environment: Record<string, string>, key: RegExp) => {
      assert.throws(() => read(content, environment), key);
    };
    refused({ ...right, developmentAccounts }, {}, /chains\.A\.chainId/);
    refused(
      { ...right, chains, developmentAccounts },
      { DCHAT_RPC_URL_B: "https://rpc.example" },
      /chains\.B\.rpcUrl/,
    );
    const api = { host: "0.0.0.0", port: 8080 };
    refused({ ...right, chains, developmentAccounts, api }, {}, /api\.host/);
  });

  it("takes an escrow contract and its keeper with defaults and paths, and refuses a price that is no whole number", () => {
    const withEscrow = (escrow: object) => ({
      ...right,
      chains: { A: { ...chain(1), escrow }, B: chain(2) },
    });
    const { escrow } = read(withEscrow({ contract, keeperKeyFile: "keeper.key", mostGasPrice: "5000000000" }))
      .chains["A" as never] ?? { escrow: undefined };
    assert.deepEqual(
      [escrow?.keeperKeyFile, escrow?.mostGasPrice, escrow?.leastTip],
      [join(folder, "keeper.key"), 5_000_000_000n, 0],
    );
    assert.throws(
      () => read(withEscrow({ contract, mostGasPrice: "1.5" })),
      /chains\.A\.escrow\.mostGasPrice: .*but it is "1\.5"/,
    );
  });

  it("is overridden by the environment, which is checked as well", () => {
    const network = read(right, {
      REDIS_URL: "redis://other:1",
      DATABASE_URL: "postgresql://other/dchat",
      DCHAT_RPC_URL_B: "https://node.example",
      DCHAT_API_PORT: "9000",
      DCHAT_LOG_LEVEL: "debug",
    });
    assert.deepEqual(
      [
        network.redisUrl,
        network.databaseUrl,
        network.chains["B" as never]?.rpcUrl,
        network.api.port,
        network.logLevel,
      ],
      ["redis://other:1", "postgresql://other/dchat", "https://node.example", 9000, "debug"],
    );
    assert.throws(() => read(right, { DCHAT_API_PORT: "many" }), /api\.port/);
    assert.throws(() => read(right, { DATABASE_URL: "mysql://other" }), /databaseUrl/);
  });

  const several = ["https://a.example", "https://b.example", "https://c.example"];
  const withProviders = (change: object) => {
    return { ...right, chains: { A: { ...chain(1), rpcUrl: undefined, ...change }, B: chain(2) } };
  };
  const providersOfA = (network: ReturnType<typeof read>) =>
    providersOf(network.chains["A" as never] ?? { rpcUrl: "" });

  it("takes one provider, or several of which more than half must agree unless it says otherwise", () => {
    assert.deepEqual(providersOfA(read(right)), { urls: ["http://127.0.0.1:8545"], needed: 1 });
    assert.deepEqual(providersOfA(read(withProviders({ rpcUrls: several }))), { urls: several, needed: 2 });
    const all = read(withProviders({ rpcUrls: several, agreement: 3 }));
    assert.deepEqual(providersOfA(all), { urls: several, needed: 3 });
    assert.equal(all.chains["A" as never]?.rpcUrl, several[0], "whoever needs one finds the first");
  });

  it("takes several providers from the environment, with commas between, and keeps how many must agree", () => {
    const environment = { DCHAT_RPC_URL_A: several.join(", ") };
    assert.deepEqual(providersOfA(read(right, environment)), { urls: several, needed: 2 });
    const strict = withProviders({ rpcUrls: ["https://old.example", "https://old2.example"], agreement: 2 });
    assert.deepEqual(providersOfA(read(strict, environment)), { urls: several, needed: 2 });
    assert.throws(
      () => read(strict, { DCHAT_RPC_URL_A: "https://a.example" }),
      /chains\.A\.agreement: expected at most 1, the number of providers, but it is 2/,
    );
  });

  const wrong: [string, unknown, RegExp][] = [
    ["no provider", withProviders({}), /chains\.A\.rpcUrl: expected the URL of a provider, or several/],
    [
      "both forms of providers",
      withProviders({ rpcUrl: several[0], rpcUrls: several }),
      /chains\.A\.rpcUrls: expected either rpcUrl or rpcUrls, not both/,
    ],
    [
      "an empty list of providers",
      withProviders({ rpcUrls: [] }),
      /chains\.A\.rpcUrls: expected at least one URL/,
    ],
    [
      "a provider that is listed twice",
      withProviders({ rpcUrls: [several[0], several[0]] }),
      /chains\.A\.rpcUrls: expected each URL once/,
    ],
    [
      "a provider that is no URL",
      withProviders({ rpcUrls: [several[0], "ftp://b"] }),
      /chains\.A\.rpcUrls\.1: expected a URL that begins with http.*but it is "ftp:\/\/b"/,
    ],
    [
      "an agreement of more than there are",
      withProviders({ rpcUrls: several, agreement: 4 }),
      /chains\.A\.agreement: expected at most 3, the number of providers, but it is 4/,
    ],
    [
      "an agreement of none",
      withProviders({ rpcUrls: several, agreement: 0 }),
      /chains\.A\.agreement: expected a whole number from 1 on/,
    ],
    ["no JSON", "{", /cannot be read as a JSON object.*npm start/s],
    ["a missing key", { ...right, redisUrl: undefined }, /redisUrl: .*, but it is missing/],
    ["a mistyped key", { ...right, redisUrI: "x" }, /redisUrI: /],
    ["a wrong URL", { ...right, redisUrl: "http://x" }, /redisUrl: .*but it is "http:\/\/x"/],
    ["one chain", { ...right, chains: { A: chain(1) } }, /chains: expected at least two chains/],
    [
      "two chains with one id",
      { ...right, chains: { A: chain(1), B: chain(1) } },
      /chains: expected a different chainId/,
    ],
    [
      "a chain id of text",
      { ...right, chains: { A: { ...chain(1), chainId: "1" }, B: chain(2) } },
      /chains\.A\.chainId: .*but it is "1"/,
    ],
    [
      "a malformed address",
      { ...right, chains: { A: { ...chain(1), inbox: "0x12" }, B: chain(2) } },
      /chains\.A\.inbox: expected an address.*but it is "0x12"/,
    ],
    [
      "a finality of neither kind",
      { ...right, chains: { A: { ...chain(1), finality: { depth: -1 } }, B: chain(2) } },
      /chains\.A\.finality/,
    ],
    [
      "a token on an unknown chain",
      {
        ...right,
        tokens: { X: { decimals: 1, sides: { C: { token: contract, bridge: contract, mode: "mint" } } } },
      },
      /tokens\.X\.sides\.C: expected one of the chains A, B/,
    ],
  ];
  for (const [what, content, message] of wrong)
    it(`with ${what} is refused, naming the key, what was found and what is right`, () => {
      assert.throws(
        () => read(content),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });

  it("does not repeat passwords", () => {
    assert.throws(
      () => read({ ...right, redisUrl: "amqp://user:secret@host" }),
      (error) => error instanceof ConfigurationError && !error.message.includes("secret"),
    );
  });
});
