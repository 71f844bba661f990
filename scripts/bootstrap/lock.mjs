import { linkSync, mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isAlive } from "./processes.mjs";

const POLL_MS = 100;
/** Taking over takes well under a millisecond, so a takeover this old was itself abandoned. */
const ABANDONED_TAKEOVER_MS = 10_000;

/**
 * Runs `work` while no other process on this machine holds the lock file. The file names its owner (pid and start
 * time), and the process group of the tool that the owner runs; a lock whose owner is dead is taken over, after what it
 * left running has been killed.
 *
 * @template T
 * @param {string} path
 * @param {(lock: { setTool(pid: number | undefined): void }) => Promise<T>} work
 * @param {(ownerPid: number) => void} [onWait] called once if the lock is held by another process
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  const owner = identify(process.pid);
  let said = false;
  while (!create(path, { owner })) {
    const held = read(path);
    if (held !== undefined && !isAlive(held.owner)) {
      takeOver(path);
      continue;
    }
    if (!said && held !== undefined) onWait(held.owner.pid);
    said ||= held !== undefined;
    await sleep(POLL_MS);
  }
  try {
    return await work({
      setTool: (pid) => replace(path, pid === undefined ? { owner } : { owner, tool: identify(pid) }),
    });
  } finally {
    unlinkSync(path);
  }
}

/** Creates the file together with its content, or returns false when it is there: a link is atomic, open-and-write is not. */
function create(path, content) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(content));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    unlinkSync(own);
  }
}

function replace(path, content) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(content));
  renameSync(own, path);
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes the lock of a dead owner. One process at a time, so that nobody removes the lock of whoever came next. */
function takeOver(path) {
  const gate = `${path}.takeover`;
  if (!create(gate, { owner: identify(process.pid) })) {
    const age = ageOf(gate);
    if (age !== undefined && age > ABANDONED_TAKEOVER_MS) unlinkSync(gate);
    return;
  }
  try {
    const held = read(path);
    if (held === undefined || isAlive(held.owner)) return;
    if (isAlive(held.tool)) process.kill(-held.tool.pid, "SIGKILL");
    unlinkSync(path);
  } finally {
    unlinkSync(gate);
  }
}

function ageOf(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
