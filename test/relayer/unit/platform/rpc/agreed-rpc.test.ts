import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Registry } from "prom-client";
import { RetryableError } from "../../../../../relayer/domain/errors.ts";
import type { DomainEvent } from "../../../../../relayer/domain/events.ts";
import { createRpcMetrics } from "../../../../../relayer/platform/rpc/metrics.ts";
import { Rpc } from "../../../../../relayer/platform/rpc.ts";
import { chainWith, FakeNode, nodeError } from "../../../support/fake-node.ts";
import { ManualClock } from "../../../support/fakes.ts";

const CONTRACT = "0x00000000000000000000000000000000000000aa";
const truth = [3, 50, 51].map((block) => ({ block, topics: [`0x${"11".repeat(32)}`], data: "0x0badc0de" }));

/** A chain of `count` nodes with 100 blocks and three logs, and what its reader told. */
function chainOf(count: number, agreement?: number) {
  const nodes = Array.from({ length: count }, () => {
    const node = new FakeNode(100);
    node.logs = truth;
    return node;
  });
  const events: DomainEvent[] = [];
  const clock = new ManualClock();
  const registry = new Registry();
  const config = chainWith(count, agreement === undefined ? {} : { agreement });
  let next = 0;
  const rpc = new Rpc(config, {
    clock,
    emit: (event) => events.push(event),
    metrics: createRpcMetrics(registry),
    connect: () => nodes[next++] ?? new FakeNode(0),
  });
  return { rpc, nodes, events, clock, registry };
}

const logsOf = (rpc: Rpc) => rpc.agreed.getLogs({ address: CONTRACT, fromBlock: 0, toBlock: 90 });
const fails = (code: string) => (error: unknown) => error instanceof RetryableError && error.code === code;
const hang = () => new Promise<never>(() => undefined);

type Fault = (node: FakeNode) => void;
/** What a provider may do wrong. */
const faults: Record<string, Fault> = {
  "forges a log": (node) => (node.logs = [...truth, { block: 60, topics: [], data: "0x" }]),
  "leaves a log out": (node) => (node.logs = truth.slice(1)),
  "changes a log": (node) => (node.logs = truth.map((log) => ({ ...log, data: "0xbad0" }))),
  "has another chain": (node) =>
    (node.twist = (method, params, honest) =>
      method === "eth_getBlockByNumber" ? node.block(Number(params[0]), "'") : honest()),
  "claims blocks that do not exist": (node) => (node.newest = 1_000_000),
  lags: (node) => (node.newest = 40),
  hangs: (node) => (node.twist = hang),
  fails: (node) =>
    (node.twist = () => {
      throw new Error("connection refused");
    }),
  "answers nonsense": (node) => (node.twist = () => "nonsense"),
  "lies about state": (node) => (node.call = () => "0x02"),
};

describe("reading through several providers", () => {
  it("gives the honest answer or none while a minority does whatever it likes", async () => {
    const setting = fc.integer({ min: 2, max: 5 }).chain((count) => {
      const needed = Math.floor(count / 2) + 1;
      return fc.record({
        count: fc.constant(count),
        wrong: fc.array(fc.constantFrom(...Object.keys(faults)), { maxLength: count - needed }),
        first: fc.boolean(),
      });
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ count, wrong, first }) => {
        const { rpc, nodes } = chainOf(count);
        wrong.forEach((fault, i) => faults[fault]?.(nodes.at(first ? i : -1 - i) ?? new FakeNode(0)));
        const logs = await logsOf(rpc);
        assert.deepEqual(
          logs.map(({ blockNumber, data }) => [blockNumber, data]),
          truth.map(({ block, data }) => [block, data]),
        );
        assert.equal(await rpc.agreed.call({ to: CONTRACT, data: "0x" }), "0x01");
        // A laggard that answers first counts once; as soon as the others have spoken, it does not hold them back.
        await rpc.finalBlock();
        await new Promise(setImmediate);
        assert.equal(await rpc.finalBlock(), 100);
      }),
      { numRuns: 300 },
    );
  });

  it("never gives what fewer than the needed providers share, however many are wrong", async () => {
    const names = Object.keys(faults).filter((name) => name !== "hangs");
    const setting = fc.integer({ min: 2, max: 5 }).chain((count) =>
      fc.record({
        needed: fc.integer({ min: Math.floor(count / 2) + 1, max: count }),
        wrong: fc.array(fc.option(fc.constantFrom(...names), { nil: undefined }), {
          minLength: count,
          maxLength: count,
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(setting, async ({ needed, wrong }) => {
        const { rpc, nodes } = chainOf(wrong.length, needed);
        wrong.forEach((fault, i) => {
          if (fault !== undefined) faults[fault]?.(nodes[i] ?? new FakeNode(0));
        });
        const logs = await logsOf(rpc).catch((error: unknown) => {
          assert(error instanceof RetryableError, String(error));
        });
        if (logs === undefined) return;
        const isTrue = logs.length === truth.length && logs.every(({ data }) => data === "0x0badc0de");
        const shares = (fault: string) =>
          fault === "lies about state" || fault === "claims blocks that do not exist";
        const votes = new Map<string, number>();
        for (const fault of wrong) {
          const view = fault === undefined || shares(fault) ? "true" : fault;
          votes.set(view, (votes.get(view) ?? 0) + 1);
        }
        const most = Math.max(...votes.values());
        assert(most >= needed, "nobody shared this");
        if ((votes.get("true") ?? 0) >= needed) assert(isTrue);
      }),
      { numRuns: 300 },
    );
  });

  it("fails closed when two of three lie differently, says who said what without keys, and counts it", async () => {
    const { rpc, nodes, events, registry } = chainOf(3);
    const [one, two] = nodes;
    assert(one !== undefined && two !== undefined);
    faults["forges a log"]?.(one);
    faults["leaves a log out"]?.(two);
    await assert.rejects(logsOf(rpc), (error) => {
      assert(error instanceof RetryableError);
      assert.equal(error.code, "RPC_DISAGREEMENT");
      assert.match(error.message, /node-1\.example\/… said 4 logs .*node-2\.example\/… said 2 logs/);
      assert(!error.message.includes("/key"));
      return true;
    });
    const [event] = events;
    assert(event?.kind === "rpc-no-agreement");
    assert.deepEqual([event.reason, event.needed, event.answers.length], ["disagreement", 2, 3]);
    assert.match(
      await registry.metrics(),
      /dchat_rpc_disagreements_total{chain="T",provider="http:\/\/node-1\.example\/…"} 1/,
    );
  });

  it("tells of a provider that is outvoted, once a minute, even when it answers last", async () => {
    const { rpc, nodes, events, clock } = chainOf(3);
    const [, , slow] = nodes;
    assert(slow !== undefined);
    const honest = slow.twist;
    faults["changes a log"]?.(slow);
    slow.twist = async (...request) => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      return honest(...request);
    };
    for (let i = 0; i < 3; i++) {
      await logsOf(rpc);
      await new Promise(setImmediate);
    }
    const kinds = () => events.map((event) => event.kind === "rpc-outvoted" && event.provider);
    assert.deepEqual(kinds(), ["http://node-3.example/…"]);
    await clock.sleep(60_000);
    await logsOf(rpc);
    await new Promise(setImmediate);
    assert.equal(kinds().length, 2);
  });

  it("does not call a provider a liar for lagging", async () => {
    const { rpc, nodes, events } = chainOf(3);
    const [first] = nodes;
    assert(first !== undefined);
    faults["lags"]?.(first);
    for (let i = 0; i < 3; i++) await Promise.all([logsOf(rpc), rpc.finalBlock()]);
    assert.deepEqual(events, []);
  });

  it("leaves a provider that keeps failing alone for a while, and asks it when the others do not suffice", async () => {
    const { rpc, nodes, clock } = chainOf(3);
    const [down, up] = nodes;
    assert(down !== undefined && up !== undefined);
    const honest = down.twist;
    faults["fails"]?.(down);
    for (let i = 0; i < 5; i++) {
      await logsOf(rpc);
      await new Promise(setImmediate);
    }
    const before = down.asked.length;
    await logsOf(rpc);
    assert.equal(down.asked.length, before, "it rests");
    down.twist = honest;
    faults["fails"]?.(up);
    assert.equal((await logsOf(rpc)).length, 3, "it is asked because another failed");
    await clock.sleep(120_000);
    await logsOf(rpc);
    assert(down.asked.length > before);
  });

  it("with one provider asks nothing twice", async () => {
    const { rpc, nodes } = chainOf(1);
    await logsOf(rpc);
    await rpc.finalBlock();
    await rpc.agreed.call({ to: CONTRACT, data: "0x" });
    assert.deepEqual(nodes[0]?.asked, ["eth_getLogs", "eth_blockNumber", "eth_call"]);
  });

  it("sends a transaction through everybody, and reads what nothing is founded on from whoever answers", async () => {
    const { rpc, nodes } = chainOf(3);
    const [one, two, three] = nodes;
    assert(one !== undefined && two !== undefined && three !== undefined);
    faults["fails"]?.(one);
    two.twist = (method, _params, honest) => {
      if (method !== "eth_sendRawTransaction") return honest();
      throw nodeError("already known");
    };
    three.twist = (method, _params, honest) =>
      method === "eth_sendRawTransaction" ? `0x${"ab".repeat(32)}` : honest();
    assert.equal(await rpc.provider.send("eth_sendRawTransaction", ["0x00"]), `0x${"ab".repeat(32)}`);
    assert.equal(await rpc.provider.getBlockNumber(), 100);
    for (const node of nodes) node.twist = two.twist;
    await assert.rejects(rpc.provider.send("eth_sendRawTransaction", ["0x00"]), /coalesce/);
  });

  it("with too few that answer, fails closed as well", async () => {
    const { rpc, nodes, events } = chainOf(3);
    for (const node of nodes.slice(1)) faults["fails"]?.(node);
    await assert.rejects(logsOf(rpc), fails("RPC"));
    assert.deepEqual(
      events.map((event) => event.kind === "rpc-no-agreement" && event.reason),
      ["too-few"],
    );
  });
});
