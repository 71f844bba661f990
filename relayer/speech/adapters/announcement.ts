import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { isProcessAlive } from "../../platform/local-runs.ts";
import { readSecretText, writeNewFile } from "../../platform/secret-file.ts";

const announcement = z.object({ pid: z.number().int().positive(), url: z.url() });
const NAME = /^server-\d+\.json$/;

/** Tells commands on this machine where a speaker listens. @returns what takes it back */
export function announceSpeaker(folder: string, speaker: z.infer<typeof announcement>): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `server-${speaker.pid}.json`);
  writeFileSync(`${file}.new`, JSON.stringify(speaker), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return () => {
    rmSync(file, { force: true });
  };
}

/** Where the speakers that share a folder listen. What a process left behind that is gone is removed. */
export function runningSpeakers(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => {
      const { pid, url } = announcement.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
      if (isProcessAlive(pid)) return [url];
      rmSync(join(folder, name), { force: true });
      return [];
    });
}

/**
 * The token that changes what a speaker does; made where there is none. Only its owner can read it.
 * @throws ConfigurationError `SPEECH_TOKEN`
 */
export function speechToken(file: string): string {
  try {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeNewFile(file, randomBytes(32).toString("hex"));
    }
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere) throw tokenError(file, error);
  }
  try {
    return readSecretText(file).trim();
  } catch (error) {
    throw tokenError(file, error);
  }
}

function tokenError(file: string, error: unknown): ConfigurationError {
  return new ConfigurationError(
    "SPEECH_TOKEN",
    `The speaker's token in ${file} cannot be used: ${explain(error)}. Nothing was changed. Mend it, or remove the file and start the role speech again: a new one is made.`,
    {},
    error,
  );
}
