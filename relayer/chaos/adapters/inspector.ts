import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { RetryableError } from "../../domain/errors.ts";
import type { ProcessIdentity } from "../core/undo.ts";
import { isRunning, signalSame } from "./processes.ts";

/** How long a target may take to open its inspector, and to answer it, in milliseconds. */
const OPEN_MILLISECONDS = 3_000;
const ANSWER_MILLISECONDS = 3_000;
const POLL_MILLISECONDS = 20;
/**
 * How long an inspector of ours stays open after the last visit or fault, and how long before its end nobody begins a visit any more, in
 * milliseconds: Node dies of SIGSEGV when somebody connects while its inspector is being closed (seen with 24.21).
 */
const LINGER_MILLISECONDS = 2_000;
const MARGIN_MILLISECONDS = 1_000;
/** How much later than it said a busy target may close it, in milliseconds. */
const LATE_MILLISECONDS = 3_000;
/** How often it is asked to open it, in milliseconds. */
const SIGNAL_MILLISECONDS = 300;
/** SIGUSR1 in the mask of signals that a process catches: Node opens its inspector at it, another program would die of it. */
const SIGUSR1_BIT = 1n << 9n;

const listSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const answerSchema = z.object({
  id: z.literal(1),
  result: z.object({
    result: z.object({ value: z.unknown().optional() }),
    exceptionDetails: z.unknown().optional(),
  }),
});

const visitSchema = z.object({ value: z.unknown().optional(), closesIn: z.number().nullable() });

/** When the inspectors that we have visited will be closed (by our monotonic clock), and where they listen. */
const closings = new Map<string, { readonly at: number; readonly port: number }>();
const keyOf = ({ pid, startTime }: ProcessIdentity) => `${pid} ${startTime}`;

/**
 * Evaluates an expression in the main thread of a Node process, by its inspector on loopback, even while its event loop is blocked by
 * JavaScript. Where the inspector is not open yet, SIGUSR1 opens it, and it is closed some time after; it must have a port of its own for
 * that, so a fleet starts with `--inspect-port=0`. The expression may await; its value is given back as JSON.
 * @throws RetryableError `INSPECTOR` when the target is gone, is no Node process, or does not answer
 */
export async function evaluate(target: ProcessIdentity, expression: string): Promise<unknown> {
  await untilClosed(target);
  const found = await debuggerUrl(target);
  const url = found ?? (await openInspector(target));
  const socket = new WebSocket(url);
  // Until it says otherwise: as before, or soon.
  const before = closings.get(keyOf(target))?.at ?? 0;
  let closesIn: number | null = Math.max(LINGER_MILLISECONDS, before - performance.now());
  try {
    const given = `async () => ${expression}, ${String(found !== undefined)}, ${LINGER_MILLISECONDS}`;
    const visited = visitSchema.parse(await ask(target, socket, `(${visit.toString()})(${given})`));
    closesIn = visited.closesIn;
    return visited.value;
  } finally {
    socket.close();
    if (closesIn === null) closings.delete(keyOf(target));
    else closings.set(keyOf(target), { at: performance.now() + closesIn, port: Number(new URL(url).port) });
  }
}

/** Whether an inspector of this process is open. */
export async function isInspectorOpen(target: ProcessIdentity): Promise<boolean> {
  await untilClosed(target);
  return (await debuggerUrl(target)) !== undefined;
}

/** Waits for an inspector to be closed that soon will be. */
async function untilClosed(target: ProcessIdentity): Promise<void> {
  const closing = closings.get(keyOf(target));
  if (closing === undefined || performance.now() < closing.at - MARGIN_MILLISECONDS) return;
  while (
    performance.now() < closing.at + LATE_MILLISECONDS &&
    listeningPorts(target.pid).includes(closing.port)
  )
    await sleep(POLL_MILLISECONDS);
  closings.delete(keyOf(target));
}

/** What visits leave in a process. */
export type Inside = {
  /** What takes each fault back, by its id, and when it ends by itself, by the process's own monotonic clock. */
  readonly faults: Map<
    string,
    { readonly about: string; readonly deadline: number; readonly end: () => void }
  >;
  /** Closes the inspector after a while, unless somebody comes, or a fault lasts. */
  readonly closeLater: () => void;
  /** As the inspector was at our first word to this process: later, whoever asks may find it open because of us. */
  readonly wasOpen: boolean;
  visits: number;
  closing?: ReturnType<typeof setTimeout>;
};

declare global {
  /** In a process that was visited; nowhere else. */
  var dchatChaosInside: Inside | undefined;
}

/** Runs in the target, around everything else that does. @returns also in how many milliseconds the inspector will be closed, if it will */
async function visit(work: () => unknown, wasOpen: boolean, linger: number): Promise<unknown> {
  globalThis.dchatChaosInside ??= {
    faults: new Map(),
    wasOpen,
    visits: 0,
    closeLater: () => {
      clearTimeout(inside.closing);
      if (inside.wasOpen) return;
      inside.closing = setTimeout(() => {
        if (inside.faults.size === 0 && inside.visits === 0)
          process.getBuiltinModule("node:inspector").close();
      }, linger).unref();
    },
  };
  const inside = globalThis.dchatChaosInside;
  clearTimeout(inside.closing);
  inside.visits++;
  try {
    const value = await work();
    const lasts = [...inside.faults.values()].map(({ deadline }) => deadline - performance.now());
    return { value, closesIn: inside.wasOpen ? null : Math.max(0, ...lasts) + linger };
  } finally {
    inside.visits--;
    inside.closeLater();
  }
}

async function ask(target: ProcessIdentity, socket: WebSocket, expression: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.addEventListener("open", () => {
    const params = { expression, awaitPromise: true, returnByValue: true };
    socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params }));
  });
  socket.addEventListener("message", (event) => {
    const data: unknown = event.data;
    const answer = typeof data === "string" ? answerSchema.safeParse(JSON.parse(data)) : undefined;
    if (answer?.success !== true) return;
    const { result, exceptionDetails } = answer.data.result;
    if (exceptionDetails === undefined) resolve(result.value);
    else reject(failure(target, `it refuses: ${JSON.stringify(exceptionDetails).slice(0, 500)}`));
  });
  for (const end of ["error", "close"] as const) {
    socket.addEventListener(end, () => {
      reject(failure(target, "its inspector hung up"));
    });
  }
  const late = setTimeout(() => {
    reject(failure(target, `it has not answered within ${ANSWER_MILLISECONDS} ms`));
  }, ANSWER_MILLISECONDS);
  return promise.finally(() => {
    clearTimeout(late);
  });
}

async function openInspector(target: ProcessIdentity): Promise<string> {
  if (!catchesSignal(target)) throw failure(target, "it is gone, or no Node process");
  const began = performance.now();
  for (let signals = 0; performance.now() - began < OPEN_MILLISECONDS;) {
    // A signal that comes while an inspector is being closed is lost; one that comes while it is open does nothing.
    if (performance.now() - began >= signals * SIGNAL_MILLISECONDS) {
      signals += 1;
      signalSame(target, "SIGUSR1");
    }
    const url = await debuggerUrl(target);
    if (url !== undefined) return url;
    await sleep(POLL_MILLISECONDS);
  }
  throw failure(target, "it has opened none; was it started with --inspect-port=0?");
}

/** Where Linux tells; elsewhere Node processes are taken at their name. */
function catchesSignal(target: ProcessIdentity): boolean {
  if (!isRunning(target)) return false;
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-p", String(target.pid), "-o", "comm="], { encoding: "utf8" });
    return /(^|\/)node\s*$/.test(stdout);
  }
  const [, mask] = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${target.pid}/status`, "latin1")) ?? [];
  // `exe` is gone with a program that was replaced on the disk, but not its name.
  const isNode = /(^|\/)node( \(deleted\))?$/.test(readlinkSync(`/proc/${target.pid}/exe`));
  return isNode && mask !== undefined && (BigInt(`0x${mask}`) & SIGUSR1_BIT) !== 0n;
}

/** Asks what the process listens on at loopback whether it is the inspector. */
async function debuggerUrl(target: ProcessIdentity): Promise<string | undefined> {
  if (!isRunning(target)) return undefined;
  for (const port of listeningPorts(target.pid)) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(500) })
      .then((response) => response.json())
      .catch(() => undefined);
    const listed = listSchema.safeParse(answer);
    const url = listed.data?.[0]?.webSocketDebuggerUrl;
    if (url?.startsWith(`ws://127.0.0.1:${port}/`) === true) return url;
  }
  return undefined;
}

/** The TCP ports on which a process listens, on 127.0.0.1. */
function listeningPorts(pid: number): readonly number[] {
  if (process.platform !== "linux") return portsByLsof(pid);
  try {
    const folder = `/proc/${pid}/fd`;
    const inodes = new Set(readdirSync(folder).map((fd) => socketInode(`${folder}/${fd}`)));
    return readFileSync(`/proc/${pid}/net/tcp`, "latin1")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state, , , , , , inode]) => isListener(local, state) && inodes.has(inode))
      .map(([, local = ""]) => Number.parseInt(local.slice(-4), 16));
  } catch {
    return []; // gone in the middle
  }
}

function isListener(local: string | undefined, state: string | undefined): boolean {
  return local?.startsWith("0100007F:") === true && state === "0A";
}

function socketInode(link: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
  } catch {
    return undefined; // closed meanwhile
  }
}

function portsByLsof(pid: number): readonly number[] {
  const args = ["-nP", "-a", "-p", String(pid), "-iTCP@127.0.0.1", "-sTCP:LISTEN", "-Fn"];
  const { stdout } = spawnSync("lsof", args, { encoding: "utf8" });
  return [...stdout.matchAll(/^n127\.0\.0\.1:(\d+)$/gm)].map(([, port]) => Number(port));
}

function failure(target: ProcessIdentity, why: string): RetryableError {
  return new RetryableError(
    "INSPECTOR",
    `The inspector of process ${target.pid} does not serve: ${why}. The process is as it was but for an open inspector on loopback, if any.`,
    { pid: target.pid },
  );
}
