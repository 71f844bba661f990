import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { User, Users } from "../../platform/users.ts";

/** How long a session lasts that nobody uses, and how long at most, in milliseconds. */
export const IDLE_MILLISECONDS = 3_600_000;
export const LIFE_MILLISECONDS = 12 * 3_600_000;
/** How many sessions one user may have, and all together; the one that was used the longest ago goes. */
const MOST_OF_ONE = 16;
const MOST = 1_000;

/** Somebody who is signed in. */
export type Session = {
  /** As the file of users has it now. */
  readonly user: User;
  /** The user's own token, for the roles behind, which know users themselves. */
  readonly token: string;
  readonly csrfToken: string;
  /** When it ends unless it is used again before; Unix milliseconds. */
  readonly expiresAt: number;
};

type Entry = {
  readonly token: string;
  readonly name: string;
  readonly csrfToken: string;
  /** When it ends however much it is used. */
  readonly endsAt: number;
  usedAt: number;
};

/** What sessions work with. */
export type SessionServices = {
  readonly users: Pick<Users, "authenticate">;
  readonly clock: { readonly now: () => number };
};

/**
 * Who is signed in, in memory: a restart signs everybody out. Of a session's id only a hash is kept. A session holds the token it was
 * opened with and asks each time whose that is, so that whoever is removed is out, and whoever has another role has it, at once.
 */
export class Sessions {
  readonly #services: SessionServices;
  /** By the hash of the id; the one that was used the longest ago first. */
  readonly #entries = new Map<string, Entry>();

  constructor(services: SessionServices) {
    this.#services = services;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Signs somebody in, under an id that nobody else has chosen. @returns undefined for a token of nobody's */
  open(token: string): { readonly id: string; readonly session: Session } | undefined {
    const { users, clock } = this.#services;
    const user = users.authenticate(token);
    if (user === undefined) return undefined;
    const now = clock.now();
    this.#makeRoom(user.name, now);
    const [id, csrfToken] = [newSecret(), newSecret()];
    const entry = { token, name: user.name, csrfToken, endsAt: now + LIFE_MILLISECONDS, usedAt: now };
    this.#entries.set(hashOf(id), entry);
    return { id, session: sessionOf(entry, user) };
  }

  /** The session with this id, which is used by that; undefined when there is none any more. */
  use(id: string): Session | undefined {
    const key = hashOf(id);
    const found = this.#find(key);
    if (found === undefined) return undefined;
    const { entry, user } = found;
    entry.usedAt = this.#services.clock.now();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return sessionOf(entry, user);
  }

  /** The same, without using it: what follows by itself keeps nobody signed in. */
  look(id: string): Session | undefined {
    const found = this.#find(hashOf(id));
    return found && sessionOf(found.entry, found.user);
  }

  close(id: string): void {
    this.#entries.delete(hashOf(id));
  }

  #find(key: string): { readonly entry: Entry; readonly user: User } | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const user = isOver(entry, this.#services.clock.now())
      ? undefined
      : this.#services.users.authenticate(entry.token);
    if (user !== undefined) return { entry, user };
    this.#entries.delete(key);
    return undefined;
  }

  #makeRoom(name: string, now: number): void {
    for (const [key, entry] of this.#entries) if (isOver(entry, now)) this.#entries.delete(key);
    const own = [...this.#entries].filter(([, entry]) => entry.name === name);
    for (const [key] of own.slice(0, Math.max(0, own.length - MOST_OF_ONE + 1))) this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= MOST) this.#entries.delete(oldest);
  }
}

/** Whether a request shows the session's own CSRF token. */
export function isCsrfToken({ csrfToken }: Session, given: unknown): boolean {
  if (typeof given !== "string") return false;
  return timingSafeEqual(Buffer.from(hashOf(given)), Buffer.from(hashOf(csrfToken)));
}

function isOver({ endsAt, usedAt }: Entry, now: number): boolean {
  return now >= endsAt || now - usedAt >= IDLE_MILLISECONDS;
}

function sessionOf({ token, csrfToken, endsAt, usedAt }: Entry, user: User): Session {
  return { user, token, csrfToken, expiresAt: Math.min(endsAt, usedAt + IDLE_MILLISECONDS) };
}

function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
