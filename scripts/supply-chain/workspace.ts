import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Installed,
  installedSchema,
  type Lock,
  lockSchema,
  type Manifest,
  manifestSchema,
} from "./core/manifest.ts";

/** A folder with a `package.json`, its lock file, and what of it is installed, by folder. */
export type Workspace = {
  readonly manifest: Manifest;
  readonly lock: Lock;
  readonly installed: ReadonlyMap<string, Installed>;
};

/**
 * Reads a workspace.
 * @throws where a file is missing or not of npm's shape
 */
export function readWorkspace(folder: string): Workspace {
  const read = (...path: readonly string[]): unknown =>
    JSON.parse(readFileSync(join(folder, ...path), "utf8"));
  const lock = lockSchema.parse(read("package-lock.json"));
  const installed = new Map<string, Installed>();
  for (const path of lock.packages.keys())
    if (existsSync(join(folder, path, "package.json")))
      installed.set(path, installedSchema.parse(read(path, "package.json")));
  return { manifest: manifestSchema.parse(read("package.json")), lock, installed };
}

/** SHA-256 of the Node that is installed in a workspace, in hexadecimal digits; undefined where there is none. */
export function hashNode(folder: string): string | undefined {
  const program = join(folder, "node_modules/node/bin/node");
  return existsSync(program) ? hash("sha256", readFileSync(program)) : undefined;
}
