import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ConfigurationError, explain, RetryableError } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { tryLock } from "../../platform/process-lock.ts";
import type { Fence } from "../core/fence.ts";
import type { ProcessIdentity, Undo } from "../core/undo.ts";
import type { Clock } from "../ports.ts";
import { type Fenced, LeaseJournal, type LeaseRecord } from "./lease-journal.ts";
import { thisProcess } from "./processes.ts";
import { undoAll } from "./undoing.ts";

const PROGRAM = fileURLToPath(new URL("./dead-man-program.ts", import.meta.url));
/** How long until a heal that failed is tried again, in milliseconds. */
const RETRY_MILLISECONDS = 200;
/** How often a controller that starts tries to heal what its forerunner left, before it gives up. */
const REPLAYS = 10;

type Services = { readonly clock: Clock; readonly logger: Logger };

/** A fault that ends by itself. */
export interface Lease {
  readonly id: string;
  readonly until: number;
  /** Notes what else takes it back, durably, before that is done. */
  add(undo: readonly Undo[]): void;
  /** Takes it back, once; after a failure it may be called again. @throws RetryableError `NOT_HEALED` */
  heal(): Promise<void>;
}

/**
 * The leases of a controller. Each is in a journal before its fault is done. A dead-man, a process of its own, holds a pipe from this
 * one: when that ends, however it ends, it heals everything; and whatever is overdue, should this process only stand still.
 */
export class Leases implements AsyncDisposable {
  readonly #journal: LeaseJournal;
  readonly #services: Services;
  readonly #release: () => void;
  readonly #owner: ProcessIdentity;
  readonly #deadMan: ChildProcess;
  readonly #open = new Map<string, Lease>();
  #isWatched = true;

  private constructor(
    journal: LeaseJournal,
    owner: ProcessIdentity,
    deadMan: ChildProcess,
    services: Services,
    release: () => void,
  ) {
    this.#journal = journal;
    this.#owner = owner;
    this.#deadMan = deadMan;
    this.#services = services;
    this.#release = release;
    deadMan.once("exit", () => {
      this.#isWatched = false;
      // Nobody would heal after us any more: nothing may last.
      void Promise.allSettled([...this.#open.values()].map((lease) => lease.heal()));
    });
  }

  /**
   * Heals what an earlier controller left, and starts the dead-man.
   * @param file the journal; made where there is none
   * @throws ConfigurationError `CHAOS_IN_USE` when another controller has it
   * @throws RetryableError `NOT_HEALED` when something of an earlier controller does not heal
   */
  static async open(file: string, services: Services): Promise<Leases> {
    const release = tryLock(`${file}.lock`);
    if (release === undefined)
      throw new ConfigurationError(
        "CHAOS_IN_USE",
        `Another chaos controller has ${file}. Nothing was done; end it, or wait until it is done.`,
      );
    const journal = new LeaseJournal(file);
    try {
      for (const record of journal.open()) await replay(record, journal, services);
      // Nobody but the holder of the lock does faults, and this one has begun none.
      journal.releaseFences();
      const owner = thisProcess();
      const deadMan = await startDeadMan(file, owner);
      return new Leases(journal, owner, deadMan, services, release);
    } catch (error) {
      journal.end();
      release();
      throw error;
    }
  }

  /** The process id of the dead-man: never a target of chaos itself. */
  get deadManPid(): number | undefined {
    return this.#deadMan.pid;
  }

  /** When the faults that are there now should end, in Unix milliseconds. */
  get ends(): readonly number[] {
    return [...this.#open.values()].map(({ until }) => until);
  }

  /**
   * Gives a run these targets, until it gives them back.
   * @throws RetryableError `TARGETS_IN_USE` when another run has one of them
   */
  fence(run: string, targets: readonly string[]): Fence {
    const given = this.#journal.fence(run, targets);
    if ("token" in given) return given;
    throw new RetryableError(
      "TARGETS_IN_USE",
      `Run ${given.heldBy} is doing faults to ${given.target}. Nothing was done; wait until it is over, or stop it.`,
    );
  }

  /** Gives a run's targets back. */
  unfence(run: string): void {
    this.#journal.releaseFences(run);
  }

  /**
   * @param id of `newLeaseId`
   * @param what the fault and its targets, for people
   * @param until Unix milliseconds; it is healed then
   * @param undo what takes it back
   * @param fenced what the run must have for it
   * @throws RetryableError `NO_DEAD_MAN` when nobody would heal after this process; FatalError `FENCED_OFF`
   */
  take(id: string, what: string, until: number, undo: readonly Undo[], fenced?: Fenced): Lease {
    if (!this.#isWatched)
      throw new RetryableError(
        "NO_DEAD_MAN",
        "The process that heals faults when this one dies is gone. No fault is done, and those that were are healed; start this process again.",
      );
    const { clock } = this.#services;
    const record = { id, owner: this.#owner, what, taken: clock.now(), until, undo };
    this.#journal.take(record, fenced);
    const lease = this.#lease(record);
    this.#open.set(id, lease);
    return lease;
  }

  /** Heals everything and ends the dead-man. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((lease) => lease.heal()));
    if (this.#deadMan.exitCode === null && this.#deadMan.signalCode === null) {
      // What did not heal, it goes on with.
      this.#deadMan.ref();
      this.#deadMan.stdin?.end();
      await once(this.#deadMan, "exit");
    }
    this.#journal.end();
    this.#release();
  }

  #lease(record: LeaseRecord): Lease {
    const { clock, logger } = this.#services;
    const { id, until } = record;
    let undo = record.undo;
    const ending = new AbortController();
    let healing: Promise<void> | undefined;
    const heal = async (): Promise<void> => {
      await undoAll(undo);
      this.#journal.close(id, clock.now(), "controller");
      this.#open.delete(id);
      ending.abort();
    };
    const lease: Lease = {
      id,
      until,
      add: (more) => {
        undo = [...undo, ...more];
        this.#journal.setUndo(id, undo);
      },
      heal: () => {
        healing ??= heal().catch((error: unknown) => {
          healing = undefined;
          throw error;
        });
        return healing;
      },
    };
    // Failures are tried again by the dead-man, which looks for what is overdue.
    clock.sleep(Math.max(0, until - clock.now()), ending.signal).then(
      () =>
        lease.heal().catch((error: unknown) => {
          logger.error({ lease: id, what: record.what, reason: explain(error) }, "a fault does not end");
        }),
      () => undefined, // it was healed before
    );
    return lease;
  }
}

/** Heals what a controller before this one has left. */
async function replay(
  record: LeaseRecord,
  journal: LeaseJournal,
  { clock, logger }: Services,
): Promise<void> {
  logger.warn({ lease: record.id, what: record.what }, "healing a fault that an earlier controller left");
  for (let tries = 1; ; tries++) {
    try {
      await undoAll(record.undo);
      journal.close(record.id, clock.now(), "replay");
      return;
    } catch (error) {
      if (tries === REPLAYS) throw error;
      await clock.sleep(RETRY_MILLISECONDS);
    }
  }
}

/** Starts the process that heals after this one; it is in a group of its own, so that what ends this one's group spares it. */
async function startDeadMan(file: string, owner: ProcessIdentity): Promise<ChildProcess> {
  const args = [PROGRAM, file, String(owner.pid), owner.startTime];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  child.stdin.on("error", () => undefined);
  const isReady = once(child.stdout, "data").then(() => true);
  const isOver = once(child, "exit").then(() => false);
  if (await Promise.race([isReady, isOver])) {
    child.stdout.resume();
    // It ends with this process, and must not keep it.
    child.unref();
    return child;
  }
  throw new RetryableError(
    "NO_DEAD_MAN",
    "The process that heals faults when this one dies does not start; what it says is above. No fault is done.",
  );
}
