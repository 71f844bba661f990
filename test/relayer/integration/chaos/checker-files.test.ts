import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import pino from "pino";
import { z } from "zod";
import { SqliteAlertingStore } from "../../../../relayer/alerting/adapters/alerting-store.ts";
import type { Alert } from "../../../../relayer/alerting/core/alert.ts";
import type { Change } from "../../../../relayer/alerting/core/change.ts";
import { announce, transition } from "../../../../relayer/alerting/core/dispatch.ts";
import { entry } from "../../../../relayer/alerting/core/history.ts";
import { supersede } from "../../../../relayer/alerting/core/supersede.ts";
import { attemptEntry, bury } from "../../../../relayer/alerting/worker/undelivered.ts";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { readAlertingMemory } from "../../../../relayer/chaos/adapters/checker/alerting-memory.ts";
import { readJobLogs } from "../../../../relayer/chaos/adapters/checker/job-logs.ts";
import { readSigningFile } from "../../../../relayer/chaos/adapters/checker/signing-files.ts";
import { alertsNotified } from "../../../../relayer/chaos/core/checker/alerts.ts";
import type { AlertEvidence, Expectations } from "../../../../relayer/chaos/core/checker/evidence.ts";
import { FatalError } from "../../../../relayer/domain/errors.ts";
import { loggerOptions } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { hashOf, laneOf, publicKeyOfText } from "../../support/bridge.ts";
import { HonestHistory } from "../../support/checker-history.ts";
import { alertOf, notificationOf } from "../../support/notifications.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dchat-checker-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const NOW = 1_000_000;
const expectations: Expectations = {
  checkedAt: NOW + 100_000,
  healedAt: NOW,
  executedWithin: 1_000,
  since: 0,
  alertedWithin: 1_000,
  notifiedWithin: 5_000,
};
const problemsOf = (alerts: AlertEvidence) =>
  alertsNotified({ ...new HonestHistory().evidence(), alerts }, expectations).map(({ text }) => text);

describe("alerting's memory, as the checker reads it", () => {
  let store: SqliteAlertingStore;
  let file: string;
  beforeEach(() => {
    file = join(folder, "alerting.sqlite");
    store = new SqliteAlertingStore(file);
  });
  afterEach(() => {
    store.close();
  });

  const { fingerprint, episode, labels } = alertOf();
  const alert: Alert = {
    ...{ fingerprint, episode, labels, annotations: {}, generatorUrl: "", isClosed: false },
    ...{ startsAt: NOW, endsAt: undefined, expiresAt: undefined, recordedAt: NOW, updatedAt: NOW },
  };
  const write = (...changes: readonly Change[]) => {
    store.transaction(NOW, (apply) => {
      for (const change of changes) apply(change);
    });
  };
  const notification = notificationOf({ at: NOW + 10 });
  const deliveredOf = (which: typeof notification): readonly Change[] => [
    { kind: "history", entry: attemptEntry(which, { kind: "delivered", detail: "200" }, NOW + 20) },
    { kind: "delivered", id: which.id },
  ];

  it("shows an alert that was told and arrived", () => {
    write(transition(alert, NOW), ...announce(notification), ...deliveredOf(notification));
    const [page] = readAlertingMemory(file).pages;
    assert.equal(page?.isDelivered, true);
    assert.deepEqual(problemsOf(readAlertingMemory(file)), []);
  });

  it("shows an alert that nobody was told of", () => {
    write(transition(alert, NOW));
    assert.match(problemsOf(readAlertingMemory(file))[0] ?? "", /LaneStuck.*nobody was notified/);
  });

  it("shows an alert whose notification still waits, and one that was given up", () => {
    write(transition(alert, NOW), ...announce(notification));
    assert.match(problemsOf(readAlertingMemory(file))[0] ?? "", /n-0001 to team did not arrive/);
    const changes: Change[] = [];
    bury(notification, [{ receiver: "boss", integration: "email/0" }], "410", {
      commit: (change) => changes.push(change),
      now: NOW + 30,
    });
    write(...changes);
    assert.match(problemsOf(readAlertingMemory(file))[0] ?? "", /did not arrive/);
    const fallback = changes.flatMap((each) => (each.kind === "notification" ? [each.notification] : []))[0];
    assert.ok(fallback !== undefined);
    write(...deliveredOf(fallback));
    assert.deepEqual(problemsOf(readAlertingMemory(file)), []);
  });

  it("counts a notification as arrived when the one in its place did", () => {
    const newer = notificationOf({ id: "n-0002", at: NOW + 50, alerts: [], commonLabels: { other: "x" } });
    write(transition(alert, NOW), ...announce(notification));
    write(...announce(newer), ...supersede(newer, notification, 1, NOW + 50), ...deliveredOf(newer));
    assert.deepEqual(problemsOf(readAlertingMemory(file)), []);
  });

  it("shows when an alert was muted, and when it ended", () => {
    const line = (at: number, what: string): Change => ({
      kind: "history",
      entry: entry({ at, kind: "transition", what, labels, fingerprint, episode }),
    });
    const ended = { ...alert, endsAt: NOW + 9_000 };
    write(transition(alert, NOW), line(NOW + 1, "silenced"), line(NOW + 8_000, "unsilenced"));
    write(line(NOW + 7_000, "inhibited"), transition(ended, NOW + 9_000));
    const [found] = readAlertingMemory(file).episodes;
    assert.deepEqual(found?.muted, [
      { from: NOW + 1, to: NOW + 8_000 },
      { from: NOW + 7_000, to: undefined },
    ]);
    assert.equal(found.endsAt, NOW + 9_000);
    assert.deepEqual(problemsOf(readAlertingMemory(file)), []);
  });

  it("is refused where it is another file", () => {
    assert.throws(() => readSigningFile(file), { code: "EVIDENCE" });
  });
});

describe("signing records, as the checker reads them", () => {
  it("are what the signer wrote, while it has them open", async () => {
    const file = join(folder, "signer.sqlite");
    const records = new SqliteSigningRecords(file, { create: true });
    const [validator, lane, domain] = [publicKeyOfText("v"), laneOf("l"), hashOf("d")];
    const nonce = 2n ** 63n + 5n;
    const statement = { domain, lane, nonce, accumulator: hashOf("acc"), epoch: 3n };
    await records.checkAndRecord(validator, statement);
    records.raise(validator, [{ domain, lane }], 7n);
    assert.deepEqual(readSigningFile(file), [
      {
        source: file,
        validator,
        domain,
        lane,
        lowWaterMark: 7n,
        signed: new Map([[nonce, { accumulator: statement.accumulator, epoch: 3n }]]),
      },
    ]);
    records.close();
  });
});

describe("jobs that failed, as the checker finds them", () => {
  let server: PrivateRedis;
  before(async () => {
    server = await PrivateRedis.start();
  });
  after(() => server.stop());

  it("are those that a worker logged", async () => {
    const file = join(folder, "sender-B.log");
    const logger = pino(
      loggerOptions("error", { role: "sender" }),
      pino.destination({ dest: file, sync: true }),
    );
    const redis = server.connect();
    const queues = new Queues(redis, logger);
    await queues.add("deliver-1", "job-7", z.object({}), {});
    queues.work("deliver-1", z.object({}), () => Promise.reject(new FatalError("BAD", "no")), {
      concurrency: 1,
    });
    await until("the job failed", () => readFileSync(file, "utf8").includes("failed for good"));
    await queues.close();
    redis.disconnect();
    const [job] = await readJobLogs([file]);
    assert.ok(job !== undefined && job.at > 0);
    assert.deepEqual(job, {
      source: "sender-B.log",
      queue: "deliver-1",
      job: "job-7",
      code: "BAD",
      at: job.at,
    });
  });

  it("are not looked for in no log, and not in one that is spoilt", async () => {
    await assert.rejects(readJobLogs([]), { code: "EVIDENCE" });
    await assert.rejects(readJobLogs([join(folder, "none.log")]), { code: "EVIDENCE" });
    const file = join(folder, "spoilt.log");
    writeFileSync(file, '{"msg":"job failed for good; it is kept with its reason"\n');
    await assert.rejects(readJobLogs([file]), { code: "EVIDENCE" });
  });
});
