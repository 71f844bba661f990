import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { type JsonRpcSigner, parseEther, Wallet } from "ethers";
import { Registry } from "prom-client";
import { z } from "zod";
import { address, chainId, chainName } from "../../../../relayer/domain/ids.ts";
import { BatchExpirer } from "../../../../relayer/escrow/adapters/expirer.ts";
import { EscrowContractReader } from "../../../../relayer/escrow/adapters/reader.ts";
import { escrowId, packTerms } from "../../../../relayer/escrow/core/terms.ts";
import {
  type EscrowId,
  Silence,
  State,
  type Terms,
  ZERO_ADDRESS,
} from "../../../../relayer/escrow/core/types.ts";
import { createKeeperMetrics } from "../../../../relayer/escrow/metrics.ts";
import { Keeper } from "../../../../relayer/escrow/worker/keeper.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { TransactionSender } from "../../../../relayer/platform/transaction-sender.ts";
import type { Escrow } from "../../../../types/ethers-contracts/escrow/Escrow.ts";
import { Escrow__factory } from "../../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { MisbehavingToken__factory } from "../../../../types/ethers-contracts/factories/mocks/MisbehavingToken.sol/MisbehavingToken__factory.ts";
import { hashOf } from "../../support/bridge.ts";
import { senderServices } from "../../support/sender-services.ts";
import { repository, type Running, start, until } from "../../support/processes.ts";

const CHAIN = 4_322;
const AMOUNT = 1_000_000n;
/** Seconds from the creation of an escrow to its delivery date. */
const DELIVERY = 1_000n;
const signal = new AbortController().signal;
const unused = address.parse("0x00000000000000000000000000000000000000aa");
const seller = "0x00000000000000000000000000000000000000B1";
const silent = createLogger("silent", {});

/** How MisbehavingToken misbehaves. */
const mood = { takesFee: 1, returnsFalse: 2, burnsGas: 5, returnBombs: 6 } as const;

const folder = mkdtempSync(join(tmpdir(), "dchat-keeper-"));
let node: Running;
let rpc: Rpc;
let buyer: JsonRpcSigner;
let escrow: Escrow;
let contract: string;
let salt = 0n;

before(async () => {
  const options = ["--chain-id", String(CHAIN), "--block-seconds", "0", "--data", folder];
  node = start(process.execPath, [join(repository, "scripts/chain-node.ts"), ...options]);
  await until("the node serves", () => node.stdout().includes("\n"));
  const { port } = z.object({ port: z.number() }).parse(JSON.parse(node.stdout()));
  rpc = new Rpc({
    name: chainName.parse("T"),
    chainId: chainId.parse(CHAIN),
    rpcUrl: `http://127.0.0.1:${port}`,
    finality: { depth: 0 },
    pollMilliseconds: 10,
    rpcTimeoutMilliseconds: 10_000,
    outbox: unused,
    inbox: unused,
    deploymentBlock: 0,
    senderKeyFile: "unused",
  });
  buyer = await rpc.provider.getSigner(0);
});
after(async () => {
  rpc.close();
  node.child.kill("SIGKILL");
  await node.ended;
  rmSync(folder, { recursive: true });
});

const clock = async () => BigInt((await rpc.provider.getBlock("latest"))?.timestamp ?? 0);

/** Lets the chain's time pass. */
async function pass(seconds: bigint): Promise<void> {
  await rpc.provider.send("evm_increaseTime", [Number(seconds)]);
  await rpc.provider.send("evm_mine", []);
}

/** Creates an escrow that nobody delivers. */
async function lock(token: string = ZERO_ADDRESS, tip = 0n): Promise<EscrowId> {
  const deliverBy = (await clock()) + DELIVERY;
  const terms: Terms = {
    buyer: buyer.address,
    token,
    arbiter: ZERO_ADDRESS,
    amount: AMOUNT,
    rules: {
      deliverBy,
      reviewFor: 100n,
      arbiterBy: deliverBy + 1_000n,
      defaultSplit: 5_000n,
      tip,
      onSilence: Silence.PaysSeller,
      salt: ++salt,
    },
    metadata: hashOf("agreement"),
    milestones: [],
    payees: [{ account: seller, share: 10_000n }],
  };
  await (await escrow.create(packTerms(terms), { value: token === ZERO_ADDRESS ? AMOUNT : 0n })).wait();
  return escrowId(terms, { chainId: BigInt(CHAIN), escrow: contract });
}

function lockMany(count: number): Promise<readonly EscrowId[]> {
  return Promise.all(Array.from({ length: count }, () => lock()));
}

/** A keeper from scratch, with a key of its own that has some money. */
async function newKeeper(options: { readonly mostGasPrice?: bigint } = {}) {
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  await (await buyer.sendTransaction({ to: wallet.address, value: parseEther("1") })).wait();
  const file = join(folder, `sender-${wallet.address}`, "journal.sqlite");
  const services = senderServices(file, { chainId: CHAIN, address: wallet.address });
  const sender = new TransactionSender({ rpc, wallet, replaceMilliseconds: 60_000 }, services);
  const registry = new Registry();
  const keeper = new Keeper(
    { deploymentBlock: 0, mostGas: 13_000_000n, mostGasPrice: 2n ** 256n, leastTip: 0n, ...options },
    {
      reader: new EscrowContractReader(rpc, contract),
      expirer: new BatchExpirer(rpc, contract, sender),
      metrics: createKeeperMetrics(registry),
      logger: silent,
    },
  );
  return {
    tick: () => keeper.tick(signal),
    transactions: () => rpc.provider.getTransactionCount(wallet.address),
    metric: async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value,
  };
}

/** The transactions that expired each escrow, in order. */
async function expirations() {
  const events = await escrow.queryFilter(escrow.filters.Expired());
  return events.map(({ args, transactionHash }) => ({ id: args.id as EscrowId, transactionHash }));
}

const stateOf = async (id: EscrowId) => Number((await escrow.escrowOf(id)).state);

describe("keeper against a chain", () => {
  beforeEach(async () => {
    escrow = await new Escrow__factory(buyer).deploy();
    await escrow.waitForDeployment();
    contract = await escrow.getAddress();
  });

  it("expires what is due in one batch, exactly once, and leaves the rest alone", async () => {
    const ids = await lockMany(5);
    const keeper = await newKeeper();
    await keeper.tick();
    assert.equal(await keeper.transactions(), 0);
    await pass(DELIVERY);
    const later = await lock();
    await keeper.tick();
    await keeper.tick();
    const done = await expirations();
    assert.deepEqual(done.map(({ id }) => id).sort(), [...ids].sort());
    assert.equal(new Set(done.map(({ transactionHash }) => transactionHash)).size, 1);
    assert.equal(await keeper.transactions(), 1);
    assert.equal(await stateOf(later), State.Locked);
    assert.equal(await rpc.provider.getBalance(contract), AMOUNT);
  });

  it("counts what it earns and spends", async () => {
    await lock(ZERO_ADDRESS, 100n);
    await pass(DELIVERY);
    const keeper = await newKeeper();
    await keeper.tick();
    assert.equal(await keeper.metric("dchat_keeper_tips_total"), Number(AMOUNT / 100n));
    assert(((await keeper.metric("dchat_keeper_spent_wei_total")) ?? 0) > 0);
  });

  it("waits while gas costs more than it pays", async () => {
    const id = await lock();
    await pass(DELIVERY);
    const keeper = await newKeeper({ mostGasPrice: 0n });
    await keeper.tick();
    assert.deepEqual([await keeper.transactions(), await stateOf(id)], [0, State.Locked]);
    assert.equal(await keeper.metric("dchat_keeper_postponed_total"), 1);
  });

  for (const [name, how] of Object.entries(mood))
    it(`is not stopped by a token that ${name}`, async () => {
      const token = await new MisbehavingToken__factory(buyer).deploy();
      await (await token.approve(contract, AMOUNT)).wait();
      const hostile = await lock(await token.getAddress());
      const honest = await lockMany(3);
      await (await token.setMood(how)).wait();
      await pass(DELIVERY);
      const keeper = await newKeeper();
      await keeper.tick();
      for (const id of honest) assert.equal(await stateOf(id), State.Expired);
      assert.equal(await stateOf(hostile), State.Expired, "the money waits as a credit, or was paid");
      assert.equal(await keeper.transactions(), 1);
      assert.equal(await rpc.provider.getBalance(contract), 0n);
    });

  it("finds everything again when it starts from nothing", async () => {
    const ids = await lockMany(3);
    await (await newKeeper()).tick();
    await pass(DELIVERY);
    const restarted = await newKeeper();
    await restarted.tick();
    for (const id of ids) assert.equal(await stateOf(id), State.Expired);
    const again = await newKeeper();
    await again.tick();
    assert.equal(await again.transactions(), 0);
  });

  it("does no harm beside another keeper", async () => {
    const ids = await lockMany(4);
    await pass(DELIVERY);
    const keepers = [await newKeeper(), await newKeeper()];
    for (let round = 0; round < 3; round++)
      await Promise.all(keepers.map((keeper) => keeper.tick().catch(() => undefined))); // the slower one may be refused
    const done = (await expirations()).map(({ id }) => id);
    assert.deepEqual([...done].sort(), [...ids].sort(), "each once");
    assert.equal(await rpc.provider.getBalance(contract), 0n);
    const sent = await Promise.all(keepers.map((keeper) => keeper.transactions()));
    assert(sent.every((count) => count <= 1));
  });
});
