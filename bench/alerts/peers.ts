// Measures Debian's Alertmanager and Prometheus at the same work: peers.ts FOLDER. Prints its figures as JSON; there are none of what is
// not installed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { systemClock } from "../../relayer/platform/clock.ts";
import { findProgram } from "../../test/relayer/support/peer-programs.ts";
import type { Figures } from "../gas/crypto.ts";
import { measureMany, measureSingle, pageText, quantile, rulesText } from "./load.ts";
import { openWebhooks } from "./webhooks.ts";

const ROUNDS = 5;
/** Evaluations that come before the page was scraped, or while everything is cold. */
const WARM_UP_ROUNDS = 2;
const START_MILLISECONDS = 20_000;

const folder = resolve(process.argv[2] ?? ".");
const round = (value: number) => Math.round(value * 100) / 100;

/** A peer that serves HTTP. */
type Peer = { readonly url: string; readonly stop: () => Promise<void> };

/** Starts a program in a folder of its own, and waits until it is ready. */
async function startPeer(
  program: string,
  home: string,
  optionsFor: (address: string) => string[],
): Promise<Peer> {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(program, optionsFor(address), { cwd: home, stdio: "ignore" });
  const ended = once(child, "exit");
  const url = `http://${address}`;
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  process.once("exit", () => child.kill("SIGKILL"));
  const deadline = systemClock.now() + START_MILLISECONDS;
  while (!(await isReady(url))) {
    if (systemClock.now() > deadline || hasEnded(child)) {
      await stop();
      throw new Error(`${program} did not become ready within ${START_MILLISECONDS} ms`);
    }
    await systemClock.sleep(100);
  }
  return { url, stop };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false; // it does not listen yet
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  return port;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function homeOf(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(folder, name);
  mkdirSync(home);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
  return home;
}

/** Each alert is a group of its own, told of at once, as in ours. */
async function measureAlertmanager(program: string): Promise<Figures> {
  const webhooks = await openWebhooks();
  const config = `route: { receiver: hook, group_by: ["..."], group_wait: 0s, group_interval: 5m, repeat_interval: 1h }
receivers: [{ name: hook, webhook_configs: [{ url: "http://127.0.0.1:${webhooks.port}/", send_resolved: true }] }]
`;
  const start = (name: string) =>
    startPeer(program, homeOf(name, { "config.yml": config }), (address) => [
      "--config.file=config.yml",
      "--storage.path=data",
      `--web.listen-address=${address}`,
      "--cluster.listen-address=", // none
      "--log.level=error",
    ]);
  const postTo =
    ({ url }: Peer) =>
    async (ids: readonly string[]) => {
      const body = JSON.stringify(ids.map(alertOf));
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/api/v2/alerts`, { method: "POST", headers, body });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`Alertmanager answered ${response.status}`);
    };
  const posting = await start("posting");
  const single = await measureSingle(postTo(posting), webhooks);
  const { p99 } = await measureMany(postTo(posting), webhooks, "paced", 50);
  await posting.stop();
  const flooded = await start("flooded");
  const { perSecond } = await measureMany(postTo(flooded), webhooks, "many", 0);
  await flooded.stop();
  webhooks.close();
  return {
    "peer.singleAlertMsP99": round(single),
    "peer.notificationsPerSecond": Math.round(perSecond),
    "peer.notificationMsP99": round(p99),
  };
}

function alertOf(id: string) {
  return {
    labels: { alertname: "Bench", severity: "warning", id, instance: "127.0.0.1:9100", job: "bench" },
    annotations: { summary: `Something is wrong with ${id}` },
  };
}

/** By its own measurement of its group of rules, the median. */
async function measurePrometheus(program: string): Promise<Figures> {
  const page = createServer((_, response) => {
    response.end(pageText(() => 0));
  });
  const config = `global: { scrape_interval: 1s, evaluation_interval: 2s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: bench, static_configs: [{ targets: ["127.0.0.1:${await listen(page)}"] }] }]
`;
  const home = homeOf("prometheus", { "config.yml": config, "rules.yml": rulesText() });
  const prometheus = await startPeer(program, home, (address) => [
    "--config.file=config.yml",
    "--storage.tsdb.path=data",
    `--web.listen-address=${address}`,
    "--log.level=error",
  ]);
  const durations = new Map<number, number>(); // by when the evaluation began
  while (durations.size < WARM_UP_ROUNDS + ROUNDS) {
    await systemClock.sleep(200);
    const text = await (await fetch(`${prometheus.url}/metrics`)).text();
    const began = readMetric(text, "prometheus_rule_group_last_evaluation_timestamp_seconds");
    const took = readMetric(text, "prometheus_rule_group_last_duration_seconds");
    if (began !== undefined && began > 0 && took !== undefined && took > 0) durations.set(began, took);
  }
  await prometheus.stop();
  page.closeAllConnections();
  page.close();
  const counted = [...durations.values()].slice(WARM_UP_ROUNDS);
  return { "peer.evaluate10kRulesMs": round(quantile(counted, 0.5) * 1_000) };
}

function readMetric(page: string, name: string): number | undefined {
  const value = new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, "m").exec(page)?.[1];
  return value === undefined ? undefined : Number(value);
}

// Whoever ends this program ends what it started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
const [alertmanager, prometheus] = ["prometheus-alertmanager", "prometheus"].map(findProgram);
const figures: Figures = {
  ...(alertmanager === undefined ? {} : await measureAlertmanager(alertmanager)),
  ...(prometheus === undefined ? {} : await measurePrometheus(prometheus)),
};
process.stdout.write(JSON.stringify(figures));
