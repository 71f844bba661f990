import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { type Comparison, type Peers } from "./report/compare.ts";
import { plot } from "./report/plot.ts";
import { peersFileSchema, type Report } from "./report/result.ts";

const FOLDER = join(import.meta.dirname, "results");
const PEERS_FILE = "peers.json";

/** What of a machine a figure depends on; nothing that tells whose it is. */
export function describeMachine() {
  return {
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    /** Of the minute before the end: far above the cores, somebody else worked here too. */
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Where the sources stood: the commit, with `-dirty` behind it where something else than results was changed since. */
export function describeSources(): string {
  const git = (...args: readonly string[]) =>
    execFileSync("git", args, {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  try {
    const commit = git("rev-parse", "HEAD").trim();
    const changed = git("status", "--porcelain", "--", ":/", ":(top,exclude)bench/results").trim();
    return changed === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown"; // no checkout of git
  }
}

/** Keeps what a benchmark measured, as `NAME.json`, and its picture, `NAME.svg`, where there is something to compare. */
export function keepResult(
  name: string,
  report: Report,
  peers: Peers,
  comparisons: readonly Comparison[],
): void {
  keep(`${name}.json`, { ...report, peers });
  if (comparisons.some(({ verdict, peers: others }) => verdict !== "no limit" || others.length > 0))
    writeFileSync(join(FOLDER, `${name}.svg`), plot(name, comparisons));
}

/** Keeps what `bench/peers` measured. */
export function keepPeers(measured: object): void {
  keep(PEERS_FILE, measured);
}

/** What `bench/peers` last measured; undefined if it never did. */
export function readPeers(): Peers | undefined {
  const file = join(FOLDER, PEERS_FILE);
  if (!existsSync(file)) return undefined;
  return peersFileSchema.parse(JSON.parse(readFileSync(file, "utf8"))).peers;
}

function keep(file: string, content: object): void {
  mkdirSync(FOLDER, { recursive: true });
  const measured = { day: new Date().toISOString().slice(0, 10), commit: describeSources() };
  const text = JSON.stringify({ measured, machine: describeMachine(), ...content }, undefined, 2);
  writeFileSync(join(FOLDER, file), `${text}\n`);
}
