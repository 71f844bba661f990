import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { LinkTarget, ProcessTarget } from "../../../relayer/chaos/core/target.ts";
import { startTimeOf } from "../../../relayer/chaos/adapters/processes.ts";
import { populate, listProxies } from "../../../relayer/chaos/adapters/toxiproxy/client.ts";
import { repository, type Running, start, until } from "./processes.ts";

/** In the environment of whatever this process starts, however far down: other test files look for what they left at the same time. */
const MARK = "DCHAT_TEST_SCENE";
process.env[MARK] = String(process.pid);

/** For what does no faults to Redis. */
export const NO_REDIS = "redis://127.0.0.1:1";

/** Processes, proxies and a folder to do faults to; all of it is gone at the end. */
export class ChaosScene implements AsyncDisposable {
  readonly folder: string;
  readonly #running: Running[] = [];

  constructor() {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "dchat-chaos-")));
  }

  /** Starts a program of test/relayer/support and waits until it says something. */
  async program(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const file = join(repository, "test/relayer/support", name);
    const running = start(process.execPath, [file, ...args], {
      env: { ...process.env, NODE_OPTIONS: "--inspect-port=0", ...env },
    });
    this.#running.push(running);
    await until(`${name} says something`, () => {
      assert.equal(running.child.exitCode, null, running.stderr());
      return running.stdout().includes("\n");
    });
    return running;
  }

  /** A process that faults may be done to. */
  async target(name: string, env: NodeJS.ProcessEnv = {}): Promise<ProcessTarget> {
    return processTarget(name, (await this.program("chaos-target.ts", [this.folder], env)).pid);
  }

  /** The server of proxies as a process of its own. @returns its URL */
  async toxiproxy(): Promise<string> {
    const running = await this.program("toxiproxy-program.ts", []);
    return running.stdout().trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#running) child.kill("SIGKILL");
    await Promise.all(this.#running.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The process as a target. */
export function processTarget(name: string, pid: number): ProcessTarget {
  const startTime = startTimeOf(pid);
  assert(startTime !== undefined, `${name} does not run`);
  return { kind: "process", name, pid, startTime, zone: "a", region: "r", service: name };
}

/** A link through a new proxy. */
export async function makeLink(api: string, name: string, upstream: string): Promise<LinkTarget> {
  await populate(api, [{ name, listen: "127.0.0.1:0", upstream }]);
  const port = Number((await listProxies(api))[name]?.listen.split(":")[1]);
  const [client = "", server = ""] = name.split(">");
  return { kind: "link", name, client, server, port };
}

/** The toxics of all proxies, by their names. */
export async function toxicsOn(api: string): Promise<readonly string[]> {
  const proxies = Object(await (await fetch(`${api}/proxies`)).json()) as Record<
    string,
    { toxics: { name: string }[] }
  >;
  return Object.values(proxies).flatMap(({ toxics }) => toxics.map(({ name }) => name));
}

/**
 * What chaos has left on this machine, told by the machine alone: processes that we started, and the cgroups and tables of nft of these
 * leases, for others may do chaos beside us.
 */
export function leftovers(leases: readonly string[] = []): readonly string[] {
  const left = processesLike(/burner-program|dead-man-program|delay-queue |^stress-ng/, leases).map(
    commandLine,
  );
  const cgroups = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory", "/sys/fs/cgroup"].flatMap(findCgroups);
  const named = [...cgroups, ...tables()].filter((name) => leases.some((id) => name.endsWith(`_${id}`)));
  return [...left, ...named];
}

/** The leases that a journal has ever had, by their ids; none where there is no journal yet. */
export function leaseIds(journal: string): readonly string[] {
  if (!existsSync(journal)) return [];
  const database = new DatabaseSync(journal, { readOnly: true });
  try {
    return database
      .prepare("SELECT id FROM leases")
      .all()
      .map(({ id }) => String(id));
  } finally {
    database.close();
  }
}

/** The pids of all processes that this one or one of these leases has started, itself or not, and whose command line is like that. */
export function processesLike(pattern: RegExp, leases: readonly string[] = []): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pattern.test(commandLine(pid)) && isOurs(pid, leases));
}

/** The tables of chaos in the kernel. */
export function tables(): readonly string[] {
  try {
    const listed = execFileSync("/usr/sbin/nft", ["list", "tables"], { encoding: "utf8", stdio: "pipe" });
    return listed.match(/dchat_chaos_\w+/g) ?? [];
  } catch {
    return []; // no nft, or no right to: then there are none of ours
  }
}

function findCgroups(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
      /dchat_chaos_[0-9a-z]+$/.test(path),
    );
  } catch {
    return []; // no such controller
  }
}

/** What writes its state over its environment, as stress-ng does, is told by the name of its cgroup, which is that of its lease. */
function isOurs(pid: number, leases: readonly string[]): boolean {
  const cgroups = told(pid, "cgroup");
  return (
    environment(pid).includes(`${MARK}=${process.pid}\0`) ||
    leases.some((id) => cgroups.includes(`/dchat_chaos_${id}`))
  );
}

const commandLine = (pid: number) => told(pid, "cmdline").replaceAll("\0", " ");
const environment = (pid: number) => told(pid, "environ");

function told(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return ""; // it is gone
  }
}
