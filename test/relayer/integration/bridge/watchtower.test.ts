import assert from "node:assert/strict";
import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Wallet } from "ethers";
import { Registry } from "prom-client";
import { OutboxReader } from "../../../../relayer/bridge/adapters/origin.ts";
import { commitmentTo } from "../../../../relayer/bridge/adapters/evidence.ts";
import { RegistryReader } from "../../../../relayer/bridge/adapters/registry.ts";
import { SlashingReporter } from "../../../../relayer/bridge/adapters/slashing.ts";
import { SIGNERS_OF_POINT, SqliteWatchRecord } from "../../../../relayer/bridge/adapters/watch-record.ts";
import { setLane } from "../../../../relayer/bridge/core/rotation.ts";
import { createWatchtowerMetrics } from "../../../../relayer/bridge/metrics.ts";
import { PATIENCE_BLOCKS, TruthChecker } from "../../../../relayer/bridge/worker/truth-checker.ts";
import { Watchtower } from "../../../../relayer/bridge/worker/watchtower.ts";
import type { Attestation } from "../../../../relayer/domain/bridge.ts";
import { ConfigurationError } from "../../../../relayer/domain/errors.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { chainId, hash } from "../../../../relayer/domain/ids.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Rpc } from "../../../../relayer/platform/rpc.ts";
import { TransactionSender } from "../../../../relayer/platform/transaction-sender.ts";
import { hashOf } from "../../support/bridge.ts";
import { FakeDestination } from "../../support/fakes.ts";
import { chainAt } from "../../support/sender-scene.ts";
import { senderServices } from "../../support/sender-services.ts";
import { until } from "../../support/processes.ts";
import { SlashingScene } from "../../support/slashing-scene.ts";

const HOME = 4_361;
const logger = createLogger("silent", {});
const { signal } = new AbortController();

let scene: SlashingScene;
before(async () => {
  scene = await SlashingScene.start(HOME);
});
after(() => scene.stop());

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(scene.folder, "watchtower-"));
  file = join(folder, "record.sqlite");
});

const key = (i: number) => scene.keys[i] ?? assert.fail();
const twice = (i: number, nonce: bigint) =>
  Promise.all(["one", "another"].map((text) => scene.attestation(key(i), nonce, hashOf(text))));

describe("the watchtower's record in SQLite", () => {
  it("keeps what it was shown, its cases and their salts over a restart, and can be read by its owner alone", async () => {
    const attestations = await twice(0, 1n);
    let record = new SqliteWatchRecord(file, systemClock);
    // Together, as they come from the queue: the first that is asked for is the first.
    const findings = await Promise.all([...attestations, ...attestations].map((each) => record.add(each)));
    assert.deepEqual(findings, ["first", "double-signing", "known", "double-signing"]);
    const [opened, ...others] = record.open();
    assert.deepEqual([opened?.state, others], ["seen", []]);
    record.note(1, "committed");
    record.close();

    record = new SqliteWatchRecord(file, systemClock);
    assert.deepEqual(record.open(), [{ ...opened, state: "committed" }]);
    assert.deepEqual(
      new Set(record.unchecked(9).map(({ signature }) => signature)),
      new Set(attestations.map(({ signature }) => signature)),
    );
    assert.equal(await record.add(attestations[0] ?? assert.fail()), "known");
    record.note(1, "refused", "EvidenceExpired");
    assert.deepEqual(record.open(), []);
    assert.deepEqual(record.counts(), [{ offence: "DoubleSigning", state: "refused", count: 1 }]);
    record.close();
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it("gives each case a salt of its own", async () => {
    const record = new SqliteWatchRecord(file, systemClock);
    for (const nonce of [1n, 2n]) for (const each of await twice(0, nonce)) await record.add(each);
    assert.equal(new Set(record.open().map(({ salt }) => salt)).size, 2);
    record.close();
  });

  it("finds who signed a point without reading what else was signed, in files of older versions, too", () => {
    const explain = () => {
      const database = new DatabaseSync(file);
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${SIGNERS_OF_POINT}`).all("d", "l", "1");
      database.exec("DROP INDEX signed_by_point"); // as in a file from before there was one
      database.close();
      return plan.map(({ detail }) => String(detail));
    };
    for (let opened = 0; opened < 2; opened++) {
      new SqliteWatchRecord(file, systemClock).close();
      const [step = "", ...others] = explain();
      assert.match(step, /^SEARCH signed USING INDEX signed_by_point/);
      assert.deepEqual(others, []);
    }
  });

  it("does not open what is no record, and says so", () => {
    writeFileSync(file, "no database at all, but long enough to be looked at by somebody who wants one");
    assert.throws(
      () => new SqliteWatchRecord(file, systemClock),
      (error) => error instanceof ConfigurationError && error.code === "WATCH_RECORD",
    );
  });
});

/** A watchtower on the scene's home chain. */
class Tower {
  readonly record = new SqliteWatchRecord(file, systemClock);
  readonly events: DomainEvent[] = [];
  readonly reporter: SlashingReporter;
  readonly #rpc: Rpc;
  readonly #watchtower: Watchtower;

  constructor(wallet: Wallet) {
    const { contracts, sides, domain } = scene;
    const chain = { ...chainAt(scene.url, HOME, 1), outbox: sides[0].outbox };
    const rpc = new Rpc(chain);
    const services = senderServices(`${folder}/journal.sqlite`, { chainId: HOME, address: wallet.address });
    const sender = new TransactionSender({ rpc, wallet, replaceMilliseconds: 60_000 }, services);
    this.#rpc = rpc;
    this.reporter = new SlashingReporter(contracts, { rpc, sender, provers: new Map() });
    const away = Object.assign(new FakeDestination(), { domain, chainId: chainId.parse(HOME + 1) });
    const origin = new OutboxReader(rpc, [away.chainId]);
    const home = { chainId: scene.home, registry: contracts.registry };
    this.#watchtower = new Watchtower({
      record: this.record,
      reporter: this.reporter,
      truth: new TruthChecker({
        record: this.record,
        origins: new Map([[scene.home, origin]]),
        destinations: new Map([[away.chainId, away]]),
        sets: new RegistryReader(home, rpc),
      }),
      domains: new Set([domain]),
      emit: (event) => this.events.push(event),
      metrics: createWatchtowerMetrics(new Registry()),
      logger,
    });
  }

  async watch(attestations: readonly Attestation[]): Promise<void> {
    for (const each of attestations) await this.#watchtower.watch(each, { logger });
  }

  tick(): Promise<void> {
    return this.#watchtower.tick(signal);
  }

  async settle(): Promise<void> {
    await until("every case is over", async () => {
      await this.tick();
      return this.record.open().length === 0;
    });
  }

  close(): void {
    this.record.close();
    this.#rpc.close();
  }
}

describe("a watchtower and the contracts", () => {
  let tower: Tower;
  beforeEach(async () => {
    tower = new Tower(await scene.newWallet());
  });
  const ends = () =>
    tower.events.flatMap((event) => (event.kind === "offence-punished" ? [event.reporter] : []));

  it("agree on what a reporter commits to", async () => {
    await tower.watch(await twice(0, 11n));
    const [subject = assert.fail()] = tower.record.open();
    const commitment = commitmentTo(subject.evidence, tower.reporter.account, subject.salt);
    assert.equal(await scene.slashing.committedAt(tower.reporter.account, commitment), 0n);
    await tower.tick();
    assert.notEqual(await scene.slashing.committedAt(tower.reporter.account, commitment), 0n);
    await tower.settle();
    assert.equal(await scene.slashing.committedAt(tower.reporter.account, commitment), 0n);
    assert.deepEqual(ends(), [tower.reporter.account]);
    tower.close();
  });

  it("commit anew when a commitment became too old", async () => {
    await tower.watch(await twice(0, 12n));
    await tower.tick();
    const life = Number(await scene.slashing.COMMIT_LIFE());
    await scene.provider.send("evm_increaseTime", [life + 1]);
    await scene.provider.send("evm_mine", []);
    await tower.settle();
    const committed = await scene.slashing.queryFilter(
      scene.slashing.filters.Committed(tower.reporter.account),
    );
    assert.equal(committed.length, 2);
    assert.deepEqual(ends(), [tower.reporter.account]);
    tower.close();
  });

  it("let whoever is faster have the reward, and settle the case all the same", async () => {
    const attestations = await twice(0, 13n);
    await tower.watch(attestations);
    await tower.tick(); // committed
    const slow = tower;
    folder = mkdtempSync(join(scene.folder, "watchtower-"));
    file = join(folder, "record.sqlite");
    tower = new Tower(await scene.newWallet());
    await tower.watch(attestations);
    await tower.settle();
    await slow.settle();
    const winner = tower.reporter.account;
    tower.close();
    tower = slow;
    assert.deepEqual(ends(), [winner]);
    assert.equal(await scene.registry.rewardOf(slow.reporter.account), 0n);
    slow.close();
  });

  it("punish a validator for a set that the registry never formed, with the whole bond", async () => {
    const { registry, home } = { ...scene.contracts, home: scene.home };
    const { id: lane } = setLane({ chainId: home, registry }, chainId.parse(HOME + 1));
    const truth = hash.parse(await scene.registry.validatorSetHash(1));
    await tower.watch([
      await scene.attestation(key(1), 1n, truth, { lane }),
      await scene.attestation(key(2), 9n, hashOf("a set of my own"), { lane }),
    ]);
    await tower.tick();
    assert.deepEqual(tower.record.open(), []); // perhaps our node is behind
    await scene.provider.send("hardhat_mine", [`0x${PATIENCE_BLOCKS.toString(16)}`, "0x0"]); // at one time
    await tower.tick();
    await tower.settle();
    const [honest, liar] = await Promise.all([1, 2].map((i) => scene.registry.validatorOf(key(i).publicKey)));
    assert.deepEqual([honest?.isTombstoned, liar?.isTombstoned, liar?.bond], [false, true, 0n]);
    assert.deepEqual(ends(), [tower.reporter.account]);
    assert.deepEqual(tower.record.unchecked(9), []);
    tower.close();
  });

  it("has nothing to say about a validator that says the same in every epoch", async () => {
    const say = (epoch: bigint) => scene.attestation(key(1), 14n, hashOf("one"), { epoch });
    await tower.watch([await say(1n), await say(1n), await say(2n)]);
    await tower.tick();
    assert.deepEqual([tower.record.open(), tower.events], [[], []]);
    tower.close();
  });
});
