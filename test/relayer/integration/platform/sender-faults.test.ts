import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { keccak256, Transaction, Wallet } from "ethers";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import type { ChainAnswer } from "../../../../relayer/platform/chain-answer.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { type SenderServices, TransactionSender } from "../../../../relayer/platform/transaction-sender.ts";
import { type Fault, FaultyRpc } from "../../support/faulty-rpc.ts";
import { nodeWords } from "../../support/node-words.ts";
import { until } from "../../support/processes.ts";
import { chainAt, paymentOf, SenderScene } from "../../support/sender-scene.ts";
import { senderServices } from "../../support/sender-services.ts";

const CHAIN = 4_332;
const signal = new AbortController().signal;

let scene: SenderScene;
let proxy: FaultyRpc;
let rpc: Rpc;
let wallet: Wallet;
let recipient: string;
let services: SenderServices;
before(async () => {
  scene = await SenderScene.start(CHAIN);
  proxy = await FaultyRpc.start(scene.url);
  rpc = new Rpc(chainAt(proxy.url, CHAIN, 2));
});
after(async () => {
  rpc.close();
  await proxy.stop();
  await scene.stop();
});
beforeEach(async () => {
  await scene.automine(true);
  proxy.fault = () => undefined;
  wallet = await scene.newWallet();
  recipient = Wallet.createRandom().address;
  const file = join(scene.folder, `journal-${wallet.address}`, "journal.sqlite");
  services = senderServices(file, { chainId: CHAIN, address: wallet.address });
});
afterEach(() => {
  services.journal.close();
});

const newSender = (options: { readonly mostGasPrice?: bigint; readonly replaceMilliseconds?: number } = {}) =>
  new TransactionSender({ rpc, wallet, replaceMilliseconds: 60_000, ...options }, services);
const pay = (sender = newSender()) => sender.send(paymentOf(scene.token, recipient), signal);
const nonce = () => scene.rpc.provider.getTransactionCount(wallet.address);
const hasCode = (code: string) => (error: unknown) => error instanceof RetryableError && error.code === code;

/** Lets `fault` answer broadcasts; it is told the raw transaction, and how many came before. */
function onBroadcast(fault: (raw: string, index: number) => Fault | Promise<Fault>): Transaction[] {
  const seen: Transaction[] = [];
  proxy.fault = ({ method, params }) => {
    if (method !== "eth_sendRawTransaction") return undefined;
    const raw = String(params[0]);
    seen.push(Transaction.from(raw));
    return fault(raw, seen.length - 1);
  };
  return seen;
}

describe("a node's answer to a broadcast", () => {
  /** What each answer must lead to. The node behind has taken the transaction only where it says so. */
  const outcomes: Partial<Record<ChainAnswer, (words: string) => Promise<void>>> = {
    "already-known": takenNevertheless,
    "nonce-too-low": takenNevertheless,
    "replacement-underpriced": raisedUntilTaken,
    underpriced: raisedUntilTaken,
    "nonce-too-high": sentAgain,
    "pool-full": sentAgain,
    "insufficient-funds": async (words) => {
      onBroadcast((_raw, index) => (index === 0 ? { words } : undefined));
      await assert.rejects(pay(), hasCode("INSUFFICIENT_FUNDS"));
      await newSender().recover(signal); // there is money now
      assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
    },
    "out-of-gas": async (words) => {
      onBroadcast((_raw, index) => (index === 0 ? { words } : undefined));
      assert.equal((await pay()).kind, "too-big");
      assert.deepEqual([await scene.paid(recipient), await nonce()], [0, 1]);
    },
  };

  async function takenNevertheless(words: string): Promise<void> {
    onBroadcast(async (raw) => {
      await scene.rpc.provider.send("eth_sendRawTransaction", [raw]);
      return { words };
    });
    assert.equal((await pay()).kind, "included");
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
  }

  async function raisedUntilTaken(words: string): Promise<void> {
    const seen = onBroadcast((_raw, index) => (index < 2 ? { words } : undefined));
    assert.equal((await pay()).kind, "included");
    assert.equal(seen.length, 3);
    for (const [index, { maxFeePerGas }] of seen.slice(1).entries())
      assert((maxFeePerGas ?? 0n) * 8n >= (seen[index]?.maxFeePerGas ?? 0n) * 9n);
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
  }

  async function sentAgain(words: string): Promise<void> {
    const seen = onBroadcast((_raw, index) => (index < 2 ? { words } : undefined));
    assert.equal((await pay()).kind, "included");
    assert.equal(new Set(seen.map(({ hash }) => hash)).size, 1);
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
  }

  for (const [implementation, answers] of Object.entries(nodeWords))
    for (const [answer, words] of answers)
      it(`${answer}, as ${implementation} words it (${words.slice(0, 40)})`, async () => {
        await outcomes[answer]?.(words);
      });
});

describe("a sender of transactions", () => {
  it("sends a transaction again that the node accepted and dropped", async () => {
    const seen = onBroadcast((raw, index) => (index < 2 ? { result: keccak256(raw) } : undefined));
    assert.equal((await pay()).kind, "included");
    assert.deepEqual([seen.length, new Set(seen.map(({ hash }) => hash)).size], [3, 1]);
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
  });

  it("fills a nonce whose call is dropped and would fail now, and leaves no gap", async () => {
    const ending = new AbortController();
    onBroadcast((raw) => {
      setImmediate(() => {
        ending.abort();
      });
      return { result: keccak256(raw) };
    });
    await assert.rejects(newSender().send(paymentOf(scene.token, recipient), ending.signal));
    proxy.fault = ({ method }) =>
      ["eth_call", "eth_estimateGas"].includes(method) ? { words: "execution reverted" } : undefined;
    await newSender().recover(signal);
    assert.deepEqual([await scene.paid(recipient), await nonce()], [0, 1]);
    proxy.fault = () => undefined;
    assert.equal((await pay()).kind, "included");
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 2]);
  });

  it("sends again what a reorg dropped, without being asked", async () => {
    const snapshot: unknown = await scene.rpc.provider.send("evm_snapshot", []);
    const sender = newSender();
    assert.equal((await pay(sender)).kind, "included");
    await scene.rpc.provider.send("evm_revert", [snapshot]);
    assert.equal(await nonce(), 0);
    await sender.tick(signal);
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
    assert.equal(services.journal.slots()[0]?.state, "included");
    for (let block = 0; block < 2; block++) await scene.mine();
    await sender.tick(signal);
    assert.equal(services.journal.slots()[0]?.state, "final");
  });

  it("sends nothing while gas is dearer than it may pay, and never bids more", async () => {
    await assert.rejects(pay(newSender({ mostGasPrice: 1n })), hasCode("GAS_TOO_DEAR"));
    assert.equal(services.journal.slots().length, 0);
    await scene.automine(false);
    const { gasPrice } = await rpc.provider.getFeeData();
    const mostGasPrice = ((gasPrice ?? 0n) * 3n) / 2n;
    const seen = onBroadcast(() => undefined);
    const sending = pay(newSender({ mostGasPrice, replaceMilliseconds: 50 }));
    await until("it has tried again", () => seen.length > 3);
    await scene.mine();
    assert.equal((await sending).kind, "included");
    assert(seen.every(({ maxFeePerGas }) => (maxFeePerGas ?? 0n) <= mostGasPrice));
    assert.deepEqual([await scene.paid(recipient), await nonce()], [1, 1]);
  });

  it("never reserves a nonce for a call whose simulation fails", async () => {
    const { data } = paymentOf(scene.token, recipient);
    const tooMuch = { to: scene.token, data: `${data.slice(0, -8)}ffffffff` };
    assert.equal((await newSender().send(tooMuch, signal)).kind, "reverted");
    assert.equal(services.journal.slots().length, 0);
  });

  it("counts what becomes of calls", async () => {
    const sender = newSender();
    await pay(sender);
    await sender.tick(signal);
    const { transactions, balance, pending } = services.metrics;
    const [counted] = (await transactions.get()).values;
    assert.deepEqual([counted?.labels, counted?.value], [{ chain: "T", outcome: "included" }, 1]);
    assert.equal((await pending.get()).values[0]?.value, 1);
    assert(((await balance.get()).values[0]?.value ?? 0) > 0.9e18);
  });
});
