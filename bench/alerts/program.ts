// Measures alerting: program.ts FOLDER. Prints its figures as JSON.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { join } from "node:path";
import { Registry } from "prom-client";
import { SqliteAlertingStore } from "../../relayer/alerting/adapters/alerting-store.ts";
import { Scraper } from "../../relayer/alerting/adapters/scraper.ts";
import type { Notification, Delivery } from "../../relayer/alerting/core/notification.ts";
import { parseRuleFile } from "../../relayer/alerting/core/rule-file.ts";
import type { Escalation, Route } from "../../relayer/alerting/core/routing-types.ts";
import { createAlertingMetrics } from "../../relayer/alerting/metrics.ts";
import type { Channel } from "../../relayer/alerting/ports.ts";
import { AlertingEngine } from "../../relayer/alerting/worker/engine.ts";
import { runLoop } from "../../relayer/alerting/worker/loop.ts";
import { systemClock } from "../../relayer/platform/clock.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { measureMany, measureSingle, pageText, quantile, RULES, rulesText } from "./load.ts";
import { openWebhooks, wall } from "./webhooks.ts";

const FLIPS = 5;
const ROUNDS = 9;
/** How long after the first notification the level of {@link measureOverdue} is due: longer than it takes to close an engine. */
const OVERDUE_MILLISECONDS = 500;

const folder = process.argv[2] ?? ".";
const logger = createLogger("warn", {});
const stopping = new AbortController();

const webhooks = await openWebhooks();
const { port, cameAt, until } = webhooks;

/** A webhook with a kept connection; its path names the alert, and the receiver before it unless that is the first. */
class PlainWebhook implements Channel {
  readonly integration = "webhook/0";
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const body = JSON.stringify(notification);
    const prefix = notification.receiver === "hook" ? "" : `${notification.receiver}-`;
    const path = `/${prefix}${notification.alerts[0]?.labels["id"] ?? ""}`;
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "idempotency-key": notification.id,
    };
    return new Promise((resolve) => {
      const sending = request(
        { port, host: "127.0.0.1", path, method: "POST", agent: this.#agent, headers, signal },
        (response) => {
          response.resume().on("end", () => {
            resolve({ kind: "delivered", detail: String(response.statusCode) });
          });
        },
      );
      sending.on("error", (error) => {
        resolve({ kind: "retry", reason: error.message, afterMilliseconds: undefined });
      });
      sending.end(body);
    });
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }
}

/** @param escalations what follows for every alert; none if left out */
async function open(name: string, rules: string, escalations: readonly Escalation[] = []) {
  const route: Route = {
    receiver: "hook",
    matchers: [],
    continue: false,
    groupBy: "all",
    groupWait: 0,
    groupInterval: 300_000,
    repeatInterval: 3_600_000,
    escalation: escalations[0]?.name,
    routes: [],
  };
  const receivers = ["hook", "boss"].map((receiver) => ({
    name: receiver,
    integrations: [{ id: "webhook/0", sendResolved: true }],
    fallback: undefined,
    limit: undefined,
  }));
  const channels = () => new Map([["webhook/0", new PlainWebhook()]]);
  const parsed = parseRuleFile("rules.yml", rules);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems[0]));
  const engine: AlertingEngine = await AlertingEngine.open(
    {
      plan: { route, inhibitRules: [], escalations, receivers },
      channels: new Map(receivers.map(({ name: receiver }) => [receiver, channels()])),
      rules: parsed.groups,
    },
    {
      store: new SqliteAlertingStore(join(folder, `${name}.sqlite`)),
      time: { wall: systemClock, monotonic: () => performance.now() },
      waker: {
        wake: () => {
          engine.pump();
        },
      },
      isComplete: () => true,
      random: Math.random,
      metrics: createAlertingMetrics(new Registry()),
      logger,
      signal: stopping.signal,
    },
  );
  return engine;
}

const alert = (id: string) => ({
  labels: { alertname: "Bench", severity: "warning", id, instance: "127.0.0.1:9100", job: "bench" },
  annotations: { summary: `Something is wrong with ${id}` },
  startsAt: undefined,
  endsAt: undefined,
  generatorUrl: "",
});

const postTo = (engine: AlertingEngine) => (ids: readonly string[]) => engine.post(ids.map(alert));

const round = (value: number) => Math.round(value * 100) / 100;

/** The median of evaluations of all rules; none fires, a tenth does. */
async function measureEvaluation(engine: AlertingEngine): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    await engine.evaluator.evaluate(true);
    times.push(performance.now() - began);
  }
  return quantile(times, 0.5);
}

/** A metric on a page that is really scraped changes; how long until the page comes. */
async function measureFlips(engine: AlertingEngine): Promise<readonly number[]> {
  const flipped = new Set<number>();
  const page = createServer((_, response) => {
    response.end(pageText((i) => (flipped.has(i) ? 1 : 0)));
  });
  page.listen(0, "127.0.0.1");
  await once(page, "listening");
  const address = page.address();
  const target = {
    id: "bench",
    url: `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/metrics`,
    labels: { job: "bench", instance: "bench" },
  };
  const scraper = new Scraper({
    samples: engine.samples,
    targets: () => [target],
    now: () => engine.now(),
    onScraped: () => undefined,
    logger,
  });
  const ended = runLoop({
    engine,
    scraper,
    watchdog: undefined,
    clock: systemClock,
    logger,
    signal: stopping.signal,
  });
  await systemClock.sleep(2_000);
  const latencies: number[] = [];
  for (let i = 0; i < FLIPS; i++) {
    await systemClock.sleep(500 + 137 * i);
    const began = wall();
    flipped.add(i * 1_000);
    await until(() => cameAt.has(`rule-${i * 1_000}`));
    latencies.push((cameAt.get(`rule-${i * 1_000}`) ?? 0) - began);
  }
  stopping.abort();
  await ended();
  page.closeAllConnections();
  page.close();
  return latencies;
}

/** A level falls due while no engine runs; how long after the next one begins to open its memory it is told. */
async function measureOverdue(): Promise<number> {
  const times: number[] = [];
  const levels = [{ receivers: ["boss"], after: OVERDUE_MILLISECONDS, every: undefined }];
  for (let i = 0; i < FLIPS; i++) {
    const name = `overdue-${i}`;
    const escalation = { name: "on-call", levels };
    const first = await open(name, "groups: []", [escalation]);
    await postTo(first)([name]);
    await until(() => cameAt.has(name));
    await first.close();
    await systemClock.sleep(2 * OVERDUE_MILLISECONDS);
    const began = wall();
    const second = await open(name, "groups: []", [escalation]);
    const ending = new AbortController();
    const scraper = { scrape: () => Promise.resolve(false) };
    const loop = { engine: second, scraper, watchdog: undefined, clock: systemClock, logger };
    const ended = runLoop({ ...loop, signal: ending.signal });
    await until(() => cameAt.has(`boss-${name}`));
    times.push((cameAt.get(`boss-${name}`) ?? 0) - began);
    ending.abort();
    await ended();
    await second.close();
  }
  return Math.max(...times);
}

const posting = await open("posting", "groups: []");
const singleAlertMsP99 = await measureSingle(postTo(posting), webhooks);
const { p99 } = await measureMany(postTo(posting), webhooks, "paced", 50);
const memoryMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1_024;
await posting.close();
const flooded = await open("flooded", "groups: []");
const { perSecond } = await measureMany(postTo(flooded), webhooks, "many", 0);
await flooded.close();

const overdueLevelMsWorst = await measureOverdue();
const evaluating = await open("evaluating", rulesText());
const still = Array.from({ length: RULES }, (_, i) => ({
  key: String(i),
  labels: { __name__: "bench_metric", series: String(i) },
  value: 0,
}));
evaluating.samples.replace("still", still, evaluating.now());
const evaluate10kRulesMs = await measureEvaluation(evaluating);
evaluating.samples.drop("still");
const flips = await measureFlips(evaluating);
await evaluating.close();
webhooks.close();

process.stdout.write(
  JSON.stringify({
    evaluate10kRulesMs: round(evaluate10kRulesMs),
    singleAlertMsP99: round(singleAlertMsP99),
    notificationsPerSecond: Math.round(perSecond),
    notificationMsP99: round(p99),
    memoryMb: Math.round(memoryMb),
    overdueLevelMsWorst: Math.round(overdueLevelMsWorst),
    flipToPageMs10kRules: Math.round(quantile(flips, 0.5)),
    flipToPageMs10kRulesWorst: Math.round(Math.max(...flips)),
  }),
);
