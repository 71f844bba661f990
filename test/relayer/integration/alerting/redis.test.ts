import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SqliteAlertingStore } from "../../../../relayer/alerting/adapters/alerting-store.ts";
import { BullmqWaker } from "../../../../relayer/alerting/adapters/bullmq-waker.ts";
import { parseRuleFile } from "../../../../relayer/alerting/core/rule-file.ts";
import { AlertingEngine } from "../../../../relayer/alerting/worker/engine.ts";
import { runLoop } from "../../../../relayer/alerting/worker/loop.ts";
import { workOnQueues } from "../../../../relayer/alerting/worker/queue-work.ts";
import { chainName } from "../../../../relayer/domain/ids.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { queueEvents } from "../../../../relayer/platform/event-queue.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { tryLock, waitForLock } from "../../../../relayer/platform/process-lock.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { connectRedis } from "../../../../relayer/platform/redis.ts";
import { engineServices, fakeChannels, planOf, posted } from "../../support/alerting.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { repository, start, until } from "../../support/processes.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";

const logger = createLogger("silent", {});
const rules = `
groups:
- name: events
  rules:
  - alert: ProviderOutvoted
    expr: dchat_event{kind="rpc-outvoted"} == 1
`;

describe("alerting through queues", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-alerting-"));
  const { byName, channels } = fakeChannels();
  const stopping = new AbortController();
  let redis: PrivateRedis;
  let proxy: TcpProxy;
  let engine: AlertingEngine;
  let queues: Queues;
  let end: () => Promise<void>;
  const told = () => byName.get("pager")?.sent.map(({ alerts }) => alerts[0]?.labels["alertname"]) ?? [];

  before(async () => {
    redis = await PrivateRedis.start();
    proxy = await TcpProxy.inFrontOf(Number(new URL(redis.url).port));
    const url = new URL(redis.url);
    url.port = String(proxy.port);
    const client = connectRedis(url.href, () => undefined);
    queues = new Queues(client, logger);
    const parsed = parseRuleFile("rules.yml", rules);
    assert("groups" in parsed);
    const services = engineServices();
    const pump = () => {
      engine.pump();
    };
    engine = await AlertingEngine.open(
      { plan: planOf(), channels, rules: parsed.groups },
      {
        ...services,
        store: new SqliteAlertingStore(join(folder, "alerting.sqlite")),
        time: { wall: systemClock, monotonic: () => performance.now() },
        waker: new BullmqWaker(queues, client, pump, logger),
        signal: stopping.signal,
      },
    );
    workOnQueues(engine, { queues, metrics: services.metrics, logger });
    const scraper = { scrape: () => Promise.resolve(false) };
    const ended = runLoop({
      engine,
      scraper,
      watchdog: undefined,
      clock: systemClock,
      logger,
      signal: stopping.signal,
    });
    end = async () => {
      stopping.abort();
      await ended();
      await engine.close();
      await queues.close();
      client.disconnect();
    };
  });
  after(async () => {
    await end();
    await proxy[Symbol.asyncDispose]();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  it("tells what is posted", async () => {
    await engine.post([posted({ alertname: "Posted" })]);
    await until("the page", () => told().includes("Posted"));
  });

  it("turns an event of another role into an alert of a rule, once however often it is told", async () => {
    const emit = queueEvents(queues, logger);
    for (let i = 0; i < 5; i++)
      emit({
        kind: "rpc-outvoted",
        chain: chainName.parse("A"),
        method: "eth_call",
        provider: "one",
        said: "1",
        agreed: "2",
      });
    await until("the page", () => told().includes("ProviderOutvoted"));
    assert.equal(told().filter((name) => name === "ProviderOutvoted").length, 1);
  });

  it("goes on while Redis is silent", async () => {
    proxy.part();
    await engine.post([posted({ alertname: "RedisIsSilent" })]);
    await until("the page", () => told().includes("RedisIsSilent"));
    const { evaluatedAt } = engine.evaluator;
    await until("the next evaluation", () => (engine.evaluator.evaluatedAt ?? 0) > (evaluatedAt ?? 0));
    proxy.heal();
  });
});

describe("the lock on alerting's memory", () => {
  const holder = `import { tryLock } from ${JSON.stringify(join(repository, "relayer/platform/process-lock.ts"))};
    process.stdout.write(tryLock(process.argv[1]) === undefined ? "refused" : "held");
    setInterval(() => undefined, 1_000);`;

  it("is held by one process, and free as soon as that is killed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-lock-"));
    const file = join(folder, "alerting.lock");
    const first = start(process.execPath, ["--input-type=module-typescript", "-e", holder, file]);
    await until("the lock is held", () => first.stdout() === "held");
    assert.equal(tryLock(file), undefined);
    let waits = 0;
    const mine = waitForLock(file, {
      clock: systemClock,
      signal: AbortSignal.timeout(20_000),
      onWait: () => waits++,
    });
    await until("it waits", () => waits === 1);
    first.child.kill("SIGKILL");
    (await mine)();
    await first.ended;
    rmSync(folder, { recursive: true });
  });
});
