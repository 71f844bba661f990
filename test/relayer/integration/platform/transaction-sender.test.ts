import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Interface, parseEther, Wallet } from "ethers";
import { z } from "zod";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { address, chainId, chainName } from "../../../../relayer/domain/ids.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { TransactionSender } from "../../../../relayer/platform/transaction-sender.ts";
import { ManualClock } from "../../support/fakes.ts";
import { repository, type Running, start, until } from "../../support/processes.ts";
import { senderServices } from "../../support/sender-services.ts";
import { DemoToken__factory } from "../../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";

const sink = address.parse("0x00000000000000000000000000000000000000aa");
const call = { to: sink, data: "0x" };
const signal = new AbortController().signal;

const folder = mkdtempSync(join(tmpdir(), "dchat-sender-"));
let node: Running;
let rpc: Rpc;
before(async () => {
  node = start(process.execPath, [
    join(repository, "scripts/chain-node.ts"),
    "--chain-id",
    "4321",
    "--block-seconds",
    "0",
    "--data",
    folder,
  ]);
  await until("the node serves", () => node.stdout().includes("\n"));
  const { port } = z.object({ port: z.number() }).parse(JSON.parse(node.stdout()));
  rpc = new Rpc({
    name: chainName.parse("T"),
    chainId: chainId.parse(4_321),
    rpcUrl: `http://127.0.0.1:${port}`,
    finality: { depth: 0 },
    pollMilliseconds: 20,
    rpcTimeoutMilliseconds: 5_000,
    outbox: sink,
    inbox: sink,
    deploymentBlock: 0,
    senderKeyFile: "unused",
  });
});
after(async () => {
  rpc.close();
  node.child.kill("SIGKILL");
  await node.ended;
  rmSync(folder, { recursive: true });
});

describe("transaction sender", () => {
  let wallet: Wallet;
  const sender = (replaceMilliseconds = 60_000, mostGasPrice?: bigint) => {
    const file = join(folder, `journal-${wallet.address}`, "journal.sqlite");
    return new TransactionSender(
      { rpc, wallet, replaceMilliseconds, mostGasPrice },
      senderServices(file, { chainId: 4_321, address: wallet.address }),
    );
  };
  const automine = (on: boolean) => rpc.provider.send("evm_setAutomine", [on]);
  const mine = () => rpc.provider.send("evm_mine", []);
  const pending = async () =>
    z
      .object({
        transactions: z.array(
          z.object({ hash: z.string(), nonce: z.string(), maxFeePerGas: z.string(), input: z.string() }),
        ),
      })
      .parse(await rpc.provider.send("eth_getBlockByNumber", ["pending", true])).transactions;

  beforeEach(async () => {
    await automine(true);
    wallet = new Wallet(Wallet.createRandom().privateKey, rpc.provider);
    const rich = await rpc.provider.getSigner(0);
    await (await rich.sendTransaction({ to: wallet.address, value: parseEther("1") })).wait();
  });

  it("sends calls one after the other, each with the next nonce, however many are asked for at once", async () => {
    const many = sender();
    const sent = await Promise.all([1, 2, 3, 4].map(() => many.send(call, signal)));
    assert(sent.every((result) => result.kind === "included" && result.receipt.status === 1));
    assert.equal(await rpc.provider.getTransactionCount(wallet.address), 4);
  });

  it("sends nothing that would revert, and hands the reason on", async () => {
    const rich = await rpc.provider.getSigner(0);
    const token = await (await new DemoToken__factory(rich).deploy("Demo", "DEMO", 1n)).waitForDeployment();
    const data = token.interface.encodeFunctionData("transfer", [sink, 5n]);
    const sent = await sender().send({ to: await token.getAddress(), data }, signal);
    assert(sent.kind === "reverted" && sent.data !== null);
    assert.equal(
      new Interface(DemoToken__factory.abi).parseError(sent.data)?.name,
      "ERC20InsufficientBalance",
    );
    assert.equal(await rpc.provider.getTransactionCount(wallet.address), 0);
  });

  it("says that a call is too big, and sends nothing", async () => {
    // A contract that reads memory further out than any gas pays for: PUSH4 0xffffffff MLOAD.
    const rich = await rpc.provider.getSigner(0);
    const creation = await (await rich.sendTransaction({ data: "0x6563ffffffff515f526006601af3" })).wait();
    assert(creation?.contractAddress != null);
    const sent = await sender().send({ to: creation.contractAddress, data: "0x" }, signal);
    assert.equal(sent.kind, "too-big");
    assert.equal(await rpc.provider.getTransactionCount(wallet.address), 0);
  });

  it("replaces a transaction that no block takes by one that pays more, under the same nonce", async () => {
    await automine(false);
    const sending = sender(100).send(call, signal);
    const first = await firstPending();
    await until("a replacement pays more", async () =>
      (await pending()).some(({ hash }) => hash !== first.hash),
    );
    const [replacement] = await pending();
    assert.equal(replacement?.nonce, first.nonce);
    assert(BigInt(replacement.maxFeePerGas) * 10n >= BigInt(first.maxFeePerGas) * 11n);
    await mine();
    const sent = await sending;
    assert(sent.kind === "included");
    assert.equal(await rpc.provider.getTransactionCount(wallet.address), 1);
  });

  it("sends first what a predecessor recorded and left in the pool, and only then its own", async () => {
    await automine(false);
    const dead = new AbortController();
    const left = sender().send(call, dead.signal);
    await firstPending();
    dead.abort();
    await assert.rejects(left);
    const sending = sender().send({ ...call, data: "0x01" }, signal);
    await mine();
    await until("ours is in the pool", async () => (await pending()).some(({ input }) => input === "0x01"));
    await mine();
    assert.equal((await sending).kind, "included");
    assert.equal(await rpc.provider.getTransactionCount(wallet.address), 2);
  });

  it("reads the chain again when somebody else uses its key", async () => {
    await automine(false);
    const sending = sender().send(call, signal);
    const first = await firstPending();
    const rival = {
      to: wallet.address,
      nonce: Number(first.nonce),
      gasLimit: 21_000n,
      maxFeePerGas: BigInt(first.maxFeePerGas) * 3n,
      maxPriorityFeePerGas: BigInt(first.maxFeePerGas) * 2n,
      type: 2,
      chainId: 4_321,
    };
    await rpc.provider.broadcastTransaction(await wallet.signTransaction(rival));
    const rejected = assert.rejects(
      sending,
      (error) => error instanceof RetryableError && error.code === "NONCE_TAKEN",
    );
    await mine();
    await rejected;
  });

  it("says which account needs money, and loses nothing", async () => {
    wallet = new Wallet(Wallet.createRandom().privateKey, rpc.provider);
    await assert.rejects(
      sender().send(call, signal),
      (error) =>
        error instanceof RetryableError &&
        error.code === "INSUFFICIENT_FUNDS" &&
        error.message.includes(wallet.address),
    );
  });

  it("asks the chain for nothing while nothing is under way, but for a look now and then", async (t) => {
    const clock = new ManualClock();
    const file = join(folder, `journal-${wallet.address}`, "journal.sqlite");
    const services = senderServices(file, { chainId: 4_321, address: wallet.address });
    const deep = new Rpc({ ...rpc.chain, finality: { depth: 1 } });
    t.after(() => {
      deep.close();
    });
    const options = { rpc: deep, wallet, replaceMilliseconds: 60_000 };
    const idle = new TransactionSender(options, { ...services, clock });
    const { mock } = t.mock.method(deep.provider, "send");
    const asks = async () => {
      const before = mock.callCount();
      await idle.tick(signal);
      return mock.callCount() > before;
    };

    await idle.send(call, signal);
    assert.deepEqual([await asks(), await asks()], [true, true], "what a block holds may be taken back");
    await mine();
    assert.deepEqual([await asks(), await asks()], [true, false], "now it is final");
    clock.advance(4_999);
    assert(!(await asks()));
    clock.advance(1);
    assert(await asks(), "a balance changes by itself");
    await idle.send(call, signal);
    assert(await asks(), "what was sent is looked after at once");
  });

  async function firstPending() {
    await until("it is in the pool", async () => (await pending()).length > 0);
    const [transaction] = await pending();
    assert(transaction !== undefined);
    return transaction;
  }
});
