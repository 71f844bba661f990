import { randomUUID } from "node:crypto";
import type { Actor } from "../../domain/actor.ts";
import { explain, FatalError } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { resolveAll } from "../core/blast-radius.ts";
import { type Fence, fencedNames } from "../core/fence.ts";
import { isOver } from "../core/lifecycle.ts";
import type { ExperimentRecord } from "../core/report/record.ts";
import type { RunEntry } from "../core/run-entry.ts";
import { type PreparedRun, prepareRun, type RunRequest } from "../core/run-request.ts";
import type { Inventory } from "../core/selector.ts";
import type { ChaosMetrics } from "../metrics.ts";
import type { ChaosStore, Clock, Injector } from "../ports.ts";
import { ExperimentRun, type RunServices } from "./experiment-run.ts";
import { previewOf, type RunPreview } from "./preview.ts";
import { RunBooks } from "./run-books.ts";

/** What one run sees and does, opened for it. */
export type RunScene = Omit<
  RunServices,
  "inventory" | "injectors" | "fence" | "clock" | "logger" | "onChange"
> & {
  readonly close: () => Promise<void>;
};

/** Who gives targets to runs. */
export type Fences = {
  /** @throws RetryableError `TARGETS_IN_USE` */
  readonly fence: (run: string, targets: readonly string[]) => Fence;
  readonly unfence: (run: string) => void;
};

/** What a controller works with. */
export type ControllerServices = {
  readonly store: ChaosStore;
  readonly inventory: () => Inventory;
  /** What does faults, the strongest tier first. */
  readonly injectors: (tier: RunRequest["tier"]) => readonly Injector[];
  readonly fences: Fences;
  readonly openScene: () => Promise<RunScene>;
  /** Has a run taken up by a worker, soon; the controller asks again while it is pending. */
  readonly enqueue: (id: string) => void;
  /** Says aloud what people in the room should know. */
  readonly announce: (id: string, text: string, isBad: boolean) => void;
  /** How many times as short the time-outs of the fleet are. */
  readonly fleetScale: number;
  readonly metrics: ChaosMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Active = {
  readonly stopping: AbortController;
  readonly over: Promise<void>;
  /** What is known of it by now. */
  readonly record: () => ExperimentRecord | undefined;
};

/**
 * Runs experiments that were asked for, several at a time where they have nothing in common. A run is durable before it is queued, and its
 * job may come any number of times: whoever works on it first has its targets, by a fencing token.
 */
export class ChaosController {
  readonly #services: ControllerServices;
  readonly #books: RunBooks;
  readonly #active = new Map<string, Active>();

  /** Ends what an earlier controller left in the middle: its faults are healed by now, and nobody watched them to the end. */
  constructor(services: ControllerServices) {
    this.#services = services;
    this.#books = new RunBooks(services);
    for (const { id, state } of services.store.unfinished())
      if (state !== "Pending")
        services.store.abandon(id, "the controller ended in the middle of it; every fault was healed");
  }

  /** What a request would do, without doing any of it. @throws ConfigurationError where it is refused */
  preview(request: RunRequest): RunPreview {
    const prepared = this.#prepare(request);
    const { inventory, injectors } = this.#services;
    return previewOf(prepared.experiment, inventory(), injectors(request.tier));
  }

  /**
   * Takes a request; it is run soon.
   * @param planned its id, and the schedule that planned it
   * @returns the run; undefined where a run with this id was asked for before
   * @throws ConfigurationError `BLAST_RADIUS`, `PROTECTED_TARGET`, `NO_TARGET`, `NO_MECHANISM`; nothing is kept then
   */
  request(
    request: RunRequest,
    actor: Actor,
    planned?: { readonly id: string; readonly schedule: string },
  ): RunEntry | undefined {
    const { title } = this.preview(request);
    const { store, clock, enqueue } = this.#services;
    const id = planned?.id ?? randomUUID();
    const entry: RunEntry = {
      ...{ id, title, request, askedBy: actor.name, askedAt: clock.now(), schedule: planned?.schedule },
      ...{ state: "Pending", verdict: undefined, recovery: undefined },
    };
    if (!store.addRun(entry)) return undefined;
    this.note(actor, "run-asked-for", `${title}, ${id}`);
    enqueue(id);
    return entry;
  }

  /** Does a run, or waits for its end where it is under way here; nothing where it is over. Never rejects for what becomes of it. */
  async work(id: string): Promise<void> {
    const active = this.#active.get(id);
    if (active !== undefined) return active.over;
    const entry = this.#services.store.run(id);
    if (entry === undefined || isOver(entry)) return;
    const stopping = new AbortController();
    const run: { current?: ExperimentRun } = {};
    const over = this.#run(entry, stopping.signal, (current) => (run.current = current)).finally(() => {
      this.#active.delete(id);
      this.#services.metrics.running.set(this.#active.size);
    });
    this.#active.set(id, { stopping, over, record: () => run.current?.record() });
    this.#services.metrics.running.set(this.#active.size);
    return over;
  }

  /** The kill switch of one run: everything is healed, and it has failed. @throws FatalError `NO_RUN` where it is not under way */
  stop(id: string, actor: Actor): void {
    const { store } = this.#services;
    const active = this.#active.get(id);
    const entry = store.run(id);
    if (entry === undefined || (active === undefined && entry.state !== "Pending"))
      throw new FatalError("NO_RUN", `No run ${id} is under way or waits. Nothing was changed.`);
    this.note(actor, "run-stopped", `${entry.title}, ${id}`);
    if (active === undefined) store.abandon(id, "it was stopped before it began");
    else active.stopping.abort();
  }

  /** The kill switch of everything. @returns the runs that it hit */
  stopAll(actor: Actor): readonly string[] {
    const ids = this.#services.store.unfinished().map(({ id }) => id);
    for (const id of ids) this.stop(id, actor);
    return ids;
  }

  /** What is known of a run: as it is now, where it is under way. */
  record(id: string): ExperimentRecord | undefined {
    return this.#active.get(id)?.record() ?? this.#services.store.record(id);
  }

  /** Has runs taken up that wait, for their jobs may have been lost with the queue, and forgets what is no news any more. */
  redrive(): void {
    this.#books.refresh();
    for (const { id } of this.#services.store.unfinished())
      if (!this.#active.has(id)) this.#services.enqueue(id);
  }

  note(actor: Actor, what: string, detail: string): void {
    const { store, clock } = this.#services;
    store.addAct({ at: clock.now(), who: actor.name, from: actor.from, what, detail });
  }

  /** Stops everything, and returns when all is healed. */
  async close(): Promise<void> {
    for (const { stopping } of this.#active.values()) stopping.abort();
    await Promise.all([...this.#active.values()].map(({ over }) => over));
  }

  async #run(entry: RunEntry, signal: AbortSignal, onBegin: (run: ExperimentRun) => void): Promise<void> {
    const { store, openScene, fences, logger } = this.#services;
    const { id, title } = entry;
    let scene: RunScene | undefined;
    try {
      const fence = this.#fence(entry);
      scene = await openScene();
      const run = this.#open(entry, fence, scene);
      onBegin(run);
      this.#books.begin(entry);
      const record = await run.run(signal);
      store.saveRecord(record);
      this.#books.end(entry, record);
    } catch (error) {
      logger.warn({ run: id, err: error }, "a run could not be done");
      store.abandon(id, `it could not be done: ${explain(error)}`);
      this.#books.abandon(entry, explain(error));
    } finally {
      fences.unfence(id);
      await scene?.close().catch((error: unknown) => {
        logger.warn({ run: id, err: error }, `what watched ${title} did not close`);
      });
    }
  }

  #prepare(request: RunRequest): PreparedRun {
    return prepareRun(request, this.#services.fleetScale);
  }

  /** @throws whatever resolving throws; RetryableError `TARGETS_IN_USE` */
  #fence({ id, request }: RunEntry): Fence {
    const { experiment } = this.#prepare(request);
    const targets = resolveAll(experiment, this.#services.inventory()).flatMap((step) => step.targets);
    return this.#services.fences.fence(id, fencedNames(targets));
  }

  #open({ id, request }: RunEntry, fence: Fence, scene: RunScene): ExperimentRun {
    const { inventory, injectors, clock, logger, store } = this.#services;
    const services = { ...scene, inventory, injectors: injectors(request.tier), fence, clock };
    return new ExperimentRun(
      { id, ...this.#prepare(request) },
      {
        ...services,
        logger: logger.child({ run: id }),
        onChange: (record) => {
          store.saveRecord(record);
        },
      },
    );
  }
}
