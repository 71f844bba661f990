import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { HolderMarks } from "../../../../relayer/platform/transactions/holder-marks.ts";
import { requireToken, RedisKeyLock } from "../../../../relayer/platform/transactions/key-lock.ts";
import { SqliteTransactionJournal } from "../../../../relayer/platform/transactions/sqlite-journal.ts";
import { ManualClock } from "../../support/fakes.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";

const TTL = 60_000;
const owner = { chainId: 1, address: "0x00000000000000000000000000000000000000AA" };
const isNotOwner = (error: unknown) => error instanceof RetryableError && error.code === "NOT_OWNER";

describe("the lock on a sending key", () => {
  let server: PrivateRedis;
  let redis: Redis;
  let folder: string;
  let clock: ManualClock;
  const opened: (() => void | Promise<void>)[] = [];
  before(async () => {
    server = await PrivateRedis.start();
    redis = server.connect();
  });
  after(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    folder = mkdtempSync(join(tmpdir(), "dchat-lock-"));
    clock = new ManualClock();
  });
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
    rmSync(folder, { recursive: true });
  });

  /** A process with the journal that all share. */
  function contender(connection = redis) {
    const journal = new SqliteTransactionJournal(join(folder, "journal", "journal.sqlite"), owner);
    const marks = new HolderMarks(join(folder, "journal", "holders"));
    const services = { journal, clock, marks, logger: createLogger("silent", {}) };
    const lock = new RedisKeyLock({ redis: connection, ...owner, ttlMilliseconds: TTL }, services);
    opened.push(
      () => {
        journal.close();
      },
      () => lock.release(),
    );
    return { journal, lock };
  }
  /** The lock runs out, for Redis as for the clock of the processes. */
  async function runOut() {
    clock.advance(TTL);
    await redis.del(`{dchat}:sending-key:1:${owner.address}`);
  }

  it("is one process's, until that gives it up", async () => {
    const [one, two] = [contender(), contender()];
    await one.lock.refresh();
    await two.lock.refresh();
    assert.equal(one.lock.token(), 1);
    assert.throws(() => two.lock.token(), isNotOwner);
    await one.lock.release();
    await two.lock.refresh();
    assert.equal(two.lock.token(), 2);
  });

  it("passes to a standby when its holder is frozen, which notices before it does anything", async () => {
    const [one, two] = [contender(), contender()];
    await one.lock.refresh();
    const token = one.lock.token();
    await runOut();
    assert.throws(() => one.lock.token(), isNotOwner);
    await two.lock.refresh();
    assert.equal(two.lock.token(), 2);
    for (const act of [
      () => {
        one.journal.check(token);
      },
      () => {
        one.journal.claim(token);
      },
    ])
      assert.throws(act, isNotOwner);
    await one.lock.refresh();
    assert.throws(() => one.lock.token(), isNotOwner);
  });

  it("is taken over at once from a holder that died here, and from no other", async () => {
    const { lock } = contender();
    const key = `{dchat}:sending-key:1:${owner.address}`;
    const living = await markedProcess();
    for (const [where, name] of [
      ["frozen", living.name],
      ["elsewhere", randomUUID()],
      ["a path", "../journal.sqlite"],
    ] as const) {
      await redis.set(key, name, "PX", TTL);
      await lock.refresh();
      assert(!lock.isHeld, where);
    }
    await redis.set(key, living.name, "PX", TTL);
    await living.kill();
    await lock.refresh();
    assert(lock.isHeld);
    const left = readdirSync(join(folder, "journal", "holders"));
    assert(!left.some((name) => name.startsWith(living.name)), "nothing of it is left");
  });

  /** Another process that has its mark here, and stands still. */
  async function markedProcess() {
    const name = randomUUID();
    const marks = new URL("../../../../relayer/platform/transactions/holder-marks.ts", import.meta.url).href;
    const program = `
      const { HolderMarks } = await import(${JSON.stringify(marks)});
      globalThis.unmark = new HolderMarks(${JSON.stringify(join(folder, "journal", "holders"))}).mark(${JSON.stringify(name)});
      process.stdout.write("marked");
      setInterval(() => {}, 1_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    const kill = async () => {
      if (child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    };
    opened.push(kill);
    return { name, kill };
  }

  it("has a token that rises though Redis is wiped, and is not held until it is taken anew", async () => {
    const { lock } = contender();
    await lock.refresh();
    const token = lock.token();
    await redis.flushall();
    await lock.refresh();
    assert(lock.token() > token);
    assert.throws(() => {
      requireToken(lock, token);
    }, isNotOwner);
  });

  it("is not held any longer when Redis stays away", async () => {
    const away = await PrivateRedis.start();
    const { lock } = contender(away.connect());
    await lock.refresh();
    assert(lock.isHeld);
    await away.stop();
    await lock.refresh();
    assert(lock.isHeld, "its time has not run out");
    clock.advance(TTL);
    await lock.refresh();
    assert(!lock.isHeld);
    assert.throws(() => lock.token(), isNotOwner);
  });

  it("is told about when it is won and lost", async () => {
    const { lock } = contender();
    const ending = new AbortController();
    const told: boolean[] = [];
    const running = lock.run(ending.signal, (isHeld) => told.push(isHeld));
    await until("it is held", () => told.length > 0);
    ending.abort();
    await running;
    assert.deepEqual(told, [true]);
  });
});

describe("a journal of transactions", () => {
  it("does not open for another key or chain, and says what that means", () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-journal-"));
    const file = join(folder, "sender", "journal.sqlite");
    new SqliteTransactionJournal(file, owner).close();
    assert.throws(
      () => new SqliteTransactionJournal(file, { ...owner, chainId: 2 }),
      /belongs to 0x00.* on chain 1.*Nothing will be sent/,
    );
    rmSync(folder, { recursive: true });
  });

  it("gives back what was written, to the next process", () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-journal-"));
    const file = join(folder, "sender", "journal.sqlite");
    const attempt = {
      hash: "0x1",
      purpose: "call",
      maxFeePerGas: 2n ** 70n,
      maxPriorityFeePerGas: 1n,
      gasLimit: 21_000n,
      to: "0xaa",
      data: "0x",
      raw: "0x02",
    } as const;
    const slot = { nonce: 3, state: "reserved", attempts: [attempt] } as const;
    const journal = new SqliteTransactionJournal(file, owner);
    journal.write(slot, 1);
    const more = {
      ...slot,
      state: "included",
      winner: "0x2",
      attempts: [attempt, { ...attempt, hash: "0x2" }],
    } as const;
    journal.write(more, 1);
    assert.throws(() => {
      journal.write({ ...slot, attempts: [{ ...attempt, hash: "0x3" }] }, 1);
    }, /another transaction/);
    journal.close();
    const again = new SqliteTransactionJournal(file, owner);
    assert.deepEqual(again.slots(), [more]);
    again.close();
    rmSync(folder, { recursive: true });
  });
});
