import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const header = z.strictObject({
  /** The version of this format. */
  journal: z.literal(1),
  chainId: z.number().int().positive(),
  /** Timestamp of the genesis block, in seconds. */
  genesis: z.number().int().nonnegative(),
});

const entry = z.strictObject({
  /** Timestamp of the block that this entry mines, in seconds. */
  t: z.number().int().optional(),
  /** From here on chain time is this many seconds ahead of the clock. */
  o: z.number().int().optional(),
  /** Hash of the latest block before this entry, to prove that a replay is the same chain. */
  h: z.string().optional(),
  /** The request; without one the entry mines a block. */
  m: z.string().optional(),
  p: z.array(z.unknown()).optional(),
});

/** What identifies a chain. */
export type Header = z.infer<typeof header>;
/** One change of a chain: a request, or the mining of a block. */
export type Entry = z.infer<typeof entry>;

/** The journal is damaged, belongs to another chain, or is in use: starting again cannot help. */
export class JournalError extends Error {
  override name = "JournalError";
}

/** An append-only file of the changes of a chain, one JSON object a line, the header first. */
export class Journal {
  readonly header: Header;
  /** The entries of earlier runs. */
  readonly entries: readonly Entry[];
  readonly #file: FileHandle;
  readonly #path: string;
  /** Bytes of complete lines. */
  #size: number;

  private constructor(path: string, file: FileHandle, content: Content) {
    this.#path = path;
    this.#file = file;
    this.header = content.header;
    this.entries = content.entries;
    this.#size = content.size;
  }

  /**
   * Opens the journal of a chain, or starts one.
   *
   * @param folder created if it is missing
   * @param genesis the timestamp that a new chain starts at, in seconds
   * @throws JournalError if the journal is that of another chain, or damaged before its last line (a last line that a
   *   crash tore is cut off: nobody was told that it happened)
   */
  static async open(folder: string, chainId: number, genesis: number): Promise<Journal> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, "journal.jsonl");
    const file = await open(path, "a+");
    const content = parse(path, await file.readFile());
    if (content !== undefined) {
      if (content.header.chainId !== chainId) {
        throw new JournalError(
          `${path} is of chain ${content.header.chainId}, not ${chainId}: use another --data or --chain-id`,
        );
      }
      await file.truncate(content.size);
      return new Journal(path, file, content);
    }
    await file.truncate(0);
    const journal = new Journal(path, file, {
      header: { journal: 1, chainId, genesis },
      entries: [],
      size: 0,
    });
    await journal.#write([journal.header]);
    await syncFolder(folder);
    return journal;
  }

  /**
   * Adds entries. They are on the disk when the promise resolves.
   *
   * @throws JournalError if another process writes to the same file; the system's error if the disk refuses, and then
   *   nothing was added
   */
  async append(entries: readonly Entry[]): Promise<void> {
    await this.#write(entries);
  }

  async #write(lines: readonly object[]): Promise<void> {
    const { size } = await this.#file.stat();
    if (size !== this.#size) {
      throw new JournalError(
        `${this.#path} is written to by another process: stop it, or use another --data`,
      );
    }
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

interface Content {
  readonly header: Header;
  readonly entries: readonly Entry[];
  readonly size: number;
}

/** @returns undefined if not even the header is complete */
function parse(path: string, bytes: Buffer): Content | undefined {
  const size = bytes.lastIndexOf("\n") + 1;
  if (size === 0) return undefined;
  const [first = "", ...rest] = bytes.toString("utf8", 0, size - 1).split("\n");
  return {
    header: parseLine(path, 1, first, header),
    entries: rest.map((line, index) => parseLine(path, index + 2, line, entry)),
    size,
  };
}

function parseLine<T>(path: string, number: number, line: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch (cause) {
    throw new JournalError(`Line ${number} of ${path} is damaged: delete the folder to begin a new chain`, {
      cause,
    });
  }
}

/** Makes the new file's name durable, not only its content. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}
