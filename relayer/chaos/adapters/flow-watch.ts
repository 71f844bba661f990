import { setTimeout as sleep } from "node:timers/promises";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { type CheckedChain, CheckedNode } from "./checker/node.ts";

/** How often the chains are looked at: what a time can be wrong by, in milliseconds. */
const LOOK_MILLISECONDS = 200;

const eventOf = (found: { readonly topicHash: string } | null) => {
  if (found === null) throw new Error("the contract has no such event");
  return found.topicHash;
};
const SENT = eventOf(Outbox__factory.createInterface().getEvent("MessageSent"));
const EXECUTED = eventOf(Inbox__factory.createInterface().getEvent("MessageExecuted"));

/** What crosses between the chains at one moment. Times in milliseconds. */
export type Flow = {
  /** Executed a second, over the window that was asked for. */
  readonly throughput: number;
  /** From seeing it sent to seeing it executed, for 95 of 100 that were executed in the window; 0 where none was. */
  readonly latencyP95: number;
};

/** One event as the chains show it: when it was first seen, and in which block it is; undefined while no block has it any more. */
type Seen = { readonly at: number; readonly node: CheckedNode; readonly block: number | undefined };

/**
 * Sees messages leave one chain and be executed on another, as both chains' logs show it, by connections of its own past every proxy.
 * What a chain shows again after a reorganisation counts from when it was first seen; a message that it does not show any more is not on its way.
 */
export class FlowWatch implements AsyncDisposable {
  readonly #nodes: readonly CheckedNode[];
  readonly #next = new Map<CheckedNode, number>();
  readonly #sent = new Map<string, Seen>();
  readonly #executed = new Map<string, Seen>();
  readonly #ending = new AbortController();
  #looking: Promise<void> = Promise.resolve();

  private constructor(chains: readonly CheckedChain[]) {
    this.#nodes = chains.map((chain) => new CheckedNode(chain));
  }

  /** Begins to watch: what was sent before does not count. @throws RetryableError `RPC` */
  static async start(chains: readonly CheckedChain[]): Promise<FlowWatch> {
    const watch = new FlowWatch(chains);
    for (const node of watch.#nodes) watch.#next.set(node, (await node.newest()).number + 1);
    watch.#looking = watch.#keepLooking();
    return watch;
  }

  /** How many were seen to be sent before a moment (Unix milliseconds), and are not executed yet. */
  inFlight(sentBefore = Infinity): number {
    return [...this.#sent].filter(
      ([id, { at, block }]) => at < sentBefore && block !== undefined && !this.#executed.has(id),
    ).length;
  }

  /** @param windowMilliseconds how far back is looked for what goes on */
  flow(windowMilliseconds: number): Flow {
    const since = Date.now() - windowMilliseconds;
    const done = [...this.#executed].flatMap(([id, { at }]) => {
      const sent = this.#sent.get(id);
      return sent === undefined || at < since ? [] : [at - sent.at];
    });
    const sorted = done.toSorted((a, b) => a - b);
    return {
      throughput: (done.length * 1_000) / windowMilliseconds,
      latencyP95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
    };
  }

  /** When the first message after a moment was executed (Unix milliseconds); undefined while none was. */
  firstExecutedAfter(moment: number): number | undefined {
    let first: number | undefined;
    for (const { at } of this.#executed.values())
      if (at > moment && (first === undefined || at < first)) first = at;
    return first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#looking;
    for (const node of this.#nodes) node.close();
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      // A node that is down shows nothing for now; what it has is seen once it is back.
      await Promise.allSettled(this.#nodes.map((node) => this.#look(node)));
      await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(node: CheckedNode): Promise<void> {
    const { number: newest } = await node.newest();
    const from = Math.min(this.#next.get(node) ?? 0, newest + 1);
    if (newest < from) {
      this.#forget(node, newest);
      this.#next.set(node, from);
      return;
    }
    const { outbox, inbox } = node.chain;
    const filter = { address: [outbox, inbox], topics: [[SENT, EXECUTED]], fromBlock: from, toBlock: newest };
    const logs = await node.ask("eth_getLogs", () => node.provider.getLogs(filter));
    const now = Date.now();
    for (const { topics, blockNumber: block } of logs) {
      const [kind, id = ""] = topics;
      const seen = kind === SENT ? this.#sent : this.#executed;
      seen.set(id, { at: seen.get(id)?.at ?? now, node, block });
    }
    this.#next.set(node, newest + 1);
  }

  /** What was sent above a chain's newest block has vanished with its block. */
  #forget(node: CheckedNode, newest: number): void {
    for (const [id, seen] of this.#sent)
      if (seen.node === node && (seen.block ?? -1) > newest)
        this.#sent.set(id, { ...seen, block: undefined });
  }
}
