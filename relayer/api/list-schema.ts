import { z } from "zod";
import { address, chainName, hash, integer, laneId, messageId, publicKey } from "../domain/ids.ts";
import { messageView, statusView } from "./schema.ts";

/** Unix seconds. */
const time = z.number().int().nonnegative();
const whole = z.number().int();
const source = z.object({ chain: chainName, transactionHash: hash, blockNumber: whole });

/**
 * How far the index of one chain has come. Lists hold what it had read when they were asked for, and nothing newer; blocks above
 * `final` may still vanish, and what was read in them with them.
 */
const chainProgress = z.object({
  chain: chainName,
  /** The newest block in the index; null before the first. */
  block: whole.nullable(),
  /** The chain's newest and newest final block when the indexer looked the last time. */
  head: whole.nullable(),
  final: whole.nullable(),
  lagBlocks: whole.nullable(),
  /** The age of the newest block in the index while there is a newer one; otherwise how long nobody has looked. */
  lagSeconds: whole.nullable(),
});

/** Where the index stands: part of `GET /api/v1/status`. */
export const indexView = z.object({
  database: z.enum(["postgresql", "pglite"]),
  /** The id of the last rebuild that was begun. */
  rebuild: z.string().nullable(),
  chains: z.array(chainProgress),
});
/** {@link indexView} */
export type IndexView = z.infer<typeof indexView>;

/** `GET /api/v1/status`: {@link statusView} and {@link indexView}. */
export const fullStatusView = statusView.extend({ index: indexView });
/** {@link fullStatusView} */
export type FullStatusView = z.infer<typeof fullStatusView>;

/** What each list ends with: where the next page begins (`?after=`), null on the last one, and how fresh the list is. */
const listEnd = { next: z.string().nullable(), index: z.array(chainProgress) };

/** A message in a list: where it is, when it was sent, and what it carries. */
export const listedMessage = messageView.extend({
  sentAt: time,
  /** When it was delivered or failed the last time; null before. */
  deliveredAt: time.nullable(),
  /** Whether its block is final by its chain's rule; another may vanish. */
  isFinal: z.boolean(),
  /** Tokens that a bridge of the configuration sent with it: the amount is in the smallest unit; null for other messages. */
  transfer: z
    .object({
      token: address,
      sender: address.nullable(),
      recipient: address.nullable(),
      amount: integer.nullable(),
    })
    .nullable(),
});
/** Messages, newest first: `GET /api/v1/messages`. */
export const messageList = z.object({ messages: z.array(listedMessage), ...listEnd });
/** {@link messageList} */
export type MessageList = z.infer<typeof messageList>;

/** Everybody who ever joined the registry: `GET /api/v1/validators`. Bonds in the smallest unit of their token, times in Unix seconds. */
export const validatorList = z.object({
  validators: z.array(
    z.object({
      key: publicKey,
      operator: address.nullable(),
      bond: integer,
      /** When it may leave jail; 0 when it is not in jail. */
      jailedUntil: integer,
      isTombstoned: z.boolean(),
      /** When it exited or was tombstoned; 0 before. */
      exitedAt: integer,
      /** How many pending slashes keep its bond. */
      holds: integer,
      blsKeyHash: hash.nullable(),
      joinedAt: integer,
    }),
  ),
  index: listEnd.index,
});
/** {@link validatorList} */
export type ValidatorList = z.infer<typeof validatorList>;

/** What happened to one validator, oldest first: `GET /api/v1/validators/:key`. */
export const validatorHistory = z.object({
  events: z.array(
    z.object({
      name: z.string(),
      source,
      time,
      account: address.nullable(),
      amount: integer.nullable(),
      bond: integer.nullable(),
      jailedUntil: integer.nullable(),
      holds: integer.nullable(),
    }),
  ),
  index: listEnd.index,
});
/** {@link validatorHistory} */
export type ValidatorHistory = z.infer<typeof validatorHistory>;

/**
 * The steps of slashings, newest first: `GET /api/v1/slashings`. `punished`: evidence held. `pending`, `vetoed`, `executed`: it
 * waited for a veto, and how that ended (by `pendingId`). `collusion`: several together. `paid`: what the bond lost, and the
 * reporter's reward.
 */
export const slashingList = z.object({
  slashings: z.array(
    z.object({
      kind: z.enum(["punished", "pending", "vetoed", "executed", "collusion", "paid"]),
      key: publicKey.nullable(),
      offence: z.string().nullable(),
      placeId: hash.nullable(),
      epoch: integer.nullable(),
      amount: integer.nullable(),
      reward: integer.nullable(),
      reporter: address.nullable(),
      evidenceHash: hash.nullable(),
      pendingId: integer.nullable(),
      executableAt: integer.nullable(),
      source,
      time,
    }),
  ),
  ...listEnd,
});
/** {@link slashingList} */
export type SlashingList = z.infer<typeof slashingList>;

/** The states of escrows, by the contract's names. */
const escrowState = z.enum([
  "None",
  "Locked",
  "AwaitingRelease",
  "Disputed",
  "Released",
  "Refunded",
  "Expired",
]);

/** An escrow in a list. Amounts in the token's smallest unit, times in Unix seconds. */
const listedEscrow = z.object({
  id: hash,
  chain: chainName,
  state: escrowState,
  buyer: z.string(),
  seller: z.string(),
  arbiter: z.string(),
  token: z.string(),
  amount: integer,
  remaining: integer,
  milestone: whole,
  since: integer,
  /** From when on anybody may expire it; 0 for a closed one. */
  dueAt: integer,
  createdAt: time,
  source,
});
/** Escrows, newest first: `GET /api/v1/escrows`. */
export const escrowList = z.object({ escrows: z.array(listedEscrow), ...listEnd });
/** {@link escrowList} */
export type EscrowList = z.infer<typeof escrowList>;

/** One escrow with its packed terms and its logs, oldest first: `GET /api/v1/escrows/:id`. */
export const escrowDetail = listedEscrow.extend({
  terms: z.unknown(),
  events: z.array(z.object({ name: z.string(), details: z.unknown(), source, time })),
  index: listEnd.index,
});
/** {@link escrowDetail} */
export type EscrowDetail = z.infer<typeof escrowDetail>;

/** How many rows a page holds at most. */
const MOST_ROWS = 200;

const page = {
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(20),
  /** The `next` of the page before: time, chain id, block and log of its last row. */
  after: z
    .string()
    .regex(/^\d{1,15}-\d{1,15}-\d{1,15}-\d{1,9}$/, "expected the next of an earlier page")
    .transform((text) => {
      const [seconds = 0, chain = 0, block = 0, log = 0] = text.split("-").map(Number);
      return [seconds, chain, block, log] as const;
    })
    .optional(),
};

/** What `GET /api/v1/messages` takes. `from` and `to` are names of chains. */
export const messageQuery = z.strictObject({
  ...page,
  /** `final` holds those that were attested to but not delivered, too. */
  state: z.enum(["sent", "final", "delivered", "failed"]).optional(),
  lane: laneId.optional(),
  id: messageId.optional(),
  /** The transaction that sent it. */
  transaction: hash.optional(),
  from: chainName.optional(),
  to: chainName.optional(),
  /** Who sent the message, or the tokens in it. */
  sender: address.optional(),
  recipient: address.optional(),
  /** The token's address on the origin chain. */
  token: address.optional(),
});
/** {@link messageQuery} */
export type MessageQuery = z.infer<typeof messageQuery>;

/** What `GET /api/v1/slashings` takes. */
export const slashingQuery = z.strictObject({ ...page, key: publicKey.optional() });

/** What `GET /api/v1/escrows` takes. `party` is the buyer, the seller or the arbiter. */
export const escrowQuery = z.strictObject({
  ...page,
  id: hash.optional(),
  state: escrowState.optional(),
  chain: chainName.optional(),
  party: address.optional(),
  buyer: address.optional(),
  seller: address.optional(),
  arbiter: address.optional(),
});
/** {@link escrowQuery} */
export type EscrowQuery = z.infer<typeof escrowQuery>;

/** The ids that requests name in their path. */
export const escrowPath = z.object({ id: hash });
/** A validator's key in a path. */
export const validatorPath = z.object({ key: publicKey });
