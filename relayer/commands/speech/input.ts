import { open } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { explain, UsageError } from "../../domain/errors.ts";
import { SSML_LIMITS } from "../../speech/core/ssml/document.ts";

/** More bytes than a document may have characters; nothing beyond is read. */
const MOST_BYTES = 4 * SSML_LIMITS.mostSize;

/**
 * Reads a document from a file, or from standard input.
 * @param file `-` for standard input
 * @throws UsageError `FILE` when it cannot be read, is too long, or is not UTF-8
 */
export async function readDocument(file: string): Promise<string> {
  const bytes = await (file === "-" ? readInput() : readFile(file)).catch((error: unknown) => {
    if (error instanceof UsageError) throw error;
    throw new UsageError("FILE", `${file} cannot be read: ${explain(error)}. Nothing was spoken.`);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(
      "FILE",
      `${file} is not UTF-8: ${explain(error)}. Nothing was spoken; save it as UTF-8.`,
    );
  }
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > MOST_BYTES) throw tooLong("standard input");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function readFile(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    // A device or a pipe says no length: what it gives is counted.
    const bytes = await buffer(handle.createReadStream({ end: MOST_BYTES, autoClose: false }));
    if (bytes.length > MOST_BYTES) throw tooLong(file);
    return bytes;
  } finally {
    await handle.close();
  }
}

function tooLong(what: string): UsageError {
  return new UsageError("FILE", `${what} has more than ${MOST_BYTES} bytes. Nothing was spoken; part it.`);
}
