import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { JsonRpcProvider, toQuantity } from "ethers";
import { network } from "hardhat";
import { toxicSchema, type Toxic } from "../../../../relayer/chaos/core/toxic.ts";
import { Proxy } from "../../../../relayer/chaos/adapters/toxiproxy/proxy.ts";

const BLOCKS = 40;
const LAG = 7;

void describe("a node behind a proxy", () => {
  let server: Awaited<ReturnType<typeof network.createServer>>;
  let node: JsonRpcProvider;
  let proxy: Proxy;
  let seen: JsonRpcProvider;
  let receipt: { readonly blockNumber: number; readonly hash: string; readonly to: string };

  before(async () => {
    server = await network.createServer();
    const { address: host, port } = await server.listen();
    const options = { staticNetwork: true, cacheTimeout: -1, batchStallTime: 0 };
    node = new JsonRpcProvider(`http://${host}:${port}`, 31_337, options);
    proxy = new Proxy(
      { name: "node", listen: { host: "127.0.0.1", port: 0 }, upstream: { host, port } },
      () => 0.5,
    );
    await proxy.enable();
    proxy.put(toxicSchema.parse({ name: "first", type: "rpc_lag", attributes: { blocks: 1 } }));
    seen = new JsonRpcProvider(`http://127.0.0.1:${proxy.listen.port}`, 31_337, options);
    // From here on its connections are those whose answers can be changed; the others would end with the first toxic.
    await seen.getBlockNumber();
    proxy.remove("first");
    await node.send("hardhat_mine", [toQuantity(BLOCKS)]);
    const signer = await node.getSigner(0);
    const to = "0x00000000000000000000000000000000000000C3";
    const mined = await (await signer.sendTransaction({ to, value: 5n })).wait();
    assert(mined !== null);
    receipt = { blockNumber: mined.blockNumber, hash: mined.hash, to };
  });
  after(async () => {
    seen.destroy();
    node.destroy();
    await proxy.close();
    await server.close();
  });

  function put(type: Toxic["type"], attributes: object, toxicity = 1): Disposable & { isOn(): boolean } {
    proxy.put(toxicSchema.parse({ name: type, type, attributes, toxicity }));
    return {
      isOn: () => proxy.toxic(type) !== undefined,
      [Symbol.dispose]: () => proxy.remove(type),
    };
  }
  const block = (from: JsonRpcProvider, tag: string) =>
    from.send("eth_getBlockByNumber", [tag, false]) as Promise<{ number: string; hash: string }>;

  void it("is the node itself without toxics", async () => {
    assert.equal(await seen.getBlockNumber(), await node.getBlockNumber());
    assert.deepEqual(await block(seen, "latest"), await block(node, "latest"));
  });

  void it("shows the chain as it was under rpc_lag, in one request or in a batch", async () => {
    using lagging = put("rpc_lag", { blocks: LAG });
    assert(lagging.isOn());
    const newest = await node.getBlockNumber();
    const [number, latest, finalized, balance, logs] = await Promise.all([
      seen.getBlockNumber(),
      block(seen, "latest"),
      block(seen, "finalized"),
      seen.getBalance(receipt.to),
      seen.getLogs({ fromBlock: 0, toBlock: "latest" }),
    ]);
    assert.equal(number, newest - LAG);
    assert.equal(Number(latest.number), newest - LAG);
    assert.equal(Number(finalized.number), Number((await block(node, "finalized")).number) - LAG);
    // The payment is in the newest block: nothing of it is known.
    assert.equal(balance, 0n);
    assert.deepEqual(logs, []);
    assert.equal(await seen.getTransactionReceipt(receipt.hash), null);
    assert.equal(await seen.getBlock(newest), null);
    assert.equal((await seen.getBlock(newest - LAG))?.hash, (await node.getBlock(newest - LAG))?.hash);
  });

  void it("is up to date again once the lag is gone", async () => {
    put("rpc_lag", { blocks: LAG })[Symbol.dispose]();
    assert.equal(await seen.getBlockNumber(), await node.getBlockNumber());
    assert.equal((await seen.getTransactionReceipt(receipt.hash))?.status, 1);
  });

  void it("says of blocks and receipts what is not so under rpc_lie", async () => {
    using lying = put("rpc_lie", {});
    assert(lying.isOn());
    const [honest, false_] = [await block(node, "latest"), await block(seen, "latest")];
    assert.equal(false_.number, honest.number);
    assert.notEqual(false_.hash, honest.hash);
    // It knows the block under the hash that it gave.
    assert.equal((await seen.getBlock(false_.hash))?.number, receipt.blockNumber);
    assert.equal(await seen.getBlock(honest.hash), null);
    const told = await seen.getTransactionReceipt(receipt.hash);
    assert.equal(told?.status, 0);
    assert.equal(told.blockHash, false_.hash);
  });

  void it("lies in a batch of which one question is refused", async () => {
    using lying = put("rpc_lie", {});
    assert(lying.isOn());
    const questions = [
      { jsonrpc: "2.0", id: 1, method: "eth_nonsense", params: [] },
      { jsonrpc: "2.0", id: 2, method: "eth_getBlockByNumber", params: ["latest", false] },
    ];
    const response = await fetch(`http://127.0.0.1:${proxy.listen.port}`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify(questions),
    });
    const [refused, told] = (await response.json()) as [{ error?: object }, { result: { hash: string } }];
    assert(refused.error !== undefined);
    assert.notEqual(told.result.hash, (await block(node, "latest")).hash);
  });

  void it("lies in as many answers as the toxicity says", async () => {
    // Every draw of this proxy is one half.
    const honest = await block(node, "latest");
    {
      using lying = put("rpc_lie", {}, 0.5);
      assert(lying.isOn());
      assert.equal((await block(seen, "latest")).hash, honest.hash);
    }
    using lying = put("rpc_lie", {}, 0.51);
    assert(lying.isOn());
    assert.notEqual((await block(seen, "latest")).hash, honest.hash);
  });

  void it("passes what is no JSON-RPC, and refusals of the node, as they are", async () => {
    using lying = put("rpc_lie", {});
    assert(lying.isOn());
    const url = `http://127.0.0.1:${proxy.listen.port}`;
    const refusal = await fetch(url, { method: "POST", body: "nonsense" });
    const honest = await fetch(node._getConnection().url, { method: "POST", body: "nonsense" });
    assert.deepEqual([refusal.status, await refusal.text()], [honest.status, await honest.text()]);
    await assert.rejects(seen.send("eth_nonsense", []), /eth_nonsense/);
  });
});
