import { spawn } from "node:child_process";
import { explain, RetryableError } from "../../domain/errors.ts";

/** A program that is run once: its words go in by argument vector and by standard input, never through a shell. */
export type Program = {
  readonly command: string;
  readonly words: readonly string[];
  readonly input: string;
};

/** The longest that a program may run, and the most that it may write: five minutes of sound at 22 kHz. */
const MOST_MILLISECONDS = 15_000;
const MOST_BYTES = 16_000_000;
const KEPT_ERROR = 500;

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output
 * @throws RetryableError `ENGINE`; whatever `signal` aborts with
 */
export async function runProgram(
  { command, words, input }: Program,
  signal: AbortSignal,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(MOST_MILLISECONDS);
  const child = spawn(command, words, {
    stdio: ["pipe", "pipe", "pipe"],
    signal: AbortSignal.any([signal, limit]),
    killSignal: "SIGKILL",
    windowsHide: true,
  });
  const chunks: Buffer[] = [];
  let [bytes, complaint] = [0, ""];
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) child.kill("SIGKILL");
    else chunks.push(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < KEPT_ERROR) complaint += chunk.toString().slice(0, KEPT_ERROR);
  });
  // A program that ends before it has read everything is judged by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject);
  child.once("close", resolve);
  const code = await promise.catch((error: unknown) => {
    signal.throwIfAborted();
    const why = limit.aborted ? `it took longer than ${MOST_MILLISECONDS} ms` : explain(error);
    throw failure(command, why, error);
  });
  if (code === 0 && bytes <= MOST_BYTES) return Buffer.concat(chunks);
  const why =
    bytes > MOST_BYTES ? `it wrote more than ${MOST_BYTES} bytes` : `it ended with ${code ?? "a signal"}`;
  throw failure(command, `${why} ${complaint.trim()}`);
}

function failure(command: string, why: string, cause?: unknown): RetryableError {
  return new RetryableError(
    "ENGINE",
    `The speech engine ${command} failed: ${why.trim()}. The utterance is tried again; its text is in the transcript. Install it, or set speech.engine to flite.`,
    {},
    cause,
  );
}
