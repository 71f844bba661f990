import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { type Ended, repository, type Running, start } from "../../relayer/support/processes.ts";

/** The command line as `npm run dchat --` runs it, once everything is installed. */
export function dchat(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  main = join(repository, "relayer/main.ts"),
): Running {
  // Nothing of what the tests were started with reaches it.
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^((REDIS|DATABASE)_URL$|DCHAT_)/.test(name)),
  );
  return start(process.execPath, [main, ...args], { env: { ...own, ...env } });
}

const failure = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });

/** The one line of JSON that a command printed. */
export function jsonOf({ stdout, stderr }: Ended): unknown {
  assert.match(stdout, /^[^\n]+\n$/, `one line on stdout, not: ${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}

/** What a command is to fail with. */
export type Failure = {
  readonly exit: number;
  readonly code: string;
  /** What happened, what it means for the money, what to do. */
  readonly says: readonly RegExp[];
};

/** Asserts that a command with --json failed as expected, in words for people and in JSON for programs. */
export function assertFailed(ended: Ended, { exit, code, says }: Failure): void {
  assert.equal(ended.code, exit, ended.stderr);
  const { error } = failure.parse(jsonOf(ended));
  assert.equal(error.code, code);
  assert.match(ended.stderr, /^error: /m);
  assert.doesNotMatch(ended.stderr, /\n {4}at /, "a stack is not for users");
  for (const words of says) {
    assert.match(ended.stderr, words);
    assert.match(error.message, words);
  }
}
