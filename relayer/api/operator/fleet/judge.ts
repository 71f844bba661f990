import type { FleetView } from "../../operator-schema.ts";
import { type FleetFacts, type Part, type Seen, valueOf } from "./facts.ts";
import { isSigning } from "./signing.ts";

/** How long final messages may wait while nothing is accepted before a lane counts as stalled, in milliseconds. */
const STALLED_MILLISECONDS = 120_000;
/** How long after a delivery value still counts as moving, in milliseconds. */
const MOVING_MILLISECONDS = 60_000;
/** From so many seconds on the index is behind, as the API's readiness and the rule `IndexBehind` have it. */
const BEHIND_SECONDS = 60;
/** How long before its end a validator set is spoken of, in milliseconds. */
const EXPIRING_MILLISECONDS = 86_400_000;

type Health = FleetView["health"];
type Trouble = Health["troubles"][number];
/** The fleet without the judgement about it. */
type Parts = Omit<FleetView, "at" | "health">;

/** The three questions that come first: is value moving, is it safe, who is missing; and what is wrong, the worst first. */
export function judge(parts: Parts, facts: FleetFacts, seen: Seen): Health {
  const stalled = stalledLanes(parts, facts, seen);
  const missing = missingOf(parts);
  const troubles = [
    ...unknowns(facts),
    ...stalled.map(laneStalled),
    ...conservation(parts),
    ...evidence(facts),
    ...quorums(parts, facts.at),
    ...missing.map(validatorMissing),
    ...roles(parts),
    ...index(facts),
    ...queues(parts),
    ...senders(parts),
  ];
  return {
    value: valueOfMovement(parts, facts, stalled.length > 0),
    safety: safetyOf(parts, facts),
    missing,
    troubles: troubles.toSorted((a, b) => rank(a) - rank(b)),
  };
}

function rank({ severity }: Trouble): number {
  return severity === "critical" ? 0 : 1;
}

function valueOfMovement({ lanes }: Parts, { status, at }: FleetFacts, isStalled: boolean): Health["value"] {
  if (valueOf(status) === undefined) return "unknown";
  if (isStalled) return "stalled";
  const isMoving = lanes.some(
    ({ inFlight, lastDeliveredAt }) =>
      inFlight > 0 || (lastDeliveredAt !== null && at - lastDeliveredAt < MOVING_MILLISECONDS),
  );
  return isMoving ? "moving" : "idle";
}

/** The worst that is known, and only then that something is not known. */
function safetyOf(parts: Parts, facts: FleetFacts): Health["safety"] {
  const { holdings, quorums: sets } = parts;
  if (holdings.some(({ isWhole }) => isWhole === false) || openEvidence(facts) > 0) return "unsafe";
  if (sets.some(({ present, threshold }) => present <= threshold)) return "at-risk";
  const chains = valueOf(facts.status)?.chains.length;
  const isKnown = chains === sets.length && valueOf(facts.holdings) !== undefined;
  return isKnown && holdings.every(({ isWhole }) => isWhole === true) ? "safe" : "unknown";
}

type Lane = FleetView["lanes"][number] & { readonly seconds: number };

function stalledLanes({ lanes }: Parts, { at }: FleetFacts, { standingSince }: Seen): readonly Lane[] {
  return lanes.flatMap((lane) => {
    const since = standingSince.get(lane.id);
    if (since === undefined || at - since < STALLED_MILLISECONDS) return [];
    return [{ ...lane, seconds: Math.round((at - since) / 1_000) }];
  });
}

function laneStalled({ from, to, inFlight, seconds }: Lane): Trouble {
  return critical(
    "LANE_STALLED",
    `Nothing from ${from} has arrived on ${to} for ${seconds} s, and ${inFlight} ${inFlight === 1 ? "message waits" : "messages wait"}. No money is lost: it stays locked until it is delivered. Look at the validators that are missing, at the sender of ${to}, and at its balance.`,
  );
}

function conservation({ holdings }: Parts): readonly Trouble[] {
  return holdings
    .filter(({ isWhole }) => isWhole === false)
    .map(({ symbol, locked, minted, inFlight }) =>
      critical(
        "NOT_CONSERVED",
        `Of ${symbol} ${minted + inFlight} (smallest units) are minted or on their way, and only ${locked} are locked: what was minted is not covered. Pause its bridges now ("pause" of the guardian), and see docs/security.md.`,
      ),
    );
}

/** Offences that the watchtower has found, or slashes that hold a bond; whichever says more, for both tell of the same. */
function openEvidence({ metrics, validators }: FleetFacts): number {
  const held = (valueOf(validators)?.validators ?? []).filter(({ holds }) => holds > 0n).length;
  return Math.max(valueOf(metrics)?.openCases ?? 0, held);
}

function evidence(facts: FleetFacts): readonly Trouble[] {
  const open = openEvidence(facts);
  if (open === 0) return [];
  return [
    critical(
      "EVIDENCE_OPEN",
      `There is evidence against ${open} ${open === 1 ? "validator" : "validators"} that is not settled. Whether money was taken is in the slashings below. Compare what they signed with the origin chain, and see the runbook, OffenceOpen.`,
    ),
  ];
}

function quorums({ quorums: sets }: Parts, at: number): readonly Trouble[] {
  return sets.flatMap(({ chain, threshold, members, present, expiresAt }) => [
    ...(present < threshold
      ? [
          critical(
            "QUORUM_LOST",
            `Only ${present} of ${members} validators sign for ${chain}, and ${threshold} must. Nothing is delivered there until more do; nothing is lost. Have operators start their signers.`,
          ),
        ]
      : []),
    ...(present === threshold && present < members
      ? [
          warning(
            "QUORUM_AT_RISK",
            `${present} of ${members} validators sign for ${chain}, just as many as must. If one more goes missing, nothing is delivered there. Have the missing ones started.`,
          ),
        ]
      : []),
    ...(expiresAt <= at
      ? [
          critical(
            "SET_EXPIRED",
            `The validator set of ${chain} has expired, so ${chain} accepts nothing. What waits is safe. Rotate it: "dchat validator rotate".`,
          ),
        ]
      : expiresAt - at < EXPIRING_MILLISECONDS
        ? [
            warning(
              "SET_EXPIRING",
              `The validator set of ${chain} expires within a day; from then on ${chain} accepts nothing. Rotate it: "dchat validator rotate".`,
            ),
          ]
        : []),
  ]);
}

/** Validators of whom it is known that they do not sign where they have a seat. */
function missingOf({ validators }: Parts): string[] {
  return validators
    .filter(({ seats, window }) =>
      seats.some(({ behindSeconds }) => isSigning(behindSeconds, window) === false),
    )
    .map(({ key }) => key);
}

function validatorMissing(key: string): Trouble {
  return warning(
    "VALIDATOR_MISSING",
    `Validator ${key} does not sign. Messages are delivered as long as the others are a quorum; it loses a part of its bond if it stays away. Have its operator start its signer.`,
  );
}

function roles({ roles: all }: Parts): readonly Trouble[] {
  return all
    .filter(({ isReady }) => !isReady)
    .map(({ instance, reasons }) =>
      warning(
        "ROLE_DOWN",
        `The role ${instance} cannot do its work: ${asSentence(reasons.join("; "))} Nothing is lost; what it did waits. Start it, or mend what it lacks ("dchat doctor").`,
      ),
    );
}

function index({ validators }: FleetFacts): readonly Trouble[] {
  return (valueOf(validators)?.index ?? []).flatMap(({ chain, lagSeconds }) =>
    lagSeconds !== null && lagSeconds <= BEHIND_SECONDS
      ? []
      : [
          warning(
            "INDEX_BEHIND",
            `The index of ${chain} ${lagSeconds === null ? "is not read yet" : `is ${lagSeconds} s behind`}. Messages are carried without it, but lists are old. Look for an indexer that runs, and whether the chain's node answers.`,
          ),
        ],
  );
}

function queues({ queues: all }: Parts): readonly Trouble[] {
  return all.flatMap(({ queue, failed, isPaused }) => [
    ...(failed > 0
      ? [
          warning(
            "DEAD_LETTERS",
            `${failed} ${failed === 1 ? "job" : "jobs"} of the queue ${queue} failed for good. What they were about waits; the chains hold it. Mend the reason, then retry them.`,
          ),
        ]
      : []),
    ...(isPaused
      ? [
          warning(
            "QUEUE_PAUSED",
            `The queue ${queue} is paused: its workers take no jobs, and what comes waits. Resume it when the reason is gone.`,
          ),
        ]
      : []),
  ]);
}

function senders({ senders: all }: Parts): readonly Trouble[] {
  return all
    .filter(({ isLow }) => isLow)
    .map(({ chain, account, balance }) =>
      warning(
        "LOW_BALANCE",
        `The account ${account} has ${balance} wei left for fees on ${chain}. When it is empty it sends nothing more; nothing is lost. Send it some.`,
      ),
    );
}

/** What was asked and did not answer: each makes a part of the view unknown. */
function unknowns(facts: FleetFacts): readonly Trouble[] {
  const parts: readonly (readonly [code: string, part: Part<unknown>, meaning: string])[] = [
    [
      "CHAINS_UNKNOWN",
      facts.status,
      "Where lanes and quorums stand is not known now, nor whether value moves. Look at the chains' providers.",
    ],
    [
      "INDEX_UNKNOWN",
      facts.edges,
      "How long messages wait is not known now. Messages are carried without the index; look at its database.",
    ],
    [
      "VALIDATORS_UNKNOWN",
      facts.validators,
      "Where validators stand is not known now. Messages are carried; look at the index's database.",
    ],
    [
      "HOLDINGS_UNKNOWN",
      facts.holdings,
      "Whether what was minted is covered is not known now. Look at the index and at the chains' providers.",
    ],
    ["QUEUES_UNKNOWN", facts.queues, "What waits in queues is not known now. Look at Redis."],
    ["SIGNERS_UNKNOWN", facts.signers, "Who attested to what waits is not known now. Look at Redis."],
    [
      "METRICS_UNKNOWN",
      facts.metrics,
      "Who signs, and what senders have, is not known now. Look at the roles' ports.",
    ],
    ["ROLES_UNKNOWN", facts.roles, "Which roles run is not known now. Look at the data folder."],
    [
      "BALANCES_UNKNOWN",
      facts.accounts,
      "What senders have for fees is not known now. Look at the chains' providers.",
    ],
    [
      "ALERTING_DOWN",
      facts.alerts,
      "Nobody is told of anything while it is away; messages are carried. Start the role alerting, or look at its log.",
    ],
  ];
  return parts.flatMap(([code, part, meaning]) =>
    "problem" in part ? [warning(code, `${asSentence(part.problem)} ${meaning}`)] : [],
  );
}

function asSentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

function critical(code: string, text: string): Trouble {
  return { code, severity: "critical", text };
}

function warning(code: string, text: string): Trouble {
  return { code, severity: "warning", text };
}
