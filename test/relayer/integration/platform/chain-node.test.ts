import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { isAlive, isListening, repository, start, until, type Running } from "../../support/processes.ts";

interface Answer {
  readonly result?: unknown;
  readonly error?: { code: number; message: string; data?: string };
}

/** A chain node in a process of its own, with its journal in a folder of the test. */
class Node {
  static readonly started: Node[] = [];
  readonly process: Running;
  port = 0;
  ready: Record<string, unknown> = {};

  constructor(data: string, ...more: string[]) {
    const script = join(repository, "scripts/chain-node.ts");
    this.process = start(process.execPath, [script, "--chain-id", "4321", "--data", data, ...more]);
    Node.started.push(this);
  }

  static async start(data: string, ...more: string[]): Promise<Node> {
    const node = new Node(data, ...more);
    await until(
      "the node serves",
      () => node.process.stdout().includes("\n") || node.process.child.exitCode !== null,
    );
    assert.equal(node.process.child.exitCode, null, node.process.stderr());
    node.ready = JSON.parse(node.process.stdout()) as Record<string, unknown>;
    node.port = Number(node.ready["port"]);
    return node;
  }

  async kill(): Promise<void> {
    this.process.child.kill("SIGKILL");
    await this.process.ended;
  }

  async post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return fetch(`http://127.0.0.1:${this.port}`, { method: "POST", body: text, headers });
  }

  async ask(method: string, ...params: unknown[]): Promise<Answer> {
    const response = await this.post({ jsonrpc: "2.0", id: 1, method, params });
    return (await response.json()) as Answer;
  }

  async batch(method: string, calls: readonly unknown[][]): Promise<unknown[]> {
    const response = await this.post(calls.map((params, id) => ({ jsonrpc: "2.0", id, method, params })));
    return ((await response.json()) as Answer[]).map(({ result }) => result);
  }

  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const { result, error } = await this.ask(method, ...params);
    assert.equal(error, undefined, `${method}: ${JSON.stringify(error)}`);
    return result;
  }
}

interface Portrait {
  readonly blocks: readonly unknown[];
  readonly receipts: readonly { status: string }[];
  readonly balances: readonly unknown[];
  readonly logs: readonly unknown[];
}

/** Everything that a client can see of a chain: each block with its transactions, receipts and logs, and the balances. */
async function portrait(node: Node, upTo: number): Promise<Portrait> {
  const numbers = Array.from({ length: upTo + 1 }, (_, number) => `0x${number.toString(16)}`);
  const blocks = await node.batch(
    "eth_getBlockByNumber",
    numbers.map((number) => [number, true]),
  );
  const hashes = blocks.flatMap((block) => (block as { transactions: { hash: string }[] }).transactions);
  const receipts = await node.batch(
    "eth_getTransactionReceipt",
    hashes.map(({ hash }) => [hash]),
  );
  const toBlock = numbers.at(-1);
  const accounts = (await node.call("eth_accounts")) as string[];
  const balances = await node.batch(
    "eth_getBalance",
    accounts.map((account) => [account, toBlock]),
  );
  const logs = (await node.call("eth_getLogs", { fromBlock: "0x0", toBlock })) as unknown[];
  return { blocks, receipts: receipts as Portrait["receipts"], balances, logs };
}

// Creation code that reverts with 0xdeadbeef; and code that emits a log with the current timestamp as its topic.
const reverts = "0x63deadbeef6000526004601cfd";
const logs = "0x4260006000a100";

let folder = "";
let account = "";
let other = "";

before(() => (folder = mkdtempSync(join(tmpdir(), "dchat-chain-"))));
after(() => {
  for (const node of Node.started) node.process.child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

async function accountsOf(node: Node): Promise<void> {
  [account = "", other = ""] = (await node.call("eth_accounts")) as string[];
}

describe("chain node: journal", { timeout: 180_000 }, () => {
  it("is the same chain, block for block, after each of several SIGKILLs between random requests", async () => {
    const data = join(folder, "random");
    let node = await Node.start(data, "--block-seconds", "0.1");
    await accountsOf(node);
    const change = fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .nat(1_000_000)
          .map((wei) => [
            "eth_sendTransaction",
            { from: account, to: other, value: `0x${wei.toString(16)}` },
          ]),
      },
      {
        weight: 3,
        arbitrary: fc.constant(["eth_sendTransaction", { from: other, data: logs, gas: "0x20000" }]),
      },
      {
        weight: 1,
        arbitrary: fc.constant(["eth_sendTransaction", { from: other, data: reverts, gas: "0x20000" }]),
      },
      fc.constant(["eth_sendTransaction", { from: account, data: reverts }]),
      fc.constant(["eth_sendRawTransaction", "0x1234"]),
      fc.constant(["eth_getBlockByNumber", "pending", true]),
      fc.constant(["evm_mine"]),
      fc.nat(5_000).map((seconds) => ["evm_increaseTime", seconds]),
      fc
        .nat(9_000)
        .map((wei) => ["hardhat_setBalance", other, `0x${(10n ** 20n + BigInt(wei)).toString(16)}`]),
      fc.integer({ min: 1, max: 9 }).map((blocks) => ["hardhat_mine", `0x${blocks.toString(16)}`]),
      fc.boolean().map((on) => ["evm_setAutomine", on]),
      fc
        .nat(90)
        .map((seconds) => [
          "evm_setNextBlockTimestamp",
          Math.floor(Date.now() / 1000) + 40_000_000 + seconds,
        ]),
      fc.constant(["evm_increaseTime", "soon"]),
    );
    let last: Portrait | undefined;
    const runs = fc.sample(fc.array(change, { minLength: 40, maxLength: 60 }), { numRuns: 3, seed: 7 });
    for (const run of runs) {
      // In flight together, as from many clients.
      await Promise.all(run.map(([method, ...params]) => node.ask(method as string, ...params)));
      const height = Number(await node.call("eth_blockNumber"));
      const before = await portrait(node, height);
      last = before;
      await node.kill();
      node = await Node.start(data, "--block-seconds", "0.1");
      assert.deepEqual(await portrait(node, height), before);
    }
    assert.ok((last?.logs.length ?? 0) > 10, "the requests made logs");
    assert.deepEqual([...new Set(last?.receipts.map(({ status }) => status))].sort(), ["0x0", "0x1"]);
    await node.kill();
  });

  it("keeps what it has answered when it is killed in the middle of a stream of transactions", async () => {
    const data = join(folder, "stream");
    let node = await Node.start(data, "--block-seconds", "0");
    await accountsOf(node);
    const answered: string[] = [];
    const send = async (): Promise<void> => {
      for (;;) {
        const hash = await node.call("eth_sendTransaction", {
          from: account,
          to: other,
          value: "0x1",
          gas: "0x5208",
        });
        answered.push(hash as string);
      }
    };
    const senders = Promise.allSettled([send(), send(), send()]);
    await until("many are answered", () => answered.length > 150);
    await node.kill();
    await senders;

    node = await Node.start(data);
    for (const hash of answered) assert.notEqual(await node.call("eth_getTransactionReceipt", hash), null);
    await node.kill();
  });

  it("cuts off a last line that a crash tore, and refuses damage before it and another chain's journal", async () => {
    const data = join(folder, "torn");
    const journal = join(data, "journal.jsonl");
    let node = await Node.start(data, "--block-seconds", "0");
    await node.call("evm_mine");
    const latest = await node.call("eth_getBlockByNumber", "latest", false);
    await node.kill();
    const whole = readFileSync(journal, "utf8");

    appendFileSync(journal, '{"t":17000');
    node = await Node.start(data, "--block-seconds", "0");
    assert.deepEqual(await node.call("eth_getBlockByNumber", "latest", false), latest);
    await node.kill();
    assert.equal(readFileSync(journal, "utf8"), whole);

    const refusal = async (...more: string[]) => {
      const { code, stderr } = await new Node(data, ...more).process.ended;
      assert.equal(code, 78);
      return stderr;
    };
    assert.match(
      await refusal("--chain-id", "5"),
      /is of chain 4321, not 5: use another --data or --chain-id/,
    );
    writeFileSync(journal, whole.replace('{"m"', '{"m'));
    assert.match(await refusal(), /Line 2 of .* is damaged: delete the folder to begin a new chain/);
    assert.match(await refusal("--port", "x"), /--port: /);
  });

  it("refuses a journal whose replay is another chain", async () => {
    const data = join(folder, "diverged");
    const journal = join(data, "journal.jsonl");
    const node = await Node.start(data, "--block-seconds", "0");
    for (let block = 0; block < 70; block++) await node.call("evm_mine");
    await node.kill();
    const lines = readFileSync(journal, "utf8").split("\n");
    const second = JSON.parse(lines[1] ?? "") as { t: number };
    lines[1] = JSON.stringify({ t: second.t - 1 });
    writeFileSync(journal, lines.join("\n"));
    const { code, stderr } = await new Node(data).process.ended;
    assert.equal(code, 78);
    assert.match(stderr, /another version of Hardhat/);
  });

  it("two nodes on one journal: the one that finds the other's lines stops", async () => {
    const data = join(folder, "shared");
    const first = await Node.start(data, "--block-seconds", "0");
    const second = await Node.start(data, "--block-seconds", "0.1");
    await until("the second mines", async () => Number(await second.call("eth_blockNumber")) > 0);
    assert.match((await first.ask("evm_mine")).error?.message ?? "", /is written to by another process/);
    await first.kill();
    await second.kill();
  });
});

describe("chain node: JSON-RPC", { timeout: 60_000 }, () => {
  let node: Node;
  before(async () => {
    node = await Node.start(join(folder, "rpc"), "--block-seconds", "0");
    await accountsOf(node);
  });
  after(() => node.kill());

  it("answers single requests and batches, and keeps a batch's transactions in order", async () => {
    assert.equal(await node.call("eth_chainId"), "0x10e1");
    const nonces = [0, 1, 2].map((nonce) => ({
      jsonrpc: "2.0",
      id: nonce,
      method: "eth_sendTransaction",
      params: [{ from: account, to: other, value: "0x1", gas: "0x5208", nonce: `0x${nonce}` }],
    }));
    const answers = (await (await node.post(nonces)).json()) as (Answer & { id: number })[];
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error]),
      [0, 1, 2].map((id) => [id, undefined]),
    );
  });

  it("gives a revert's data with code 3, and the hash of a transaction that reverts", async () => {
    const reverting = { from: account, data: reverts };
    for (const method of ["eth_call", "eth_estimateGas"]) {
      const { error } = await node.ask(method, reverting);
      assert.deepEqual([error?.code, error?.data], [3, "0xdeadbeef"]);
    }
    const hash = await node.call("eth_sendTransaction", { ...reverting, gas: "0x20000" });
    assert.equal(((await node.call("eth_getTransactionReceipt", hash)) as { status: string }).status, "0x0");
  });

  it("says what is wrong with a request", async () => {
    const codeOf = async (body: unknown) => ((await (await node.post(body)).json()) as Answer).error?.code;
    assert.equal(await codeOf("{"), -32700);
    assert.equal(await codeOf({ id: 1 }), -32600);
    assert.equal(await codeOf([]), -32600);
    assert.equal((await node.ask("eth_nothing")).error?.code, -32004);
    assert.equal((await node.ask("eth_getBalance", "0x12")).error?.code, -32602);
    assert.equal((await node.ask("evm_increaseTime", "soon")).error?.code, -32602);
    assert.equal((await node.ask("eth_subscribe", "newHeads")).error?.code, -32601);
    const large = await node.post(`"${"x".repeat(9 * 1024 * 1024)}"`);
    assert.equal(large.status, 413);
    assert.equal((await node.post({ jsonrpc: "2.0", method: "eth_chainId" })).status, 204);
  });

  it("serves pages of loopback origins alone", async () => {
    const body = { jsonrpc: "2.0", id: 1, method: "eth_chainId" };
    const allowed = await node.post(body, { origin: "http://localhost:5173" });
    assert.equal(allowed.headers.get("access-control-allow-origin"), "http://localhost:5173");
    assert.equal((await node.post(body, { origin: "https://example.org" })).status, 403);
    const preflight = await fetch(`http://127.0.0.1:${node.port}`, {
      method: "OPTIONS",
      headers: { origin: "http://127.0.0.1:1" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-headers"), "content-type");
  });

  it("ends with its parent, and on SIGTERM with code 0", async () => {
    const orphan = await Node.start(join(folder, "orphan"));
    orphan.process.child.stdin?.end();
    assert.equal((await orphan.process.ended).code, 0);
    const stopped = await Node.start(join(folder, "orphan"));
    stopped.process.child.kill("SIGTERM");
    assert.equal((await stopped.process.ended).code, 0);
    assert.ok(!isAlive(stopped.process.pid));
    assert.ok(!(await isListening(stopped.port)));
  });
});
