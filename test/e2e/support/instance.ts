import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Network, networkSchema } from "../../../relayer/domain/network.ts";
import {
  isAlive,
  isListening,
  repository,
  type Running,
  start,
  until,
} from "../../relayer/support/processes.ts";

const RUNS = join(repository, ".dchat/runs");
/** The variable of the environment by which the processes of an instance are known, whoever their parent is by then. */
const MARK = "E2E_INSTANCE";
/** How long a start may take on a busy machine, and how long an end: Redis and the roles get a few seconds each. */
const START_MILLISECONDS = 280_000;
const END_MILLISECONDS = 30_000;

/** `npm start` as a user runs it, and everything that it leaves on the machine. */
export class Instance implements AsyncDisposable {
  readonly running: Running;
  readonly #mark = randomUUID();
  readonly #others = new Set(runs());
  #folder: string | undefined;
  #isKept = false;
  #ports: readonly number[] = [];

  /** @param args what stands after `npm start --` */
  constructor(args: readonly string[] = [], more: NodeJS.ProcessEnv = {}) {
    const env = { ...process.env, ...more, [MARK]: this.#mark };
    // A process group of its own, as a terminal gives to each command: Ctrl-C goes to all of it.
    // Should the tests themselves be killed, npm is told to end.
    this.running = start("setpriv", ["--pdeathsig", "TERM", "npm", "start", "--", ...args], {
      cwd: repository,
      env,
      detached: true,
    });
  }

  /** The folder of this run; it is known once {@link untilFolder} or a later one has resolved. */
  get folder(): string {
    assert(this.#folder !== undefined);
    return this.#folder;
  }

  /** Where chains, Redis and the API listen. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Its living processes. */
  pids(): readonly number[] {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => isAlive(pid) && read(`/proc/${pid}/environ`).includes(`${MARK}=${this.#mark}`));
  }

  /** The one process whose command line holds all of `words`. */
  pid(...words: readonly string[]): number | undefined {
    const found = this.pids().filter((pid) => {
      const [, ...args] = read(`/proc/${pid}/cmdline`).split("\0");
      return words.every((word) => args.includes(word));
    });
    assert(found.length < 2, `${words.join(" ")}: ${found.length} processes`);
    return found[0];
  }

  /** The bootstrap, which npm runs. */
  bootstrapPid(): number {
    return this.#required("scripts/bootstrap.mjs");
  }

  /** scripts/start.ts itself. */
  startPid(): number {
    const found = this.pids().find(
      (pid) => read(`/proc/${pid}/cmdline`).split("\0")[1] === "scripts/start.ts",
    );
    assert(found !== undefined, "scripts/start.ts runs");
    return found;
  }

  /** Until its folder is there. */
  async untilFolder(): Promise<void> {
    const isOurs = (run: string) =>
      !this.#others.has(run) && this.pids().includes(Number(run.split("-").at(-1)));
    await this.#until("it has a folder", () => {
      const name = runs().find(isOurs);
      if (name !== undefined) this.#folder = join(RUNS, name);
      return name !== undefined;
    });
  }

  /** Until its fleet is ready and the first transfer begins; its ports are known from then on. */
  async untilReady(): Promise<Network> {
    await this.untilFolder();
    await this.untilSays("approving 100 DEMO");
    const network = networkSchema.parse(JSON.parse(read(join(this.folder, "network.json"))));
    const urls = [...Object.values(network.chains).map(({ rpcUrl }) => rpcUrl), network.redisUrl];
    this.#ports = [...urls.map((url) => Number(new URL(url).port)), network.api.port];
    return network;
  }

  /** Until it has said `text` on stderr. */
  async untilSays(text: string): Promise<void> {
    await this.#until(`it says ${text}`, () => this.running.stderr().includes(text));
  }

  /** Until it is up and both transfers are done. */
  async untilUp(): Promise<Network> {
    const network = await this.untilReady();
    await this.untilSays("Stop with Ctrl-C");
    return network;
  }

  /** Until none of its processes lives and none of its ports listens. */
  async untilGone(): Promise<void> {
    let left = "";
    await until(
      "no process and no port is left",
      async () => {
        const pids = this.pids().map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
        const ports = await filter(this.#ports, isListening);
        left = [...pids, ...ports].join("\n");
        return left === "";
      },
      END_MILLISECONDS,
    ).catch((error: unknown) => assert.fail(`${String(error)}\n${left}\n${this.running.stderr()}`));
  }

  /** Whether its folder is still there. */
  hasFolder(): boolean {
    return existsSync(this.folder);
  }

  /** Ctrl-C in its terminal. */
  interrupt(): void {
    process.kill(-this.running.pid, "SIGINT");
  }

  /** Leaves its folder to the next start. */
  keep(): this {
    this.#isKept = true;
    return this;
  }

  /** Kills whatever is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.pids()) kill(pid);
    await this.untilGone();
    if (this.#folder !== undefined && !this.#isKept) rmSync(this.#folder, { recursive: true, force: true });
  }

  #required(word: string): number {
    const pid = this.pid(word);
    assert(pid !== undefined, `${word} runs`);
    return pid;
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const { child } = this.running;
    const said = () => `${this.running.stdout()}\n${this.running.stderr()}`;
    await until(
      what,
      () => {
        if (condition()) return true;
        assert.equal(child.exitCode ?? child.signalCode, null, `it ended before: ${what}\n${said()}`);
        return false;
      },
      START_MILLISECONDS,
    ).catch((error: unknown) => assert.fail(`${String(error)}\n${said()}`));
  }
}

function runs(): readonly string[] {
  return existsSync(RUNS) ? readdirSync(RUNS) : [];
}

/** A file's text; nothing when it is gone, as the files of a process are. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

async function filter<T>(list: readonly T[], keep: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const kept = await Promise.all(list.map(keep));
  return list.filter((_, i) => kept[i]);
}
