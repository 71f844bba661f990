import { setTimeout as sleep } from "node:timers/promises";
import type { Interface } from "ethers";
import { z } from "zod";
import { Inbox__factory } from "../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import type { RpcNode } from "./rpc-node.ts";

/** How often both chains are looked at: what a time can be wrong by, on either side alike. */
const LOOK_MILLISECONDS = 20;

const logs = z.array(
  z.object({ topics: z.array(z.string()), transactionHash: z.string(), blockNumber: z.string() }),
);
const receipt = z.object({ gasUsed: z.string() });

/** One event of one contract, as it appears on its chain. */
class Follower {
  /** When each message was first seen, and how often. */
  readonly seen = new Map<string, { readonly at: number; times: number }>();
  /** The transactions with the events, in order. */
  readonly transactions = new Set<string>();
  readonly #node: RpcNode;
  readonly #address: string;
  readonly #topic: string;
  readonly #idTopic: number;
  #next = 0;

  constructor(node: RpcNode, address: string, abi: Interface, event: string, idTopic: number) {
    const fragment = abi.getEvent(event);
    if (fragment === null) throw new Error(`no event ${event}`);
    this.#node = node;
    this.#address = address;
    this.#topic = fragment.topicHash;
    this.#idTopic = idTopic;
  }

  async look(): Promise<void> {
    const newest = Number(await this.#node.request("eth_blockNumber", []));
    if (newest < this.#next) return;
    const [fromBlock, toBlock] = [this.#next, newest].map((block) => `0x${block.toString(16)}`);
    const filter = { address: this.#address, topics: [this.#topic], fromBlock, toBlock };
    const found = logs.parse(await this.#node.request("eth_getLogs", [filter]));
    const at = performance.now();
    for (const { topics, transactionHash } of found) {
      this.transactions.add(transactionHash);
      const id = topics[this.#idTopic];
      const known = id === undefined ? undefined : this.seen.get(id);
      if (known !== undefined) known.times++;
      else if (id !== undefined) this.seen.set(id, { at, times: 1 });
    }
    this.#next = newest + 1;
  }
}

/** Sees every message leave one chain and be executed on the other, by the contracts' own logs. */
export class Observer {
  readonly #sent: Follower;
  readonly #executed: Follower;
  readonly #destination: RpcNode;
  /** What was there when the phase began. */
  #before = { sent: 0, executed: 0, transactions: 0 };

  constructor(origin: RpcNode, outbox: string, destination: RpcNode, inbox: string) {
    const [out, into] = [Outbox__factory.createInterface(), Inbox__factory.createInterface()];
    this.#sent = new Follower(origin, outbox, out, "MessageSent", 1);
    this.#executed = new Follower(destination, inbox, into, "MessageExecuted", 1);
    this.#destination = destination;
  }

  /** Begins a phase: what was seen before does not count. */
  async begin(): Promise<void> {
    await Promise.all([this.#sent.look(), this.#executed.look()]);
    const { seen, transactions } = this.#executed;
    this.#before = { sent: this.#sent.seen.size, executed: seen.size, transactions: transactions.size };
  }

  /**
   * Watches until `count` messages of this phase have been executed.
   * @throws Error when nothing was executed for `patience` milliseconds
   */
  async until(count: number, patience: number, onProgress: (executed: number) => void): Promise<void> {
    let [last, since] = [-1, performance.now()];
    for (;;) {
      await Promise.all([this.#sent.look(), this.#executed.look()]);
      const executed = this.#executed.seen.size - this.#before.executed;
      if (executed !== last) [last, since] = [executed, performance.now()];
      onProgress(executed);
      if (executed >= count) return;
      if (performance.now() - since > patience)
        throw new Error(`${executed} of ${count} messages arrived, and then none for ${patience / 1_000} s`);
      await sleep(LOOK_MILLISECONDS);
    }
  }

  /** For each message of the phase, from its log on the origin to its receipt on the destination, in milliseconds. */
  latencies(): readonly number[] {
    return this.#phase().map(([id, { at }]) => (this.#executed.seen.get(id)?.at ?? Infinity) - at);
  }

  /** From the first log on the origin to the last receipt, in milliseconds. */
  duration(): number {
    const phase = this.#phase();
    const ends = phase.map(([id]) => this.#executed.seen.get(id)?.at ?? Infinity);
    return Math.max(...ends) - Math.min(...phase.map(([, { at }]) => at));
  }

  /** Messages that were sent and never executed, and executions beyond the first, since the start of all. */
  account(): { readonly lost: number; readonly doubled: number } {
    const executed = [...this.#executed.seen.values()];
    return {
      lost: [...this.#sent.seen.keys()].filter((id) => !this.#executed.seen.has(id)).length,
      doubled: executed.reduce((sum, { times }) => sum + times - 1, 0),
    };
  }

  /** What the phase's deliveries took for each of their messages: gas, and time from one delivery to the next. */
  async costs() {
    const deliveries = [...this.#executed.transactions].slice(this.#before.transactions);
    let gas = 0;
    for (const hash of deliveries) {
      const found: unknown = await this.#destination.request("eth_getTransactionReceipt", [hash]);
      gas += Number(receipt.parse(found).gasUsed);
    }
    const times = [...this.#executed.seen.values()].slice(this.#before.executed).map(({ at }) => at);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const messages = times.length;
    return {
      messages,
      gasPerMessage: gas / messages,
      messagesPerDelivery: messages / deliveries.length,
      millisecondsPerMessage: (last - first) / times.filter((at) => at > first).length,
    };
  }

  #phase() {
    return [...this.#sent.seen].slice(this.#before.sent);
  }
}
