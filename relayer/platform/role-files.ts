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

/** Where a role answers what people and pages ask it. */
const apiFile = z.object({ role: z.string(), pid: z.number().int().positive(), url: z.url() });

/**
 * Tells others on this machine where a role shows itself: one file a process, in `roles` of the data folder.
 * @returns what takes it back
 */
export function announceRole(dataFolder: string, role: RunningRole): () => void {
  return announce(join(dataFolder, "roles"), role);
}

/** The roles on this machine that share a data folder. What a process left behind that is gone is removed. */
export function runningRoles(dataFolder: string): readonly RunningRole[] {
  return running(join(dataFolder, "roles"), roleFile).toSorted((a, b) =>
    `${a.role}-${a.chain ?? ""}`.localeCompare(`${b.role}-${b.chain ?? ""}`),
  );
}

/** The same for where a role has its API: it may have found its port taken that the configuration named when others read it. */
export function announceApi(dataFolder: string, api: z.infer<typeof apiFile>): () => void {
  return announce(join(dataFolder, "apis"), api);
}

/** Where a role has its API on this machine; undefined where none does that shares this data folder. */
export function runningApi(dataFolder: string, role: string): string | undefined {
  return running(join(dataFolder, "apis"), apiFile).find((api) => api.role === role)?.url;
}

function announce(folder: string, content: { readonly pid: number }): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${content.pid}.json`);
  writeFileSync(`${file}.new`, JSON.stringify(content));
  renameSync(`${file}.new`, file);
  return () => {
    rmSync(file, { force: true });
  };
}

function running<T extends { readonly pid: number }>(folder: string, schema: z.ZodType<T>): readonly T[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const content = schema.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
      if (isProcessAlive(content.pid)) return [content];
      rmSync(join(folder, name), { force: true });
      return [];
    });
}
