import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesOf, wavHeader } from "../core/audio.ts";
import type { Archive } from "../ports.ts";

/** How long and how much is kept. */
export type Retention = { readonly days: number; readonly megabytes: number };

const DAY_MILLISECONDS = 86_400_000;

/**
 * Recordings in a folder: `<time>-<id>.wav`, with its transcript beside it as `.json`. What is older than the retention, or more than
 * it allows, goes, the oldest first. They say what operators were told, so only their owner can read them.
 */
export class FileArchive implements Archive {
  readonly #folder: string;
  readonly #retention: Retention;
  /** One change at a time, so that two do not count the same files. */
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string, retention: Retention) {
    this.#folder = folder;
    this.#retention = retention;
  }

  keep(recording: Parameters<Archive["keep"]>[0]): Promise<void> {
    const kept = this.#last.then(() => this.#write(recording));
    this.#last = kept.catch(() => undefined); // told to whoever asked for it
    return kept;
  }

  async #write({ id, at, samples, transcript, outcome }: Parameters<Archive["keep"]>[0]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = `${new Date(at).toISOString().replaceAll(":", "-")}-${id}`;
    const length = samples.reduce((sum, { length }) => sum + length, 0);
    const wav = [wavHeader(length), ...samples.map(bytesOf)];
    await this.#put(`${name}.wav`, Buffer.concat(wav));
    const said = { id, at: new Date(at).toISOString(), outcome, transcript };
    await this.#put(`${name}.json`, `${JSON.stringify(said, null, 2)}\n`);
    await this.#prune(at);
  }

  /** Written aside first: a file with its name is whole. */
  async #put(name: string, content: Buffer | string): Promise<void> {
    const file = join(this.#folder, name);
    await writeFile(`${file}.new`, content, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async #prune(now: number): Promise<void> {
    const names = (await readdir(this.#folder)).sort().reverse();
    let bytes = 0;
    for (const name of names) {
      const file = join(this.#folder, name);
      const { size, mtimeMs } = await stat(file);
      bytes += size;
      const isOld = now - mtimeMs > this.#retention.days * DAY_MILLISECONDS;
      if (isOld || bytes > this.#retention.megabytes * 1_000_000) await rm(file, { force: true });
    }
  }
}
