import { Registry } from "prom-client";
import type { FaultType } from "../../../relayer/chaos/core/fault.ts";
import type { Fence } from "../../../relayer/chaos/core/fence.ts";
import type { Actor } from "../../../relayer/domain/actor.ts";
import { FatalError, RetryableError } from "../../../relayer/domain/errors.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { createChaosMetrics } from "../../../relayer/chaos/metrics.ts";
import type { ChaosStore, Injection, Injector } from "../../../relayer/chaos/ports.ts";
import { ChaosController } from "../../../relayer/chaos/worker/controller.ts";
import { runRequestSchema } from "../../../relayer/chaos/core/run-request.ts";
import { ManualClock } from "./fakes.ts";
import { processOf } from "./chaos-fleet.ts";

export const somebody: Actor = { name: "ada", from: "127.0.0.1" };

/** A request for an experiment that is over at once: one slow disk, of one process. */
export function requestFor(process = "signer-1") {
  return runRequestSchema.parse({
    what: {
      kind: "experiment",
      experiment: {
        title: `A slow disk of ${process}`,
        steadyState: {
          title: "steady",
          probes: [{ name: "messages arrive", measure: "throughput", tolerance: { least: 1 } }],
        },
        method: [
          {
            fault: { type: "DiskSlow", milliseconds: 200 },
            selector: { kind: "Pod", name: process },
            durationMilliseconds: 2_000,
          },
        ],
        blastRadius: { mostTargets: 1, mostShare: 1 },
      },
    },
  });
}

/** A controller over a fleet of which nothing is real but the store that it is given. */
export class ControllerScene {
  readonly clock = new ManualClock();
  /** Of the controller that was opened last. */
  registry = new Registry();
  readonly queued: string[] = [];
  readonly said: string[] = [];
  readonly injected: (Fence | undefined)[] = [];
  /** Held back until a test lets it go on. */
  gate: Promise<unknown> = Promise.resolve();
  isFaulty = false;
  scenes = 0;
  readonly #holders = new Map<string, string>();
  #token = 0;
  readonly store: ChaosStore;

  constructor(store: ChaosStore) {
    this.store = store;
  }

  open(): ChaosController {
    const { store, clock } = this;
    this.registry = new Registry();
    return new ChaosController({
      ...{ store, clock, fleetScale: 1 },
      inventory: () => ({
        processes: ["signer-1", "signer-2"].map((name) => processOf(name, "zone-a")),
        links: [],
      }),
      injectors: () => [new SlowDisks(this)],
      fences: {
        fence: (run, targets) => this.#fence(run, targets),
        unfence: (run) => {
          for (const [target, holder] of this.#holders) if (holder === run) this.#holders.delete(target);
        },
      },
      openScene: () => {
        this.scenes++;
        return Promise.resolve({
          gaugeOf: () => () => Promise.resolve(this.isFaulty ? 203 : 3),
          observer: {
            sample: () => Promise.resolve({ at: clock.now(), values: { throughput: 10, backlog: 0 } }),
            firstExecutedAfter: (moment: number) => moment + 100,
            inFlight: (sentBefore?: number) => (sentBefore === undefined ? 5 : 0),
          },
          traffic: { ways: [() => Promise.resolve()] },
          checker: { check: () => Promise.resolve([]) },
          isUp: () => true,
          close: () => Promise.resolve(),
        });
      },
      enqueue: (id) => this.queued.push(id),
      announce: (_id, text) => this.said.push(text),
      metrics: createChaosMetrics(this.registry),
      logger: createLogger("silent", {}),
    });
  }

  #fence(run: string, targets: readonly string[]): Fence {
    for (const target of targets) {
      const holder = this.#holders.get(target);
      if (holder !== undefined && holder !== run)
        throw new RetryableError("TARGETS_IN_USE", `Run ${holder} is doing faults to ${target}.`);
    }
    for (const target of targets) this.#holders.set(target, run);
    return { run, token: ++this.#token };
  }
}

class SlowDisks implements Injector {
  readonly tier = "portable";
  readonly #scene: ControllerScene;

  constructor(scene: ControllerScene) {
    this.#scene = scene;
  }

  mechanismOf(type: FaultType) {
    return type === "DiskSlow" ? ({ tier: "portable", name: "a fake", what: "" } as const) : undefined;
  }

  whyNot(type: FaultType) {
    return type === "DiskSlow" ? undefined : "it is only a fake";
  }

  async inject(...[, , , fence]: Parameters<Injector["inject"]>): Promise<Injection> {
    this.#scene.injected.push(fence);
    await this.#scene.gate;
    this.#scene.isFaulty = true;
    const mechanism = this.mechanismOf("DiskSlow");
    if (mechanism === undefined) throw new FatalError("NEVER", "it does slow disks");
    const heal = () => {
      this.#scene.isFaulty = false;
      return Promise.resolve();
    };
    return { mechanism, heal };
  }
}
