import type { FastifyReply } from "fastify";

/** A follower that has not read so many bytes is let go: it would only see or hear the past. */
const MOST_BEHIND = 256_000;

/** One answer that does not end by itself. */
export type Follower = {
  /** Adds to the answer, or ends it for one who reads too slowly. */
  readonly write: (chunk: string | Uint8Array) => void;
  readonly end: () => void;
  /** Told once it is over, however that came. */
  readonly onEnd: (forget: () => void) => void;
};

/** Answers that do not end by themselves, so many at most: each holds a connection, and what was not read of it. */
export class Followers {
  readonly #most: number;
  readonly #open = new Set<FastifyReply["raw"]>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns undefined where there are too many already */
  begin(reply: FastifyReply, type: string): Follower | undefined {
    if (this.#open.size >= this.#most) return undefined;
    reply.hijack();
    const { raw } = reply;
    this.#open.add(raw);
    raw.writeHead(200, {
      "content-type": type,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    raw.on("close", () => this.#open.delete(raw));
    return {
      write: (chunk) => {
        if (raw.writableLength > MOST_BEHIND) raw.destroy();
        else raw.write(chunk);
      },
      end: () => {
        raw.end();
      },
      onEnd: (forget) => raw.on("close", forget),
    };
  }

  closeAll(): void {
    for (const raw of this.#open) raw.destroy();
  }
}
