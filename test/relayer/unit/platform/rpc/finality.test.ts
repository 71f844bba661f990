import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { id } from "ethers";
import { Rpc } from "../../../../../relayer/platform/rpc.ts";
import type { ChainConfig } from "../../../../../relayer/domain/network.ts";
import { chainWith, FakeNode } from "../../../support/fake-node.ts";

/** A reader of a chain of 100 blocks by so many providers. */
function readerOf(count: number, finality: ChainConfig["finality"]) {
  const nodes = Array.from({ length: count }, () => new FakeNode(100));
  let next = 0;
  const rpc = new Rpc(chainWith(count, { finality }), {
    emit: () => undefined,
    connect: () => nodes[next++] ?? assert.fail(),
  });
  return { rpc, nodes };
}

const rules = [
  { rule: { depth: 3 }, final: 97 },
  { rule: { depth: 200 }, final: -1 },
  { rule: { tag: "finalized" }, final: 100 }, // which is where a FakeNode has it
] as const;

describe("how far a chain has come", () => {
  for (const count of [1, 3])
    for (const { rule, final } of rules)
      it(`by ${JSON.stringify(rule)}, said by ${count}`, async () => {
        const { rpc } = readerOf(count, rule);
        assert.equal(await rpc.finalBlock(), final);
        assert.equal((await rpc.finality()).number, final);
        assert.deepEqual(await rpc.heights(), {
          newest: { number: 100, hash: id("block 100"), time: 1_100 },
          final,
        });
      });

  for (const count of [1, 3])
    for (const rule of [{ depth: 3 }, { tag: "finalized" }] as const)
      it(`has another anchor as soon as a final block is another, by ${JSON.stringify(rule)}, said by ${count}`, async () => {
        const { rpc, nodes } = readerOf(count, rule);
        const before = await rpc.finality();
        assert.deepEqual(await rpc.finality(), before, "nothing has changed");
        for (const node of nodes)
          node.twist = (method, params, honest) => {
            const number = params[0] === "latest" || params[0] === "finalized" ? 100 : Number(params[0]);
            return method === "eth_getBlockByNumber" ? node.block(number, " of a fork") : honest();
          };
        const after = await rpc.finality();
        assert.equal(after.number, before.number);
        assert.notEqual(after.anchor, before.anchor);
      });

  it("takes one request where one provider is asked", async () => {
    const { rpc, nodes } = readerOf(1, { depth: 3 });
    await rpc.finality();
    await rpc.heights();
    assert.deepEqual(nodes[0]?.asked, ["eth_getBlockByNumber", "eth_getBlockByNumber"]);
  });

  it("has no anchor before a block is final", async () => {
    const { rpc, nodes } = readerOf(1, { tag: "finalized" });
    const [node] = nodes;
    assert(node !== undefined);
    node.twist = (_method, params, honest) => (params[0] === "finalized" ? null : honest());
    assert.deepEqual(await rpc.finality(), { number: -1, anchor: undefined });
    assert.equal(await rpc.finalBlock(), -1);
  });
});
