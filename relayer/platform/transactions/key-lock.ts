import { randomUUID } from "node:crypto";
import { z } from "zod";
import { explain, RetryableError } from "../../domain/errors.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { duplicateRedis, type RedisClient } from "../redis.ts";
import type { HolderMarks } from "./holder-marks.ts";
import type { TransactionJournal } from "./journal.ts";

/** Says whether this process may use a key now. */
export interface KeyOwner {
  /** The fencing token under which the key is held. @throws RetryableError `NOT_OWNER` when it is not, or no longer for sure */
  token(): number;
}

/** @throws RetryableError `NOT_OWNER` unless the key is held, and has been without a break since `token` was given out */
export function requireToken(owner: KeyOwner, token: number): void {
  if (owner.token() !== token)
    throw new RetryableError(
      "NOT_OWNER",
      "The lock on the sending key was lost and won again while a transaction was under way. It was not sent this time and nothing is lost; the journal will be read again.",
    );
}

/** Whose lock it is, and how long it outlives a holder that says nothing. */
export type KeyLockOptions = {
  readonly redis: RedisClient;
  readonly chainId: number;
  readonly address: string;
  readonly ttlMilliseconds: number;
};

type KeyLockServices = {
  readonly journal: TransactionJournal;
  /** In the folder of the journal: who is dead here has left its last word in that journal. */
  readonly marks: HolderMarks;
  readonly logger: Logger;
  readonly clock: Clock;
};

/** A holder renews this often within the time to live, and a standby asks as often. */
const RENEWALS = 5;

/**
 * KEYS: lock, counter. ARGV: holder, time to live, a floor for the token, a holder that is dead or nothing.
 * @returns the token; or the holder, when that is another
 */
const ACQUIRE = `
local current = redis.call("GET", KEYS[1])
if current and current ~= ARGV[4] then return current end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
local token = math.max(tonumber(redis.call("GET", KEYS[2]) or "0"), tonumber(ARGV[3])) + 1
redis.call("SET", KEYS[2], string.format("%.0f", token))
return token`;

const acquired = z.union([z.number(), z.string().min(1)]);

/** KEYS: lock. ARGV: holder, time to live. @returns 0 when it is held no longer */
const RENEW = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])`;

/** KEYS: lock. ARGV: holder. */
const RELEASE = `
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0`;

/**
 * One owner for each sending key: a lock in Redis with a time to live and a fencing token.
 *
 * What it is worth: Redis may forget the lock, and a holder may be frozen between its last look at the clock and its broadcast;
 * no lock can prevent that, and a chain cannot check tokens. So the token is compared in the journal's own transactions, before
 * anything is signed into it and before anything is broadcast, and the chain's nonce does the rest: what a frozen holder
 * broadcasts late was recorded before, its successor found it there and has sent the very same transaction, or another one with
 * the same nonce, and the chain takes one of them.
 *
 * A holder that died on this machine is not waited for: its mark says so, and its journal is the one that is read next. So a restart after
 * a crash sends again at once, and only who cannot be told to be dead, frozen or elsewhere, keeps the lock for its time to live.
 *
 * Written by hand because the usual libraries have no fencing token (redlock, redis-semaphore). This one never falls below the highest
 * that the journal has seen, so that a wipe does not make it start again.
 */
export class RedisKeyLock implements KeyOwner {
  readonly #options: KeyLockOptions;
  readonly #services: KeyLockServices;
  readonly #redis: RedisClient;
  readonly #holder = randomUUID();
  readonly #unmark: () => void;
  readonly #keys: readonly [lock: string, counter: string];
  #held: { readonly token: number; readonly until: number } | undefined;
  #complained = false;
  #isReleased = false;

  constructor(options: KeyLockOptions, services: KeyLockServices) {
    this.#options = options;
    this.#services = services;
    this.#unmark = services.marks.mark(this.#holder);
    const name = `{dchat}:sending-key:${options.chainId}:${options.address}`;
    this.#keys = [name, `${name}:token`];
    // A lock must not be waited for: an answer that comes late is no answer.
    this.#redis = duplicateRedis(options.redis, {
      commandTimeout: Math.ceil(options.ttlMilliseconds / 2),
      maxRetriesPerRequest: 0,
    });
    this.#redis.on("error", (error) => {
      services.logger.debug({ err: error }, "Redis does not answer for the lock on the sending key");
    });
  }

  token(): number {
    const { address, chainId } = this.#options;
    if (this.#held === undefined || this.#services.clock.now() >= this.#held.until)
      throw new RetryableError(
        "NOT_OWNER",
        `Chain ${chainId}: this process does not hold the lock on the key of ${address}: another one does, or Redis does not answer. It sends nothing, and nothing is lost; it goes on when it holds the lock.`,
      );
    return this.#held.token;
  }

  /** Makes sure that the lock is looked after: held here, or by another while this process waits. @throws RetryableError `KEY_LOCK` */
  requireWatched(): void {
    if (this.#complained)
      throw new RetryableError(
        "KEY_LOCK",
        `Chain ${this.#options.chainId}: Redis does not answer for the lock on the key of ${this.#options.address}, so nothing is sent. Nothing is lost; it goes on when Redis answers.`,
      );
  }

  get isHeld(): boolean {
    return this.#held !== undefined && this.#services.clock.now() < this.#held.until;
  }

  /**
   * Takes the lock or waits for it, and keeps it, until `signal` aborts. Then it is held for one more time to live, unless
   * it is released.
   * @param onChange told whenever the key is won or lost
   */
  async run(signal: AbortSignal, onChange: (isHeld: boolean) => void): Promise<void> {
    let wasHeld = false;
    while (!signal.aborted) {
      await this.refresh();
      if (this.isHeld !== wasHeld) onChange((wasHeld = this.isHeld));
      const pause = this.#options.ttlMilliseconds / RENEWALS;
      await this.#services.clock.sleep(pause, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  /** Renews the lock, or tries to take it. */
  async refresh(): Promise<void> {
    const { logger, clock } = this.#services;
    try {
      if (this.#held !== undefined && (await this.#renew(this.#held.token))) {
        this.#complained = false;
        return;
      }
      if (this.#held !== undefined) {
        this.#held = undefined;
        logger.warn("the lock on the sending key is lost; nothing is sent until it is held again");
      }
      await this.#acquire();
      this.#complained = false;
    } catch (error) {
      if (this.#held !== undefined && clock.now() >= this.#held.until) this.#held = undefined;
      if (!this.#complained)
        logger.warn({ err: error }, `the lock on the sending key cannot be looked after: ${explain(error)}`);
      this.#complained = true;
    }
  }

  /** Gives the lock up, so that a standby need not wait, and closes the connection. Done once. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#held = undefined;
    try {
      await this.#redis.eval(RELEASE, 1, this.#keys[0], this.#holder);
    } catch (error) {
      this.#services.logger.warn(
        { err: error },
        "the lock on the sending key was not given up; it runs out by itself",
      );
    }
    this.#redis.disconnect();
    this.#unmark();
  }

  async #renew(token: number): Promise<boolean> {
    const until = this.#until();
    const answer = await this.#redis.eval(
      RENEW,
      1,
      this.#keys[0],
      this.#holder,
      this.#options.ttlMilliseconds,
    );
    if (answer !== 1) return false;
    this.#held = { token, until };
    return true;
  }

  async #acquire(): Promise<void> {
    const { journal, marks, logger } = this.#services;
    const until = this.#until();
    let token = await this.#tryToAcquire("");
    if (typeof token === "string" && marks.isDead(token)) token = await this.#tryToAcquire(token);
    if (typeof token === "string") return;
    journal.claim(token);
    this.#held = { token, until };
    marks.sweep();
    logger.info({ token, address: this.#options.address }, "holds the lock on the sending key");
  }

  /** @param dead a holder that is known to be dead @returns the token, or the name of the holder */
  async #tryToAcquire(dead: string): Promise<number | string> {
    const { ttlMilliseconds } = this.#options;
    const floor = this.#services.journal.highestToken();
    return acquired.parse(
      await this.#redis.eval(ACQUIRE, 2, ...this.#keys, this.#holder, ttlMilliseconds, floor, dead),
    );
  }

  /** Counted from before the question, and a tenth short: Redis's clock may run faster, and its time began later than ours. */
  #until(): number {
    return this.#services.clock.now() + this.#options.ttlMilliseconds * 0.9;
  }
}
