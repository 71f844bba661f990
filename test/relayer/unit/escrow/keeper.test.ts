import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Registry } from "prom-client";
import { MAX_BATCH, mostGasOf, planBatch } from "../../../../relayer/escrow/core/batch.ts";
import { EscrowLedger, type EscrowLog, type KnownEscrow } from "../../../../relayer/escrow/core/ledger.ts";
import { NO_ESCROW } from "../../../../relayer/escrow/core/machine.ts";
import { Patience } from "../../../../relayer/escrow/core/patience.ts";
import {
  type Escrow,
  type EscrowId,
  Silence,
  State,
  type Terms,
} from "../../../../relayer/escrow/core/types.ts";
import { createKeeperMetrics } from "../../../../relayer/escrow/metrics.ts";
import type { EscrowReader, Expiration, Expirer } from "../../../../relayer/escrow/ports.ts";
import { Keeper } from "../../../../relayer/escrow/worker/keeper.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { hashOf } from "../../support/bridge.ts";

const signal = new AbortController().signal;
const START = 1_000_000n;
const idOf = (name: string) => hashOf(name) as unknown as EscrowId;

function termsOf(deliverBy: bigint, { tip = 0n, payees = 1 } = {}): Terms {
  return {
    buyer: "0x00000000000000000000000000000000000000b1",
    token: "0x0000000000000000000000000000000000000000",
    arbiter: "0x00000000000000000000000000000000000000a1",
    amount: 1_000n,
    rules: {
      deliverBy,
      reviewFor: 100n,
      arbiterBy: deliverBy + 1_000n,
      defaultSplit: 5_000n,
      tip,
      onSilence: Silence.PaysSeller,
      salt: 0n,
    },
    metadata: hashOf("agreement"),
    milestones: [],
    payees: Array.from({ length: payees }, (_, i) => ({
      account: `0x${(i + 1).toString(16).padStart(40, "0")}`,
      share: 10_000n / BigInt(payees),
    })),
  };
}

function knownOf(name: string, terms: Terms): KnownEscrow {
  return {
    id: idOf(name),
    terms,
    escrow: { ...NO_ESCROW, state: State.Locked, since: START, remaining: terms.amount },
  };
}

const created = (name: string, terms: Terms): EscrowLog => ({
  id: idOf(name),
  time: START,
  event: { name: "Created" },
  terms,
});

describe("ledger of escrows", () => {
  it("knows what is due, the longest overdue first, and forgets what is closed", () => {
    const ledger = new EscrowLedger({ keepsClosed: false });
    for (const [name, deliverBy] of [
      ["a", 30n],
      ["b", 10n],
      ["c", 20n],
      ["d", 99n],
    ] as const)
      ledger.apply(created(name, termsOf(START + deliverBy)));
    ledger.apply({ id: idOf("c"), time: START, event: { name: "Refunded" } });
    const due = (now: bigint) => ledger.due(START + now).map(({ id }) => id);
    assert.deepEqual(due(9n), []);
    assert.deepEqual(due(10n), [idOf("b")]);
    assert.deepEqual(due(30n), [idOf("b"), idOf("a")]);
    ledger.apply({ id: idOf("a"), time: START + 5n, event: { name: "Delivered" } });
    assert.deepEqual(due(104n), [idOf("b"), idOf("d")]);
    assert.deepEqual(due(105n), [idOf("b"), idOf("d"), idOf("a")]);
    assert.equal(ledger.find(idOf("c")), undefined);
  });

  it("passes over logs of escrows that it never saw created", () => {
    const ledger = new EscrowLedger({ keepsClosed: true });
    ledger.apply({ id: idOf("x"), time: START, event: { name: "Disputed" } });
    assert.deepEqual(ledger.all(), []);
  });
});

describe("planning a batch", () => {
  it("stays below the gas even if every item takes all that it may, and takes one at least", () => {
    const items = Array.from({ length: 120 }, (_, i) =>
      knownOf(String(i), termsOf(START, { payees: 1 + (i % 50) })),
    );
    for (const mostGas of [1n, 1_000_000n, 15_000_000n, 10_000_000_000n]) {
      const batch = planBatch(items, mostGas);
      assert.deepEqual(batch, items.slice(0, batch.length));
      assert(batch.length >= 1 && batch.length <= MAX_BATCH);
      if (batch.length > 1) assert(batch.reduce((sum, item) => sum + mostGasOf(item), 0n) <= mostGas);
    }
    assert.deepEqual(planBatch([], 1n), []);
  });
});

describe("patience", () => {
  it("doubles with every failure from a minute to a day, and ends with success", () => {
    const patience = new Patience();
    const id = idOf("a");
    const waits: bigint[] = [];
    for (let i = 0; i < 14; i++) {
      patience.failed(id, 0n);
      let wait = 60n;
      while (!patience.allows(id, wait)) wait += 60n;
      waits.push(wait);
    }
    assert.deepEqual(waits.slice(0, 4), [60n, 120n, 240n, 480n]);
    assert.equal(waits.at(-1), 86_400n);
    patience.succeeded(id);
    assert(patience.allows(id, 0n));
  });
});

class World implements EscrowReader, Expirer {
  readonly chain: EscrowLog[] = [];
  readonly now = new Map<EscrowId, Escrow>();
  readonly hostile = new Set<EscrowId>();
  sent: (readonly EscrowId[])[] = [];
  reads: (readonly [number, number])[] = [];
  time = START;
  block = 10;
  price = 1n;

  put(name: string, terms: Terms): void {
    this.chain.push(created(name, terms));
    this.now.set(idOf(name), knownOf(name, terms).escrow);
  }

  heights = () => {
    const hash = hashOf(`block ${this.block} at ${this.time}`);
    return Promise.resolve({ newest: { number: this.block, hash, time: this.time }, final: this.block });
  };
  escrow = (id: EscrowId) => Promise.resolve(this.now.get(id) ?? assert.fail());
  claimable = () => Promise.resolve(0n);
  gasPrice = () => Promise.resolve(this.price);

  logs(from: number, to: number): Promise<readonly EscrowLog[]> {
    this.reads.push([from, to]);
    return Promise.resolve(this.chain.splice(0));
  }

  expire(batch: readonly KnownEscrow[]): Promise<Expiration | undefined> {
    const expired = batch.map(({ id }) => id).filter((id) => !this.hostile.has(id));
    if (expired.length === 0) return Promise.resolve(undefined);
    this.sent.push(batch.map(({ id }) => id));
    for (const id of expired) {
      this.now.set(id, { ...NO_ESCROW, state: State.Expired });
      this.chain.push({ id, time: this.time, event: { name: "Expired" } });
    }
    this.block++;
    const skipped = batch.map(({ id }) => id).filter((id) => this.hostile.has(id));
    return Promise.resolve({
      transactionHash: hashOf("tx"),
      expired,
      skipped,
      tips: [{ token: "0x00", amount: 5n }],
      spent: 100n,
    });
  }
}

describe("keeper", () => {
  let world: World;
  let registry: Registry;
  const keeperWith = (options = {}) =>
    new Keeper(
      { deploymentBlock: 0, mostGas: 15_000_000n, mostGasPrice: 10n, leastTip: 0n, ...options },
      {
        reader: world,
        expirer: world,
        metrics: createKeeperMetrics(registry),
        logger: createLogger("silent", {}),
      },
    );
  const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;

  beforeEach(() => {
    world = new World();
    registry = new Registry();
  });

  it("expires what is due in one batch, once, and counts what it earned and spent", async () => {
    const keeper = keeperWith();
    world.put("a", termsOf(START + 10n));
    world.put("b", termsOf(START + 20n));
    world.put("later", termsOf(START + 99n));
    await keeper.tick(signal);
    assert.deepEqual(world.sent, []);
    world.time = START + 20n;
    await keeper.tick(signal);
    await keeper.tick(signal);
    assert.deepEqual(world.sent, [[idOf("a"), idOf("b")]]);
    assert.deepEqual(
      [
        await metric("dchat_keeper_spent_wei_total"),
        await metric("dchat_keeper_tips_total"),
        await metric("dchat_keeper_expired_total"),
      ],
      [100, 5, 2],
    );
    assert.equal(await metric("dchat_escrow_open"), 1);
  });

  it("leaves alone what somebody settled in the newest block", async () => {
    world.put("a", termsOf(START));
    world.now.set(idOf("a"), { ...NO_ESCROW, state: State.Released });
    await keeperWith().tick(signal);
    assert.deepEqual(world.sent, []);
  });

  it("waits while gas is dearer than it pays for", async () => {
    const keeper = keeperWith();
    world.put("a", termsOf(START));
    world.price = 11n;
    await keeper.tick(signal);
    assert.deepEqual([world.sent, await metric("dchat_keeper_postponed_total")], [[], 1]);
    world.price = 10n;
    await keeper.tick(signal);
    assert.equal(world.sent.length, 1);
  });

  it("looks at nothing again until there is another block, where nothing was due", async () => {
    const keeper = keeperWith();
    world.put("later", termsOf(START + 99n));
    await keeper.tick(signal);
    const reads = world.reads.length;
    await keeper.tick(signal);
    assert.equal(world.reads.length, reads);
    world.block++;
    world.time = START + 99n;
    await keeper.tick(signal);
    assert(world.reads.length > reads);
    assert.equal(world.sent.length, 1);
  });

  it("works for no less than the tip that it asks for", async () => {
    world.put("poor", termsOf(START, { tip: 9n }));
    world.put("rich", termsOf(START, { tip: 10n }));
    await keeperWith({ leastTip: 10n }).tick(signal);
    assert.deepEqual(world.sent, [[idOf("rich")]]);
  });

  it("is not made to burn gas by a hostile escrow, nor kept from the others", async () => {
    const keeper = keeperWith();
    world.put("hostile", termsOf(START));
    world.hostile.add(idOf("hostile"));
    await keeper.tick(signal);
    world.put("honest", termsOf(START));
    world.block++;
    await keeper.tick(signal);
    await keeper.tick(signal);
    assert.deepEqual(world.sent, [[idOf("honest")]]);
    world.hostile.clear();
    world.time += 60n;
    await keeper.tick(signal);
    assert.deepEqual(world.sent.at(-1), [idOf("hostile")]);
  });

  it("reads each block once, in steps, and everything again after a restart", async () => {
    world.block = 2_500;
    const keeper = keeperWith();
    await keeper.tick(signal);
    await keeper.tick(signal);
    assert.deepEqual(world.reads.splice(0), [
      [0, 999],
      [1_000, 1_999],
      [2_000, 2_500],
    ]);
    registry = new Registry();
    await keeperWith().tick(signal);
    assert.equal(world.reads.length, 3);
  });
});
