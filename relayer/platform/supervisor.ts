import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Backoff, waitAfter } from "./backoff.ts";
import { Child, type ChildSpec, type Ending } from "./child.ts";
import { exitCodes } from "./exit-codes.ts";
import { untilReleased } from "./restart-holds.ts";

/** How long a child may take to be ready: a whole fleet that starts at once on a busy machine takes half of that. */
const READY_MILLISECONDS = 180_000;

/** The events of a {@link Supervisor}, with what their listeners are given. */
export interface SupervisorEvents {
  started: [{ name: string; pid: number }];
  ready: [{ name: string; pid: number }];
  /** It ended by itself and is started again after so many milliseconds. */
  crashed: [{ name: string; ending: Ending; restartMs: number }];
  /** Its configuration (exit code 78) or its command line (2) is wrong: it is not started again. */
  misconfigured: [ChildFailure];
  /** It ended after {@link Supervisor.stop}. */
  stopped: [{ name: string; ending: Ending }];
}

/** A child that did not become ready, or that cannot run. Its message holds the child's last words. */
export class ChildFailure extends Error {
  override name = "ChildFailure";
  readonly child: string;
  readonly ending: Ending | undefined;

  constructor(child: string, what: string, ending: Ending | undefined) {
    const words = ending === undefined || ending.stderr.length === 0 ? "" : `: ${ending.stderr.join("\n")}`;
    super(`${child} ${what}${words}`);
    this.child = child;
    this.ending = ending;
  }
}

/** What a {@link Supervisor} may be told. Times are in milliseconds. */
export interface SupervisorOptions {
  /** One file a child, `<name>.log`, appended to; created if it is missing. */
  readonly logFolder: string;
  /** The environment that all children get. */
  readonly env: NodeJS.ProcessEnv;
  /** Stops everything when it is aborted. */
  readonly signal?: AbortSignal;
  readonly onLine?: (name: string, line: string, stream: "stdout" | "stderr") => void;
  /** Between a crash and the next start; 50 ms doubling to 5 s if not given. */
  readonly backoff?: Backoff;
  /** A child that has been ready for so long is sound: its next crash counts as its first. 10 s if not given. */
  readonly soundMs?: number;
  /** From SIGTERM to SIGKILL; 5 s if not given. */
  readonly graceMs?: number;
  /** Where files hold crashed children back from being started again (restart-holds.ts); nothing does if not given. */
  readonly holdFolder?: string;
}

interface Supervised {
  readonly spec: ChildSpec;
  child: Child | undefined;
  restarts: number;
  /** Crashes in a row. */
  failures: number;
  /** It was never ready and has ended for good; another may be started in its place. */
  isGivenUp: boolean;
  /** Resolves when the child has ended for good. */
  over: Promise<void>;
  readonly firstReady: PromiseWithResolvers<undefined>;
  last: Ending | undefined;
}

/**
 * Keeps child processes running: starts them, collects their lines, starts crashed ones again, and stops all of them.
 *
 * No child outlives it. Each has a pipe as its stdin that ends when this process does, even by SIGKILL: our own programs
 * end then ({@link exitWithParent}); foreign ones are run by a guard (scripts/guard.ts).
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #options: Required<Omit<SupervisorOptions, "signal" | "onLine" | "holdFolder">> &
    Pick<SupervisorOptions, "onLine" | "holdFolder">;
  readonly #logger: Logger;
  readonly #children = new Map<string, Supervised>();
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(options: SupervisorOptions, { logger }: { logger: Logger }) {
    super();
    this.#options = {
      backoff: { firstMs: 50, longestMs: 5_000 },
      soundMs: 10_000,
      graceMs: 5_000,
      ...options,
    };
    this.#logger = logger;
    mkdirSync(options.logFolder, { recursive: true });
    if (options.holdFolder !== undefined) mkdirSync(options.holdFolder, { recursive: true });
    if (options.signal?.aborted === true) this.#stopping.abort();
    options.signal?.addEventListener("abort", () => void this.stop(), { once: true });
  }

  /**
   * Starts a child and waits until it is ready. Crashes before that are retried like later ones.
   *
   * @param readyMs how long it may take
   * @throws ChildFailure if it is not ready in time, if its configuration is wrong, or if the supervisor is stopped; it
   *   has ended then, and its name may be used again
   */
  async start(spec: ChildSpec, readyMs = READY_MILLISECONDS): Promise<void> {
    if (this.#children.get(spec.name)?.isGivenUp === false)
      throw new Error(`There is a child named ${spec.name} already`);
    const firstReady = Promise.withResolvers<undefined>();
    const supervised: Supervised = {
      spec,
      child: undefined,
      restarts: 0,
      failures: 0,
      over: Promise.resolve(),
      firstReady,
      isGivenUp: false,
      last: undefined,
    };
    this.#children.set(spec.name, supervised);
    const late = new AbortController();
    supervised.over = this.#keepRunning(supervised, late.signal);
    const timer = setTimeout(() => {
      const failure = new ChildFailure(
        spec.name,
        `was not ready within ${readyMs / 1000} s`,
        supervised.last,
      );
      firstReady.reject(failure);
      late.abort();
      supervised.child?.killGroup();
    }, readyMs);
    try {
      await firstReady.promise;
    } catch (error) {
      await supervised.over;
      supervised.isGivenUp = true;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The process id of a child; undefined while it does not run. */
  pid(name: string): number | undefined {
    return this.#find(name).child?.pid;
  }

  /** How often a child has been started again. */
  restarts(name: string): number {
    return this.#find(name).restarts;
  }

  /**
   * Stops all children, those that others depend on last: SIGTERM, and SIGKILL after the grace. Nothing is started any
   * more. Resolves when all have ended; calling it again changes nothing.
   */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    await this.#stopped;
  }

  #find(name: string): Supervised {
    const supervised = this.#children.get(name);
    if (supervised === undefined) throw new Error(`There is no child named ${name}`);
    return supervised;
  }

  async #keepRunning(supervised: Supervised, late: AbortSignal): Promise<void> {
    const { name } = supervised.spec;
    const signal = AbortSignal.any([this.#stopping.signal, late]);
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const ending = await this.#runOnce(supervised);
      if (isOver()) {
        this.#logger.info({ child: name, code: ending.code, signal: ending.signal }, "child stopped");
        this.emit("stopped", { name, ending });
      } else if (ending.code === exitCodes.configuration || ending.code === exitCodes.usage) {
        this.#reportMisconfigured(supervised, ending);
        return;
      } else {
        await this.#waitToRestart(supervised, ending, signal);
      }
    }
    supervised.firstReady.promise.catch(() => undefined); // start() may have given up already
    supervised.firstReady.reject(new ChildFailure(name, "was stopped before it was ready", supervised.last));
  }

  async #runOnce(supervised: Supervised): Promise<Ending> {
    const { spec } = supervised;
    const { logFolder, env, onLine } = this.#options;
    const child = new Child(spec, {
      env,
      logFile: join(logFolder, `${spec.name}.log`),
      onLine: (line, stream) => onLine?.(spec.name, line, stream),
    });
    supervised.child = child;
    const { pid } = child;
    let sound: NodeJS.Timeout | undefined;
    if (pid !== undefined) {
      this.#logger.info({ child: spec.name, pid }, "child started");
      this.emit("started", { name: spec.name, pid });
      void child.ready().then((isReady) => {
        if (!isReady || supervised.child !== child) return;
        sound = setTimeout(() => (supervised.failures = 0), this.#options.soundMs).unref();
        supervised.firstReady.resolve(undefined);
        this.emit("ready", { name: spec.name, pid });
      });
    }
    const ending = await child.ended;
    clearTimeout(sound);
    supervised.child = undefined;
    supervised.last = ending;
    return ending;
  }

  #reportMisconfigured(supervised: Supervised, ending: Ending): void {
    const { name } = supervised.spec;
    const failure = new ChildFailure(name, "cannot run with this configuration", ending);
    this.#logger.error(
      { child: name, stderr: ending.stderr },
      "child is misconfigured and is not started again",
    );
    supervised.firstReady.promise.catch(() => undefined);
    supervised.firstReady.reject(failure);
    this.emit("misconfigured", failure);
  }

  async #waitToRestart(supervised: Supervised, ending: Ending, signal: AbortSignal): Promise<void> {
    const { name } = supervised.spec;
    supervised.failures += 1;
    const restartMs = waitAfter(supervised.failures, this.#options.backoff);
    const { code, signal: by, stderr } = ending;
    this.#logger.warn(
      { child: name, code, signal: by, stderr, restartMs },
      "child crashed and is started again",
    );
    this.emit("crashed", { name, ending, restartMs });
    await sleep(restartMs, undefined, { signal }).catch(() => undefined);
    const { holdFolder } = this.#options;
    if (holdFolder !== undefined) await untilReleased(holdFolder, name, signal);
    if (!signal.aborted) supervised.restarts += 1;
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort();
    const all = [...this.#children.values()];
    await this.#stopThese(all.filter(({ spec }) => spec.infrastructure !== true));
    await this.#stopThese(all.filter(({ spec }) => spec.infrastructure === true));
  }

  async #stopThese(these: readonly Supervised[]): Promise<void> {
    for (const { child } of these) child?.kill("SIGTERM");
    const timer = setTimeout(() => {
      for (const { child } of these) child?.killGroup();
    }, this.#options.graceMs);
    await Promise.all(these.map(({ over }) => over));
    clearTimeout(timer);
  }
}
