import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isProcessAlive } from "./local-runs.ts";

const roleFile = z.object({
  role: z.string(),
  chain: z.string().optional(),
  pid: z.number().int().positive(),
  /** Where it serves its metrics and its health. */
  url: z.url(),
});

/** A role that runs on this machine, and where it shows itself. */
export type RunningRole = z.infer<typeof roleFile>;

/**
 * Tells others on this machine where a role shows itself: one file a process, in `roles` of the data folder.
 * @returns what takes it back
 */
export function announceRole(dataFolder: string, role: RunningRole): () => void {
  const folder = join(dataFolder, "roles");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${role.pid}.json`);
  writeFileSync(`${file}.new`, JSON.stringify(role));
  renameSync(`${file}.new`, file);
  return () => {
    rmSync(file, { force: true });
  };
}

/** The roles on this machine that share a data folder. What a process left behind that is gone is removed. */
export function runningRoles(dataFolder: string): readonly RunningRole[] {
  const folder = join(dataFolder, "roles");
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const role = roleFile.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
      if (isProcessAlive(role.pid)) return [role];
      rmSync(join(folder, name), { force: true });
      return [];
    })
    .sort((a, b) => `${a.role}-${a.chain ?? ""}`.localeCompare(`${b.role}-${b.chain ?? ""}`));
}
