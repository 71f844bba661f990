import { digestOfFile } from "../core/agreement.ts";

/** A file of this device that somebody has chosen. It is read here and sent nowhere. */
export type ChosenFile = { readonly name: string; readonly digest: string };

/** Reads a file. @returns its digest, or why it cannot be read */
export async function readFile(file: File): Promise<ChosenFile | string> {
  try {
    return { name: file.name, digest: await digestOfFile(chunksOf(file)) };
  } catch {
    return `${file.name} cannot be read. Nothing was sent; choose it again, or a copy of it.`;
  }
}

/** Not every browser iterates over a stream by itself. */
async function* chunksOf(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
