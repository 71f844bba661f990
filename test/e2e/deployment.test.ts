import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hexlify, parseEther, Wallet } from "ethers";
import getPort from "get-port";
import { BridgedToken__factory } from "../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { WrappedNative__factory } from "../../types/ethers-contracts/factories/mocks/WrappedNative__factory.ts";
import type { ChildSpec } from "../../relayer/platform/child.ts";
import { asRecord } from "../../relayer/platform/json-settings.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { prepareRedisServer } from "../../relayer/platform/redis-server.ts";
import { Supervisor } from "../../relayer/platform/supervisor.ts";
import { CHAINS, type RunningChain, startChain } from "../../scripts/local/chains.ts";
import { roleSpec } from "../../scripts/local/role-specs.ts";
import { Anvil } from "../relayer/support/anvil.ts";
import { Deployer, RICH } from "../relayer/support/deployer.ts";
import { posing } from "../relayer/support/deployment-file.ts";
import { type Ended, repository } from "../relayer/support/processes.ts";
import { jsonOf } from "./support/cli.ts";

/** What the deployment's token is: the native currency of A. */
const LIMIT = { capacity: "1000", windowSeconds: 3_600 };
const ETH = {
  name: "Ether of A",
  decimals: 18,
  origin: "A",
  locks: "native",
  limits: { all: LIMIT, lane: LIMIT },
  delayFrom: "100",
};

const succeeded = (ended: Ended): Record<string, unknown> => {
  assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr}`);
  return asRecord(jsonOf(ended));
};

describe("a bridge between a Hardhat node and an anvil, deployed by the command line", () => {
  it("has validators join between two runs, and carries a transfer each way with a whole fleet", async (test) => {
    const redisServer = process.env["DCHAT_REDIS_SERVER"];
    assert(redisServer !== undefined, 'run the tests with "npm test", which finds a Redis server');
    await using b = await Anvil.start({ chainId: 31_338, blockSeconds: 1 });
    const apiPort = await getPort({ host: "127.0.0.1" });
    using deployer = new Deployer({});
    const { folder } = deployer;
    const supervisor = new Supervisor(
      { logFolder: join(folder, "logs"), signal: test.signal, env: process.env },
      { logger: createLogger("silent", {}) },
    );
    try {
      const start = (spec: ChildSpec) => supervisor.start(spec);
      const redis = await prepareRedisServer({
        binary: redisServer,
        folder: join(folder, "redis"),
        guard: [process.execPath, join(repository, "scripts/guard.ts")],
      });
      const [a] = await Promise.all([
        startChain(CHAINS[0], { folder, blockSeconds: 0.2 }, start),
        start(redis.spec),
      ]);
      const wallet = await prepareAccounts(a, b, deployer);
      const providers = { DCHAT_RPC_URL_A: a.provider._getConnection().url, DCHAT_RPC_URL_B: b.url };
      const key = { ...providers, CI: "true", DCHAT_DEPLOYER_KEY: deployer.wallet.privateKey };

      assert.equal(succeeded(await deployer.deploy("run", key))["isComplete"], false);
      const network = writeNetwork(deployer, { redisUrl: redis.url, apiPort, ...providers });
      const dchat = async (...args: readonly string[]) =>
        succeeded(await deployer.command("--config", network, ...args));
      for (const i of deployer.validators.keys())
        await dchat(
          "validator",
          "register",
          "--key-file",
          join(folder, `operator-${i}.key`),
          "--signer-key-file",
          join(folder, `validator-${i}.key`),
        );
      await dchat("validator", "rotate", "--key-file", join(folder, "operator-0.key"));
      assert.equal(succeeded(await deployer.deploy("run", key))["isComplete"], true);
      assert.equal(succeeded(await deployer.deploy("check", providers))["healthy"], true);

      const role = (name: string, ...options: readonly string[]) =>
        start(roleSpec({ networkFile: network }, name, ...options));
      await Promise.all([
        ...["A", "B"].flatMap((chain) =>
          ["watcher", "sender"].map((kind) => role(`${kind}-${chain}`, "--role", kind, "--chain", chain)),
        ),
        ...deployer.validators.map((_, i) =>
          role(`signer-${i}`, "--role", "signer", "--key-file", join(folder, `validator-${i}.key`)),
        ),
        role("api", "--role", "api"),
      ]);
      const there = await dchat("transfer", "--from", "A", "--to", "B", "--amount", "1", "--token", "ETH");
      assert.equal(there["state"], "delivered");
      const minted = BridgedToken__factory.connect(deployer.at("B", "token.ETH"), b.provider);
      assert.equal(await minted.balanceOf(wallet), parseEther("1"));
      const recipient = Wallet.createRandom().address;
      const back = await dchat(
        "transfer",
        "--from",
        "B",
        "--to",
        "A",
        "--amount",
        "0.4",
        "--token",
        "ETH",
        "--recipient",
        recipient,
      );
      assert.equal(back["state"], "delivered");
      assert.equal(await a.provider.getBalance(recipient), parseEther("0.4"), "paid in A's own currency");
      assert.equal(await minted.totalSupply(), parseEther("0.6"));
      assert.equal(succeeded(await deployer.command("--config", network, "doctor"))["healthy"], true);
    } finally {
      await supervisor.stop();
    }
  });
});

/**
 * Gives everybody money, puts a token on A that wraps its currency, and writes keys and the deployment file.
 * @returns the wallet that transfers, which has some of that token
 */
async function prepareAccounts(a: RunningChain, b: Anvil, deployer: Deployer): Promise<string> {
  const rich = await a.provider.getSigner(0);
  const wrapped = await new WrappedNative__factory(rich).deploy();
  await wrapped.waitForDeployment();
  const wallet = Wallet.createRandom();
  const sender = Wallet.createRandom();
  const accounts = [deployer.wallet, wallet, sender, ...deployer.validators.map(({ operator }) => operator)];
  for (const { address } of accounts) {
    await (await rich.sendTransaction({ to: address, value: RICH })).wait();
    await b.fund(address, RICH);
  }
  const mine = wrapped.connect(wallet.connect(a.provider));
  await (await mine.deposit({ value: parseEther("2") })).wait();
  const write = (name: string, secret: string) => {
    writeFileSync(join(deployer.folder, `${name}.key`), `${secret}\n`, { mode: 0o600 });
  };
  write("wallet", wallet.privateKey);
  write("sender", sender.privateKey);
  for (const [i, { operator, secret }] of deployer.validators.entries()) {
    write(`operator-${i}`, operator.privateKey);
    write(`validator-${i}`, hexlify(secret));
  }
  const file = posing("development");
  const chains = asRecord(file["chains"]);
  const home = { ...asRecord(chains["A"]), wrappedNative: await wrapped.getAddress() };
  deployer.write({ ...file, chains: { ...chains, A: home }, tokens: { ETH } });
  return wallet.address;
}

type Places = {
  readonly redisUrl: string;
  readonly apiPort: number;
  readonly DCHAT_RPC_URL_A: string;
  readonly DCHAT_RPC_URL_B: string;
};

/** The fleet's configuration: everything that the deployment does not know. */
function writeNetwork(deployer: Deployer, { redisUrl, apiPort, ...providers }: Places): string {
  const chain = (rpcUrl: string) => ({
    rpcUrl,
    finality: { depth: 1 },
    pollMilliseconds: 200,
    senderKeyFile: "sender.key",
  });
  const file = join(deployer.folder, "network.json");
  const network = {
    deployment: "addresses.json",
    chains: { A: chain(providers.DCHAT_RPC_URL_A), B: chain(providers.DCHAT_RPC_URL_B) },
    ...{ redisUrl, dataFolder: "data", api: { port: apiPort }, walletKeyFile: "wallet.key" },
    redriveMilliseconds: 3_000,
  };
  writeFileSync(file, JSON.stringify(network));
  return file;
}
