import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Registry } from "prom-client";
import { OutboxReader } from "../../../../relayer/bridge/adapters/origin.ts";
import { AttestedPointLog } from "../../../../relayer/bridge/adapters/point-log.ts";
import { RegistryReader } from "../../../../relayer/bridge/adapters/registry.ts";
import { SlashingReporter } from "../../../../relayer/bridge/adapters/slashing.ts";
import { SqliteWatchRecord } from "../../../../relayer/bridge/adapters/watch-record.ts";
import { assembleQuorum } from "../../../../relayer/bridge/core/quorum.ts";
import { DOWNTIME_WINDOW } from "../../../../relayer/bridge/core/slashing.ts";
import { createWatchtowerMetrics } from "../../../../relayer/bridge/metrics.ts";
import { DowntimeWatch } from "../../../../relayer/bridge/worker/downtime-watch.ts";
import { Watchtower } from "../../../../relayer/bridge/worker/watchtower.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { chainId } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { TransactionSender } from "../../../../relayer/platform/transaction-sender.ts";
import { AttestedPoints__factory } from "../../../../types/ethers-contracts/factories/bridge/AttestedPoints__factory.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { ManualClock } from "../../support/fakes.ts";
import { chainAt } from "../../support/sender-scene.ts";
import { senderServices } from "../../support/sender-services.ts";
import { SlashingScene } from "../../support/slashing-scene.ts";

const HOME = 4_371;
const AWAY = chainId.parse(HOME + 1);
const POINTS = DOWNTIME_WINDOW + 5;
const logger = createLogger("silent", {});
const { signal } = new AbortController();

describe("a watchtower and validators that are not there", () => {
  let scene: SlashingScene;
  let rpc: Rpc;
  let tower: Tower;
  before(async () => {
    scene = await SlashingScene.start(HOME);
    rpc = new Rpc({ ...chainAt(scene.url, HOME, 1), outbox: scene.sides[0].outbox });
    await sendMessages();
    tower = await openTower();
    await attest([0, 1]);
  });
  after(async () => {
    tower.close();
    rpc.close();
    await scene.stop();
  });

  const clock = new ManualClock();
  const key = (i: number) => scene.keys[i] ?? assert.fail();
  const log = () => AttestedPoints__factory.connect(scene.contracts.points, scene.provider);
  const origin = () => new OutboxReader(rpc, [AWAY]);
  const lane = () => origin().lanes[0] ?? assert.fail();

  async function sendMessages() {
    const outbox = Outbox__factory.connect(scene.sides[0].outbox, await scene.provider.getSigner(0));
    const to = interoperableAddress(AWAY, scene.sides[1].outbox);
    for (let i = 0; i < POINTS; i++) await (await outbox.sendMessage(to, "0x", [])).wait();
  }

  type Tower = Awaited<ReturnType<typeof openTower>>;
  async function openTower(name = "one") {
    const wallet = await scene.newWallet();
    const folder = join(scene.folder, name);
    const services = senderServices(join(folder, "journal.sqlite"), {
      chainId: HOME,
      address: wallet.address,
    });
    const sender = new TransactionSender({ rpc, wallet, replaceMilliseconds: 60_000 }, services);
    const record = new SqliteWatchRecord(join(folder, "record.sqlite"), clock);
    const events: DomainEvent[] = [];
    const metrics = createWatchtowerMetrics(new Registry());
    const shared = { record, emit: (event: DomainEvent) => events.push(event), metrics, clock, logger };
    const sets = new RegistryReader({ chainId: scene.home, registry: scene.contracts.registry }, rpc);
    const reporter = new SlashingReporter(scene.contracts, { rpc, sender, provers: new Map() });
    const truth = { tick: () => Promise.resolve() };
    const pointLog = new AttestedPointLog(scene.contracts, rpc, sender);
    const watchtower = new Watchtower({ ...shared, reporter, truth, domains: new Set([scene.domain]) });
    const downtime = new DowntimeWatch(true, {
      ...shared,
      sets,
      log: pointLog,
      currentEpoch: () => Promise.resolve(1n),
      lanes: new Map([[lane().id, lane()]]),
    });
    const close = () => {
      record.close();
      services.journal.close();
    };
    return { record, events, sets, pointLog, reporter, watchtower, downtime, close };
  }

  /** Has some validators attest to every message of the lane. */
  async function attest(who: readonly number[], to: Tower = tower) {
    const points = await origin().advances(0, await rpc.newestBlock());
    assert.equal(points.length, POINTS);
    for (const { nonce, accumulator } of points)
      for (const i of who) {
        const attestation = await scene.attestation(key(i), nonce, accumulator, { lane: lane().id });
        await to.watchtower.watch(attestation, { logger });
      }
  }
  const pass = async (seconds: number) => {
    await scene.provider.send("evm_increaseTime", [seconds]);
    await scene.provider.send("evm_mine", []);
  };
  const told = () => tower.events.map(({ kind }) => kind);

  it("say nothing while late signatures may still come", async () => {
    await tower.downtime.tick(signal);
    assert.deepEqual([told(), await log().pointCount(1)], [[], 0n]);
  });

  it(
    "tell of the one that is missing, and record a window of points with all who signed",
    { timeout: 120_000 },
    async () => {
      clock.advance(60_000);
      while ((await log().pointCount(1)) < DOWNTIME_WINDOW) await tower.downtime.tick(signal);
      await tower.downtime.tick(signal); // a window is enough
      assert.deepEqual(told(), ["validator-missing"]);
      assert.equal(await log().pointCount(1), BigInt(DOWNTIME_WINDOW));
      const set = (await tower.sets.finalSet(1n))?.set ?? assert.fail();
      assert(set.scheme === "Ed25519");
      const bit = (i: number) => 1n << BigInt(set.members.indexOf(key(i).publicKey));
      assert.equal((await log().pointOf(1, 0)).signers, bit(0) | bit(1));
    },
  );

  it("claim the penalty once the grace is over, and have it carried out after the time for a veto", async () => {
    await tower.downtime.tick(signal);
    assert.deepEqual(tower.record.open(), []); // the grace lasts
    await pass(121);
    // Killed here, the next process finds the window in the log of the chain.
    const { events, record } = tower;
    await tower.downtime.tick(signal);
    await tower.downtime.tick(signal);
    assert.equal(record.open().length, 1);
    for (let i = 0; i < 3; i++) {
      await tower.watchtower.tick(signal);
      await pass(1);
    }
    assert.equal(await scene.slashing.pendingCount(), 1n);
    assert.deepEqual(record.counts(), [{ offence: "ExtendedDowntime", state: "submitted", count: 1 }]);
    await pass(121);
    for (let i = 0; i < 3; i++) {
      await tower.watchtower.tick(signal);
      await pass(1);
    }
    const punished = events.find(({ kind }) => kind === "offence-punished");
    assert(punished?.kind === "offence-punished");
    assert.deepEqual(
      [punished.validator, punished.reporter, punished.taken],
      [key(2).publicKey, tower.reporter.account, 10n ** 18n], // 1% of a bond of 100
    );
    assert.deepEqual(record.open(), []);
    assert.notEqual((await scene.registry.validatorOf(key(2).publicKey)).jailedUntil, 0n);
    // The reward is a tenth of that; what was claimed is not claimed again.
    assert.equal(await scene.registry.rewardOf(tower.reporter.account), 0n);
    await tower.downtime.tick(signal);
    assert.deepEqual([record.open(), await scene.slashing.pendingCount()], [[], 1n]);
  });

  it("answer for one that signed and was left out by another recorder", async () => {
    const other = await openTower("other");
    await attest([0, 1, 2], other);
    const set = (await other.sets.finalSet(1n))?.set ?? assert.fail();
    assert(set.scheme === "Ed25519");
    clock.advance(60_000);
    const [unrecorded = assert.fail()] = other.record
      .points(1n, clock.now(), POINTS)
      .filter(({ nonce }) => nonce === 1n);
    const two = new Map([...unrecorded.signatures].filter(([validator]) => validator !== key(2).publicKey));
    const quorum = assembleQuorum(set, two) ?? assert.fail();
    await other.pointLog.record(unrecorded, lane(), quorum, signal);
    const index = Number(await log().pointCount(1)) - 1;
    const signers = async () => (await log().pointOf(1, index)).signers;
    assert.notEqual(await signers(), 0b111n);
    await other.downtime.tick(signal);
    assert.equal(await signers(), 0b111n);
    const nonce = await scene.provider.getTransactionCount(other.reporter.account);
    await other.downtime.tick(signal); // there is nothing left to answer
    assert.equal(await scene.provider.getTransactionCount(other.reporter.account), nonce);
    assert.deepEqual(other.events, []);
    other.close();
  });
});
