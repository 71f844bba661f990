import type { PGlite } from "@electric-sql/pglite";

/** The message Query with this text: a type, a length of four bytes, and the text with a zero at its end. */
const ROLLBACK = new Uint8Array(Buffer.from("Q\0\0\0\x0dROLLBACK\0", "latin1"));

const IGNORED = { onRawData: () => undefined };

type Waiting = { readonly client: object; readonly begin: () => void };

/**
 * The one session that PGlite has, for many clients: one exchange at a time, and whoever has begun a transaction is alone until it is over.
 * What else belongs to a session (settings, named statements, advisory locks beyond a transaction) is shared by all.
 */
export class SharedSession {
  readonly #pglite: PGlite;
  readonly #waiting: Waiting[] = [];
  #isBusy = false;
  /** Who has a transaction open. */
  #owner: object | undefined;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /** @param onAnswer told of the answer, piece by piece */
  async exchange(
    client: object,
    bytes: Uint8Array<ArrayBuffer>,
    onAnswer: (piece: Uint8Array) => void,
  ): Promise<void> {
    await this.#turn(client);
    try {
      await this.#pglite.execProtocolRawStream(bytes, { onRawData: onAnswer });
    } finally {
      this.#end(client);
    }
  }

  /** Takes back what a client that is gone has left open. */
  async leave(client: object): Promise<void> {
    await this.#turn(client);
    try {
      if (this.#owner === client) await this.#pglite.execProtocolRawStream(ROLLBACK, IGNORED);
    } finally {
      this.#end(client);
    }
  }

  #turn(client: object): Promise<void> {
    return new Promise((begin) => {
      this.#waiting.push({ client, begin });
      this.#admit();
    });
  }

  #end(client: object): void {
    this.#owner = this.#pglite.isInTransaction() ? client : undefined;
    this.#isBusy = false;
    this.#admit();
  }

  #admit(): void {
    if (this.#isBusy) return;
    const index = this.#waiting.findIndex(
      ({ client }) => this.#owner === undefined || this.#owner === client,
    );
    const [next] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    this.#isBusy = true;
    next.begin();
  }
}
