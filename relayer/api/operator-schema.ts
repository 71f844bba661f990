import { z } from "zod";
import { userRoles } from "../domain/actor.ts";
import { address, chainName, integer, laneId, publicKey } from "../domain/ids.ts";

/**
 * What the dashboard is served from. Times are Unix milliseconds unless a name says otherwise; amounts are decimal strings in the smallest unit.
 * Everything here needs a session (`POST /api/v1/session`), and what changes anything its CSRF token, too.
 *
 * @module
 */

/** The header with the session's CSRF token, which every request needs that changes something. */
export const CSRF_HEADER = "x-dchat-csrf";

/** What `POST /api/v1/session` takes: a user's token, as `dchat user add` printed it. */
export const signIn = z.strictObject({ token: z.string().min(1).max(200) });

/** Who is signed in: what `POST` and `GET /api/v1/session` answer. The session itself is in a cookie that no script can read. */
export const sessionView = z.object({
  user: z.object({ name: z.string(), role: z.enum(userRoles) }),
  csrfToken: z.string(),
  expiresAt: z.number().int(),
});
/** {@link sessionView} */
export type SessionView = z.infer<typeof sessionView>;

const whole = z.number().int();
const seconds = z.number().nonnegative();

/** What is wrong, in words for people: what it means for money, and what to do. */
const trouble = z.object({
  /** Such as `LANE_STALLED`, `QUORUM_LOST`, `NOT_CONSERVED`, `VALIDATOR_MISSING`, `ROLE_DOWN`, `INDEX_BEHIND`, `DEAD_LETTERS`, `LOW_BALANCE`. */
  code: z.string(),
  severity: z.enum(["critical", "warning"]),
  text: z.string(),
});

/** The three questions that come first. */
const health = z.object({
  /** `idle`: nothing waits; `stalled`: messages wait and none arrives. */
  value: z.enum(["moving", "idle", "stalled", "unknown"]),
  /** `unsafe`: what was minted is not covered, or evidence against validators is open; `at-risk`: no validator more may go missing. */
  safety: z.enum(["safe", "at-risk", "unsafe", "unknown"]),
  /** Names or keys of validators that do not sign. */
  missing: z.array(z.string()),
  troubles: z.array(trouble),
});

const lane = z.object({
  id: laneId,
  from: chainName,
  to: chainName,
  sent: integer,
  accepted: integer,
  inFlight: whole,
  /** How long the oldest message that is not accepted has waited. */
  oldestSeconds: seconds.nullable(),
  lastDeliveredAt: whole.nullable(),
});

const quorum = z.object({
  chain: chainName,
  epoch: integer,
  threshold: whole,
  members: whole,
  /** Members that sign. */
  present: whole,
  expiresAt: whole,
});

const validator = z.object({
  key: publicKey,
  operator: address.nullable(),
  bond: integer,
  standing: z.enum(["active", "jailed", "exited", "tombstoned"]),
  /** When it may leave jail. */
  jailedUntil: whole.nullable(),
  /** Of the newest points that the watchtower judges, how many it missed; null where no watchtower says so. */
  window: z.object({ missed: whole, of: whole }).nullable(),
  /** Where it is in the current set, and how long the newest point waits for its signature there; 0 when it has signed. */
  seats: z.array(z.object({ chain: chainName, behindSeconds: seconds.nullable() })),
});

const queue = z.object({
  queue: z.string(),
  isPaused: z.boolean(),
  waiting: whole,
  active: whole,
  delayed: whole,
  failed: whole,
  /** 95th percentiles since the workers started; null where none has told. */
  waitSecondsP95: seconds.nullable(),
  runSecondsP95: seconds.nullable(),
});

const sender = z.object({
  chain: chainName,
  account: address,
  balance: integer,
  nonce: whole.nullable(),
  pending: whole,
  isLow: z.boolean(),
});

/** Locked at the token's home, minted elsewhere, and on the way between. `isWhole` null: it could not be read at once. */
const holding = z.object({
  symbol: z.string(),
  decimals: whole,
  locked: integer,
  minted: integer,
  inFlight: integer,
  isWhole: z.boolean().nullable(),
});

const role = z.object({
  /** As metrics and alerts name it, such as `sender-A` or `signer-2`. */
  instance: z.string(),
  role: z.string(),
  chain: z.string().nullable(),
  isReady: z.boolean(),
  reasons: z.array(z.string()),
});

/**
 * The fleet as it is now: `GET /api/v1/operator/fleet`, and each event `fleet` of `GET /api/v1/operator/events` (server-sent events; one at once, then one a second; comments
 * in between show that the line is alive).
 */
export const fleetView = z.object({
  at: whole,
  health,
  lanes: z.array(lane),
  quorums: z.array(quorum),
  validators: z.array(validator),
  queues: z.array(queue),
  senders: z.array(sender),
  holdings: z.array(holding),
  roles: z.array(role),
  /** Alerts that fire, by severity; null where alerting does not answer. */
  alerts: z.object({ critical: whole, warning: whole, other: whole, silenced: whole }).nullable(),
});
/** {@link fleetView} */
export type FleetView = z.infer<typeof fleetView>;

/**
 * What was measured over time: `GET /api/v1/operator/history?minutes=60` (1 to 1440). One value of each series a time; null where nothing was to be
 * measured. Series: `delivered` (messages accepted a second), `gas:CHAIN` (gas per message of the deliveries to a chain), `lag` (oldest waiting message in seconds).
 */
export const historyView = z.object({
  times: z.array(whole),
  series: z.record(z.string(), z.array(z.number().nullable())),
});
/** {@link historyView} */
export type HistoryView = z.infer<typeof historyView>;

/** Dead letters, oldest first: `GET /api/v1/operator/queues/:queue/failed`. */
export const deadLetterList = z.object({
  deadLetters: z.array(
    z.object({
      queue: z.string(),
      id: z.string(),
      reason: z.string(),
      failedAt: whole.nullable(),
      attempts: whole,
      data: z.unknown(),
    }),
  ),
});
/** {@link deadLetterList} */
export type DeadLetterList = z.infer<typeof deadLetterList>;

/**
 * What an operator does with dead letters: `POST /api/v1/operator/queues/:queue/retry` and `…/remove` (one, or all of the queue without `id`), answered with how
 * many; `…/pause` and `…/resume` (admin) without a body.
 */
export const letterSelection = z.strictObject({ id: z.string().min(1).max(200).optional() });
/** How many dead letters it was done with. */
export const letterOutcome = z.object({ jobs: whole });

/** What was done through the dashboard's own routes, newest first: `GET /api/v1/operator/audit?limit=100`. */
export const auditView = z.object({
  acts: z.array(
    z.object({ at: whole, who: z.string(), from: z.string(), what: z.string(), detail: z.string() }),
  ),
});
/** {@link auditView} */
export type AuditView = z.infer<typeof auditView>;
