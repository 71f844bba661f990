import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteAlertingStore } from "../../../relayer/alerting/adapters/alerting-store.ts";
import type { AlertingPlan } from "../../../relayer/alerting/core/routing-types.ts";
import { parseRuleFile } from "../../../relayer/alerting/core/rule-file.ts";
import { AlertingEngine, type EngineOptions } from "../../../relayer/alerting/worker/engine.ts";
import { engineServices, fakeChannels, planOf } from "./alerting.ts";

/** Who acts in tests. */
export const ann = { name: "ann", from: "127.0.0.1" };

/** An engine on a file, with a clock that stands still until it is told otherwise. */
export class AlertingScene {
  readonly folder = mkdtempSync(join(tmpdir(), "dchat-alerting-"));
  readonly channels = fakeChannels();
  now = 1_000_000_000;
  monotonic = 0;
  plan: AlertingPlan = planOf();
  rules = "groups: []";
  options: EngineOptions = {};
  #engine: AlertingEngine | undefined;
  #store: SqliteAlertingStore | undefined;

  get engine(): AlertingEngine {
    assert(this.#engine, "not started");
    return this.#engine;
  }

  get store(): SqliteAlertingStore {
    assert(this.#store, "not started");
    return this.#store;
  }

  async start(): Promise<void> {
    const store = new SqliteAlertingStore(join(this.folder, "alerting.sqlite"));
    this.#store = store;
    const time = { wall: { now: () => this.now }, monotonic: () => this.monotonic };
    const parsed = parseRuleFile("rules.yml", this.rules);
    assert("groups" in parsed);
    const configuration = { plan: this.plan, channels: this.channels.channels, rules: parsed.groups };
    this.#engine = await AlertingEngine.open(
      configuration,
      { ...engineServices(), store, time },
      this.options,
    );
  }

  /** As after a crash: nothing is said good-bye to. */
  async restart(): Promise<void> {
    this.store.close();
    await this.start();
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.monotonic += milliseconds;
  }

  /** Everything that is due, and everything that it leads to. */
  async tick(): Promise<void> {
    await this.engine.dispatch();
    this.engine.pump();
    await this.engine.notifier.settled();
  }

  metric(value: number, labels: Readonly<Record<string, string>> = {}): void {
    const sample = { key: JSON.stringify(labels), labels: { __name__: "lag", ...labels }, value };
    this.engine.samples.replace("test", [sample], this.engine.now());
  }

  /** What a receiver was told: reason and level, and the alerts with their status. */
  told(receiver: string): readonly string[] {
    return (this.channels.byName.get(receiver)?.sent ?? []).map(
      ({ reason, level, alerts }) =>
        `${reason}${level === undefined ? "" : ` L${level}`}: ${alerts.map(({ labels, status }) => `${labels["alertname"] ?? ""} ${status}`).join(", ")}`,
    );
  }

  stop(): void {
    this.#store?.close();
    rmSync(this.folder, { recursive: true });
  }
}
