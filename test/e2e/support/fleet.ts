import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hexlify, toQuantity, Wallet } from "ethers";
import { Redis } from "ioredis";
import { BridgedToken__factory } from "../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { sendTransfer } from "../../../relayer/bridge/adapters/wallet.ts";
import { address, type MessageId } from "../../../relayer/domain/ids.ts";
import { type ChainConfig, chainsOf } from "../../../relayer/domain/network.ts";
import { readKeyFile } from "../../../relayer/platform/key-file.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { Rpc } from "../../../relayer/platform/rpc.ts";
import {
  type LocalNetwork,
  type LocalNetworkOptions,
  startLocalNetwork,
} from "../../../scripts/local/network.ts";
import { repository, type Running } from "../../relayer/support/processes.ts";
import { dchat } from "./cli.ts";

/** How long everything that was sent may take to arrive after the last fault, in milliseconds. */
const ARRIVAL_MILLISECONDS = 60_000;

/** A whole local network under test, with a wallet that sends transfers and a checker that reads both chains. */
export class Fleet {
  readonly local: LocalNetwork;
  readonly home: ChainConfig;
  readonly away: ChainConfig;
  /** Holds everything of it. */
  readonly folder: string;
  readonly #stopping: AbortController;
  readonly #rpcs: ReadonlyMap<string, Rpc>;
  readonly #wallet: Wallet;

  private constructor(local: LocalNetwork, folder: string, stopping: AbortController) {
    const [home, away] = chainsOf(local.network);
    assert(home !== undefined && away !== undefined && local.network.walletKeyFile !== undefined);
    this.local = local;
    local.supervisor.setMaxListeners(local.roles.length + 10); // all of them may be killed at once
    [this.home, this.away] = [home, away];
    this.folder = folder;
    this.#stopping = stopping;
    this.#rpcs = new Map([home, away].map((chain) => [chain.name, new Rpc(chain)]));
    this.#wallet = new Wallet(hexlify(readKeyFile(local.network.walletKeyFile, "the wallet")));
  }

  static async start(
    change: Pick<LocalNetworkOptions, "configure" | "backoff" | "chaos" | "timeScale" | "main"> = {},
  ): Promise<Fleet> {
    const redisServer = process.env["DCHAT_REDIS_SERVER"];
    assert(redisServer !== undefined, 'run the tests with "npm test", which finds a Redis server');
    const folder = mkdtempSync(join(tmpdir(), "dchat-e2e-"));
    const stopping = new AbortController();
    const options = { folder, redisServer, blockSeconds: 0.2, signal: stopping.signal, ...change };
    const services = { onStep: () => undefined, logger: createLogger("silent", {}) };
    return new Fleet(await startLocalNetwork(options, services), folder, stopping);
  }

  async stop(): Promise<void> {
    for (const rpc of this.#rpcs.values()) rpc.close();
    this.#stopping.abort();
    await this.local.supervisor.stop();
    rmSync(this.folder, { recursive: true });
  }

  /**
   * Sends `count` transfers, one after the other, of one token each unless `amount` (in the smallest unit) says otherwise. A node that is being restarted is waited for.
   * @returns their messages
   */
  async send(
    from: ChainConfig,
    to: ChainConfig,
    count: number,
    amount = 10n ** 18n,
  ): Promise<readonly MessageId[]> {
    const token = this.local.network.tokens["DEMO"];
    assert(token !== undefined);
    const rpc = this.#rpc(from);
    const sent: MessageId[] = [];
    for (let i = 0; i < count; i++) {
      const signer = this.#wallet.connect(rpc.provider);
      const request = {
        from,
        to,
        symbol: "DEMO",
        token,
        amount,
        recipient: address.parse(this.#wallet.address),
      };
      const context = { onStep: () => undefined, signal: this.#stopping.signal };
      sent.push((await sendTransfer(request, rpc, signer, context)).messageId);
    }
    return sent;
  }

  /** The command line of dchat, with this fleet's configuration. */
  dchat(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    return dchat(["--config", this.local.networkFile, ...args], env);
  }

  /** What a transfer changes: the wallet's tokens and transactions, and how much both Outboxes have sent. */
  async books(): Promise<readonly (bigint | number)[]> {
    const sides = this.local.network.tokens["DEMO"]?.sides;
    const entries = await Promise.all(
      [this.home, this.away].map(async (chain) => {
        const side = sides?.[chain.name];
        assert(side !== undefined);
        const { provider } = this.#rpc(chain);
        const token = BridgedToken__factory.connect(side.token, provider);
        const outbox = Outbox__factory.connect(chain.outbox, provider);
        const other = chain === this.home ? this.away : this.home;
        return Promise.all([
          token.balanceOf(this.#wallet.address),
          token.allowance(this.#wallet.address, side.bridge),
          provider.getTransactionCount(this.#wallet.address),
          outbox.lanes(other.chainId).then(({ nonce }) => nonce),
        ]);
      }),
    );
    return entries.flat();
  }

  /** Stops a process of the network with SIGSTOP: it stands still as it is, until it is resumed or killed. */
  pause(name: string): void {
    process.kill(this.#pid(name), "SIGSTOP");
  }

  /** Lets a process that was stopped go on. */
  resume(name: string): void {
    process.kill(this.#pid(name), "SIGCONT");
  }

  /** What a process of the network has logged. */
  log(name: string): string {
    return readFileSync(join(this.folder, "logs", `${name}.log`), "utf8");
  }

  /** Puts `blocks` blocks on a chain at once. */
  async mine(chain: ChainConfig, blocks: number): Promise<void> {
    if (blocks > 0) await this.#rpc(chain).provider.send("hardhat_mine", [toQuantity(blocks)]);
  }

  /** Remembers where a chain is. @returns what brings it back there, as a reorganisation does */
  async snapshot(chain: ChainConfig): Promise<() => Promise<void>> {
    const { provider } = this.#rpc(chain);
    const snapshot: unknown = await provider.send("evm_snapshot", []);
    return async () => {
      assert.equal(await provider.send("evm_revert", [snapshot]), true);
    };
  }

  /** The process id of Redis itself; the supervisor knows its guard. */
  async redisPid(): Promise<number> {
    const redis = new Redis(this.local.network.redisUrl);
    const info = await redis.info("server");
    redis.disconnect();
    return Number(/process_id:(\d+)/.exec(info)?.[1] ?? assert.fail(info));
  }

  /** Starts another sender for a chain, as if on another machine: it has the same key, and a disk of its own. */
  async startSecondSender(chain: string): Promise<void> {
    const name = `sender-${chain}-2`;
    const file = join(this.folder, `network-${name}.json`);
    const network: unknown = JSON.parse(
      readFileSync(join(this.folder, `network-sender-${chain}.json`), "utf8"),
    );
    writeFileSync(file, JSON.stringify({ ...Object(network), dataFolder: join(this.folder, name) }));
    const args = ["--config", file, "relayer", "start", "--role", "sender", "--chain", chain];
    const main = join(repository, "relayer/main.ts");
    await this.local.supervisor.start({
      name,
      command: process.execPath,
      args: [main, ...args],
      ready: "line",
    });
  }

  /** Makes Redis refuse all writes, or take them again. */
  async refuseWrites(refuse: boolean): Promise<void> {
    const redis = new Redis(this.local.network.redisUrl);
    await redis.config("SET", "min-replicas-to-write", refuse ? "1" : "0");
    redis.disconnect();
  }

  /** How many messages were sent on the lane from one chain to the other, and how many were accepted there. */
  async progress(from: ChainConfig, to: ChainConfig): Promise<{ sent: bigint; accepted: bigint }> {
    const [sent, accepted] = await Promise.all([
      Outbox__factory.connect(from.outbox, this.#rpc(from).provider).lanes(to.chainId),
      Inbox__factory.connect(to.inbox, this.#rpc(to).provider).lanes(from.chainId),
    ]);
    return { sent: sent.nonce, accepted: accepted.nonce };
  }

  /** Ends a process of the network with SIGKILL and waits until the supervisor has another that is ready. */
  async kill(name: string): Promise<void> {
    const { supervisor } = this.local;
    const pid = this.#pid(name);
    const ready = new Promise<void>((resolve) => {
      const onReady = (child: { name: string; pid: number }) => {
        if (child.name !== name || child.pid === pid) return;
        supervisor.off("ready", onReady);
        resolve();
      };
      supervisor.on("ready", onReady);
    });
    process.kill(pid, "SIGKILL");
    await ready;
  }

  /** Empties Redis, as if its disk had been lost. */
  async wipeRedis(): Promise<void> {
    const redis = new Redis(this.local.network.redisUrl);
    await redis.flushall();
    redis.disconnect();
  }

  /** Waits until every message that was sent is accepted on its other side. */
  async untilAllArrived(): Promise<void> {
    const deadline = Date.now() + ARRIVAL_MILLISECONDS;
    for (;;) {
      const open = await this.#open().catch((error: unknown) => [String(error)]);
      if (open.length === 0) return;
      assert(Date.now() < deadline, `not everything arrived: ${open.join("; ")}\n${this.folder}`);
      await sleep(100);
    }
  }

  /**
   * Reads both chains from their first block and asserts that every message was executed exactly once, in order, and that what
   * is locked at home is what was minted away.
   */
  async assertExactlyOnce(): Promise<void> {
    for (const [from, to] of [
      [this.home, this.away],
      [this.away, this.home],
    ] as const) {
      const outbox = Outbox__factory.connect(from.outbox, this.#rpc(from).provider);
      const inbox = Inbox__factory.connect(to.inbox, this.#rpc(to).provider);
      const sent = await outbox.queryFilter(outbox.filters.LaneAdvanced(to.chainId));
      const executed = await inbox.queryFilter(inbox.filters.MessageExecuted(undefined, from.chainId));
      const failed = await inbox.queryFilter(inbox.filters.MessageFailed(undefined, from.chainId));
      assert.deepEqual(
        executed.map(({ args }) => args.messageId),
        sent.map(({ args }) => args.messageId),
      );
      assert.deepEqual(
        executed.map(({ args }) => args.nonce),
        sent.map((_, i) => BigInt(i + 1)),
      );
      assert.equal(failed.length, 0);
    }
    const sides = this.local.network.tokens["DEMO"]?.sides;
    const [home, away] = [sides?.[this.home.name], sides?.[this.away.name]];
    assert(home !== undefined && away !== undefined);
    const locked = await BridgedToken__factory.connect(home.token, this.#rpc(this.home).provider).balanceOf(
      home.bridge,
    );
    const minted = await BridgedToken__factory.connect(
      away.token,
      this.#rpc(this.away).provider,
    ).totalSupply();
    assert.equal(locked, minted);
  }

  #pid(name: string): number {
    return this.local.supervisor.pid(name) ?? assert.fail(`${name} does not run`);
  }

  /** The lanes on which something is still on its way. */
  async #open(): Promise<readonly string[]> {
    const lanes = [
      [this.home, this.away],
      [this.away, this.home],
    ] as const;
    const states = await Promise.all(
      lanes.map(async ([from, to]) => {
        const { sent, accepted } = await this.progress(from, to);
        return sent === accepted ? [] : [`${from.name} to ${to.name}: ${accepted} of ${sent}`];
      }),
    );
    return states.flat();
  }

  #rpc(chain: ChainConfig): Rpc {
    const rpc = this.#rpcs.get(chain.name);
    assert(rpc !== undefined);
    return rpc;
  }
}
