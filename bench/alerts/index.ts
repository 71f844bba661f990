import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { findProgram } from "../../test/relayer/support/peer-programs.ts";
import type { Figures } from "../gas/crypto.ts";

/**
 * What alerting takes: an engine in a process of its own on the disk of the working folder, and a receiver of webhooks in another. Then
 * Alertmanager and Prometheus at the same work, where they are installed.
 * @returns see `program.ts` and `peers.ts`
 */
export async function measureAlerts(): Promise<Figures> {
  // Not in the system's folder for temporary files, which may be no disk.
  mkdirSync(".dchat", { recursive: true });
  const folder = mkdtempSync(join(".dchat", "bench-alerts-"));
  try {
    return { ...(await run("program.ts", folder)), ...(await run("peers.ts", folder)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is said of the peers' figures, or of why they are missing. */
export function aboutPeers(): string {
  const missing = ["prometheus", "prometheus-alertmanager"].filter((name) => findProgram(name) === undefined);
  const said =
    "peer.*: Debian's Alertmanager (group_wait 0s, posts over HTTP, the same receiver; it writes nothing before it sends) and Prometheus (the same rules over a scraped page, by its own prometheus_rule_group_last_duration_seconds, median of 5), in the same run.";
  return missing.length === 0
    ? said
    : `${said} Not installed here, so not measured: ${missing.join(" and ")}.`;
}

async function run(program: string, folder: string): Promise<Figures> {
  const file = join(import.meta.dirname, program);
  const { stdout } = await promisify(execFile)(process.execPath, [file, folder], { maxBuffer: 1 << 24 });
  return z.record(z.string(), z.number()).parse(JSON.parse(stdout));
}
