/** What a client of PostgreSQL asks for in one go. */
export type Exchange =
  /** Whether the connection may be encrypted; the answer is one letter. */
  | { readonly kind: "encryption" }
  /** Messages up to the one after which the server says that it is ready again: whatever belongs together is in it. */
  | { readonly kind: "work"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** It is over: a good-bye, or the wish to cancel what another connection does, which has no answer. */
  | { readonly kind: "end" };

/** Numbers that stand where a version is expected: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

const LENGTH_BYTES = 4;
/** Query, FunctionCall and Sync: after each of these the server says ReadyForQuery, and after nothing else. */
const LAST_TYPES = new Set(Buffer.from("QFS"));
const [TERMINATE] = Buffer.from("X");
/** A message longer than this is no message, in bytes. */
const MOST_BYTES = 1 << 28;

/**
 * Cuts what a client sends into exchanges. A pipeline of the extended protocol (Parse, Bind, Execute, Sync) is one, so that nobody else's
 * unnamed statement gets in between.
 */
export class ExchangeReader {
  #buffer = Buffer.alloc(0);
  #isStarted = false;

  /**
   * @param bytes as they come
   * @returns the exchanges that are complete now
   * @throws Error for what is not PostgreSQL's protocol
   */
  read(bytes: Uint8Array): readonly Exchange[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const exchanges: Exchange[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) exchanges.push(next);
    return exchanges;
  }

  #next(): Exchange | undefined {
    return this.#isStarted ? this.#work() : this.#start();
  }

  /** The first messages of a connection have no type. */
  #start(): Exchange | undefined {
    const length = this.#lengthAt(0);
    if (length === undefined || this.#buffer.length < Math.max(length, 2 * LENGTH_BYTES)) return undefined;
    const code = this.#buffer.readInt32BE(LENGTH_BYTES);
    const bytes = this.#take(length);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: "encryption" };
    if (code === CANCEL_REQUEST) return { kind: "end" };
    this.#isStarted = true;
    return { kind: "work", bytes };
  }

  #work(): Exchange | undefined {
    for (let at = 0; ;) {
      const length = this.#lengthAt(at + 1);
      if (length === undefined || this.#buffer.length < at + 1 + length) return undefined;
      const type = this.#buffer[at];
      at += 1 + length;
      if (type === undefined || !(type === TERMINATE || LAST_TYPES.has(type))) continue;
      const bytes = this.#take(at);
      return type === TERMINATE ? { kind: "end" } : { kind: "work", bytes };
    }
  }

  /** @returns undefined where it has not come yet */
  #lengthAt(at: number): number | undefined {
    if (this.#buffer.length < at + LENGTH_BYTES) return undefined;
    const length = this.#buffer.readInt32BE(at);
    if (length < LENGTH_BYTES || length > MOST_BYTES)
      throw new Error(`a message of ${length} bytes is none of PostgreSQL's`);
    return length;
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#buffer.subarray(0, length));
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }
}
