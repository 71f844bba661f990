// Alerting that is killed at a step: alerting-program.ts SETTINGS (JSON)
// It plays a client, too, who looks at what the receiver got and goes on from there, and ends when all was told. Scenarios:
// episodes: a silence, an alert that is silenced, and one that is told, escalates, is over, and fires again
// rule: a rule whose expression holds, until its alert was told and escalated
// acknowledgement: an alert that is taken over before it escalates, until everybody knows
import { Registry } from "prom-client";
import { z } from "zod";
import { SqliteAlertingStore } from "../../../relayer/alerting/adapters/alerting-store.ts";
import type { Change } from "../../../relayer/alerting/core/change.ts";
import type { Delivery, Notification } from "../../../relayer/alerting/core/notification.ts";
import { parseRuleFile } from "../../../relayer/alerting/core/rule-file.ts";
import { createAlertingMetrics } from "../../../relayer/alerting/metrics.ts";
import type { AlertingStore, Channel } from "../../../relayer/alerting/ports.ts";
import { AlertingEngine } from "../../../relayer/alerting/worker/engine.ts";
import { runLoop } from "../../../relayer/alerting/worker/loop.ts";
import { systemClock } from "../../../relayer/platform/clock.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { planOf, posted, receiverOf, routeOf } from "./alerting.ts";

const settings = z
  .object({
    folder: z.string(),
    url: z.string(),
    step: z.string(),
    /** When the escalation is due, in milliseconds, and how far the wall clock is ahead. */
    after: z.number().default(100),
    ahead: z.number().default(0),
    scenario: z.enum(["episodes", "rule", "acknowledgement"]).default("episodes"),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const counts = new Map<string, number>();
/** A step with its number: before-commit-1, writing-firing-1, after-commit-1, before-commit-2… */
const at = (name: string) => {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  if (`${name}-${count}` === settings.step) process.kill(process.pid, "SIGKILL");
};

/** What a change is called in the names of steps. */
const nameOf = (change: Change) => (change.kind === "instance" ? change.instance.state : change.kind);

/** A store, and the steps before, in and after each of its commits. */
class SteppingStore extends SqliteAlertingStore {
  override transaction(now: number, work: Parameters<AlertingStore["transaction"]>[1]): void {
    at("before-commit");
    const delivered: string[] = [];
    const names = new Set<string>();
    super.transaction(now, (write) => {
      work((change) => {
        if (change.kind === "delivered") delivered.push(change.id);
        write(change);
        names.add(nameOf(change));
        at(`writing-${nameOf(change)}`);
      });
    });
    for (const id of delivered) process.stdout.write(`committed ${id}\n`);
    for (const name of names) {
      process.stdout.write(`committed a ${name}\n`);
      at(`committed-${name}`);
    }
    at("after-commit");
  }
}

class Webhook implements Channel {
  readonly integration = "webhook/0";
  async send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    at("before-send");
    const response = await fetch(settings.url, {
      method: "POST",
      body: JSON.stringify(notification),
      signal,
    });
    await response.arrayBuffer();
    at("after-send");
    return { kind: "delivered", detail: String(response.status) };
  }
  close = () => Promise.resolve();
}

const received = z.array(z.object({ reason: z.string(), receiver: z.string(), episode: z.string() }));
const told = async () => received.parse(await (await fetch(settings.url)).json());

const stopping = new AbortController();
const logger = createLogger("silent", {});
const route = routeOf({ groupInterval: 100, escalation: "on-call" });
const channels = new Map(["pager", "boss"].map((name) => [name, new Map([["webhook/0", new Webhook()]])]));
const rules = parseRuleFile(
  "rules.yml",
  "groups: [{ name: g, rules: [{ alert: Told, expr: lag > 5, for: 100ms }] }]",
);
if (!("groups" in rules)) throw new Error("the rules of this program are wrong");
const { scenario, after, ahead } = settings;
const escalations = [{ name: "on-call", levels: [{ receivers: ["boss"], after, every: undefined }] }];
const engine: AlertingEngine = await AlertingEngine.open(
  {
    plan: planOf({ route, escalations, receivers: [receiverOf("pager"), receiverOf("boss")] }),
    channels,
    rules: scenario === "rule" ? rules.groups : [],
  },
  {
    store: new SteppingStore(`${settings.folder}/alerting.sqlite`),
    time: { wall: { now: () => Date.now() + ahead }, monotonic: () => performance.now() },
    waker: {
      wake: () => {
        engine.pump();
      },
    },
    isComplete: () => true,
    random: () => 0,
    metrics: createAlertingMetrics(new Registry()),
    logger,
    signal: stopping.signal,
  },
);
/** The series that the rule asks for. */
const scraper = {
  scrape: () => {
    const labels = { __name__: "lag" };
    engine.samples.replace("test", [{ key: "lag", labels, value: 6 }], engine.now());
    return Promise.resolve(true);
  },
};
const ended = runLoop({
  engine,
  scraper,
  watchdog: undefined,
  clock: systemClock,
  logger,
  signal: stopping.signal,
});

const ann = { name: "ann", from: "test" };
const hour = 3_600_000;
const fires = (alertname: string) => posted({ alertname }, { endsAt: Date.now() + 24 * hour });

/** Makes the silence, unless the last process did. */
async function makeSilence(): Promise<void> {
  const known = engine.acts.silences();
  if (known.length > 0) {
    process.stdout.write(`found ${known.length}\n`);
    return;
  }
  const now = Date.now();
  const matchers = [{ name: "alertname", operator: "=", value: "Silenced" } as const];
  const span = { startsAt: now, endsAt: now + hour };
  await engine.acts.putSilence({ id: undefined, matchers, ...span, createdBy: "ann", comment: "test" }, ann);
  process.stdout.write("confirmed\n");
}

/** Takes the alert over, unless that is done. */
async function takeOver(): Promise<void> {
  if (engine.alerts().some(({ acknowledgement }) => acknowledgement !== undefined)) return;
  const matchers = [{ name: "alertname", operator: "=", value: "Told" } as const];
  await engine.acts.acknowledge({ matchers }, { comment: "on it", until: undefined }, ann);
  process.stdout.write("confirmed\n");
}

if (scenario === "episodes") await makeSilence();
for (;;) {
  const all = await told();
  const pages = all.filter(({ reason, receiver }) => reason === "firing" && receiver === "pager");
  const episodes = new Set(pages.map(({ episode }) => episode)).size;
  const has = (reason: string, receiver: string) =>
    all.some((each) => each.reason === reason && each.receiver === receiver);
  if (scenario === "rule") {
    if (has("escalated", "boss")) break;
  } else if (scenario === "acknowledgement") {
    if (has("acknowledged", "pager")) break;
    await engine.post([fires("Told")]);
    if (has("firing", "pager")) await takeOver();
  } else if (episodes === 2) break;
  else if (has("resolved", "pager") || !has("escalated", "boss"))
    await engine.post([fires("Silenced"), fires("Told")]);
  else await engine.post([posted({ alertname: "Told" }, { endsAt: Date.now() })]);
  await systemClock.sleep(30);
}
// Whatever is told too often is told by now.
if (scenario !== "episodes") await systemClock.sleep(300);
stopping.abort();
await ended();
await engine.close();
