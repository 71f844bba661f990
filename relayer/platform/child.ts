import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { parentDescriptorVariable } from "./parent-watch.ts";

const KEPT_STDERR_LINES = 20;
const PROBE_MS = 25;

/** How a child says that it is ready to serve. */
export type Readiness =
  /** It prints a line of JSON with `"ready": true` on stdout. */
  | "line"
  /** A line on stdout satisfies the predicate. */
  | { readonly line: (line: string) => boolean }
  /** The probe returns true. It is asked again and again; an error counts as "not yet". */
  | { readonly probe: (signal: AbortSignal) => Promise<boolean> };

/** A child process to keep running. */
export interface ChildSpec {
  /** Unique; also the name of its log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment that all children get. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly ready: Readiness;
  /** Others depend on it: it is stopped once all that are not infrastructure have ended. */
  readonly infrastructure?: boolean;
}

/** How a process ended. */
export interface Ending {
  /** The exit code; null after a signal, or if the command could not be started at all. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote to stderr, oldest first. */
  readonly stderr: readonly string[];
}

/** What a run of a child needs from its supervisor. */
export interface ChildContext {
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  onLine(line: string, stream: "stdout" | "stderr"): void;
}

/**
 * One run of a child, from its start to its end.
 *
 * The child leads a process group of its own, so that a Ctrl-C in the terminal reaches only the supervisor, and so that
 * whatever the child has started can be killed with it. Its stdin is a pipe that ends with the supervisor; see
 * {@link exitWithParent}.
 */
export class Child {
  /** Undefined if the command could not be started. */
  readonly pid: number | undefined;
  /** Resolves when the child has ended and its last line has been read. */
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  readonly #log: WriteStream;
  readonly #stderr: string[] = [];
  readonly #readyLine = Promise.withResolvers<undefined>();
  readonly #over = new AbortController();
  readonly #spec: ChildSpec;

  constructor(spec: ChildSpec, context: ChildContext) {
    this.#spec = spec;
    this.#log = createWriteStream(context.logFile, { flags: "a" });
    const env = { ...context.env, ...spec.env, [parentDescriptorVariable]: "0" };
    const child = spawn(spec.command, spec.args, {
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      env,
      stdio: "pipe",
      detached: true,
    });
    // It never gets a word; the error is that of a child which has closed its end.
    child.stdin.on("error", () => undefined);
    this.#process = child;
    this.pid = child.pid;
    this.ended = this.#run(child.stdout, child.stderr, context);
  }

  /**
   * Resolves with true when the child is ready, with false if it ended before.
   */
  async ready(): Promise<boolean> {
    const ended = this.ended.then(() => false);
    if (this.#spec.ready === "line" || "line" in this.#spec.ready) {
      return Promise.race([this.#readyLine.promise.then(() => true), ended]);
    }
    return Promise.race([this.#probeUntilReady(this.#spec.ready.probe), ended]);
  }

  /** Sends a signal to the child alone. */
  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Kills the child and whatever is left of its process group; what is gone already is no error. */
  killGroup(): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  async #run(stdout: Readable, stderr: Readable, context: ChildContext): Promise<Ending> {
    const read = [this.#readLines(stdout, "stdout", context), this.#readLines(stderr, "stderr", context)];
    const { promise, resolve } = Promise.withResolvers<Pick<Ending, "code" | "signal">>();
    this.#process.once("exit", (code, signal) => {
      resolve({ code, signal });
    });
    this.#process.once("error", (error) => {
      if (this.pid !== undefined) return;
      this.#keep(error.message);
      resolve({ code: null, signal: null });
    });
    const how = await promise;
    this.#over.abort();
    // What the child has started may hold the pipes open, or a port that the next run needs.
    this.killGroup();
    await Promise.all(read);
    this.#log.end();
    await once(this.#log, "close");
    return { ...how, stderr: this.#stderr };
  }

  async #readLines(input: Readable, stream: "stdout" | "stderr", context: ChildContext): Promise<void> {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      this.#log.write(`${line}\n`);
      if (stream === "stderr") this.#keep(line);
      else if (this.#saysReady(line)) this.#readyLine.resolve(undefined);
      context.onLine(line, stream);
    }
  }

  #keep(line: string): void {
    this.#stderr.push(line);
    if (this.#stderr.length > KEPT_STDERR_LINES) this.#stderr.shift();
  }

  #saysReady(line: string): boolean {
    const { ready } = this.#spec;
    if (ready === "line") return isReadyLine(line);
    return "line" in ready && ready.line(line);
  }

  async #probeUntilReady(probe: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      if (await probe(signal).catch(() => false)) return true;
      await sleep(PROBE_MS, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }
}

function isReadyLine(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && "ready" in parsed && parsed.ready === true;
  } catch {
    return false; // a line of text that happens to begin with a brace
  }
}
