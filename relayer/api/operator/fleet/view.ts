import { publicKey, type PublicKey } from "../../../domain/ids.ts";
import type { FleetView } from "../../operator-schema.ts";
import { accountKey, type FleetFacts, isCovered, type Seen, valueOf } from "./facts.ts";
import { judge } from "./judge.ts";
import { isSigning } from "./signing.ts";

/** Below so much (0.1 of the native currency) an account runs low, as the rule `SenderBalanceLow` has it. */
const LOW_BALANCE = 10n ** 17n;

/** The fleet as the page shows it. What a source did not say is left out or null, and among the troubles. */
export function viewFleet(facts: FleetFacts, seen: Seen): FleetView {
  const behind = behindEachChain(facts, seen);
  const parts = {
    lanes: lanesOf(facts),
    quorums: quorumsOf(facts, behind),
    validators: validatorsOf(facts, behind),
    queues: queuesOf(facts),
    senders: sendersOf(facts),
    holdings: holdingsOf(facts, seen),
    roles: [...(valueOf(facts.roles) ?? []), ...seen.gone].map(({ reasons, ...role }) => ({
      ...role,
      reasons: [...reasons],
    })),
    alerts: valueOf(facts.alerts) ?? null,
  };
  return { at: facts.at, health: judge(parts, facts, seen), ...parts };
}

function lanesOf({ status, edges, at }: FleetFacts): FleetView["lanes"] {
  const known = valueOf(edges);
  return (valueOf(status)?.lanes ?? []).map((lane) => {
    const edge = known?.get(lane.id);
    const inFlight = Number(lane.sent - lane.accepted);
    // The chain is asked, and the index may be a little behind it.
    const waiting = inFlight > 0 ? edge?.waiting : undefined;
    return {
      ...lane,
      inFlight: Math.max(0, inFlight),
      oldestSeconds: waiting === undefined ? null : Math.max(0, at / 1_000 - waiting.sentAt),
      lastDeliveredAt: edge?.deliveredAt === undefined ? null : edge.deliveredAt * 1_000,
    };
  });
}

/** For how long each member of each chain's set has not signed while others have, or while messages wait; in seconds. */
type Behind = ReadonlyMap<string, ReadonlyMap<PublicKey, number>>;

function behindEachChain({ status, metrics, signers, at }: FleetFacts, { standingSince }: Seen): Behind {
  const told = valueOf(metrics)?.behind;
  const who = valueOf(signers);
  const lanes = valueOf(status)?.lanes ?? [];
  return new Map(
    (valueOf(status)?.chains ?? []).map(({ name, validatorSet }) => {
      const all = new Map(told?.get(name));
      for (const lane of lanes) {
        const [since, present] = [standingSince.get(lane.id), who?.get(lane.id)];
        if (lane.to !== name || since === undefined || present === undefined) continue;
        const waited = (at - since) / 1_000;
        for (const key of membersOf(validatorSet))
          if (!present.has(key)) all.set(key, Math.max(waited, all.get(key) ?? 0));
      }
      return [name, all] as const;
    }),
  );
}

type ValidatorSet = { readonly scheme: string; readonly members: readonly string[] };

/** Those who sign one by one. A set whose signatures are aggregates is known by its id alone. */
function membersOf({ scheme, members }: ValidatorSet): readonly PublicKey[] {
  return scheme === "Ed25519" ? members.flatMap((member) => publicKey.safeParse(member).data ?? []) : [];
}

function quorumsOf({ status, metrics }: FleetFacts, behind: Behind): FleetView["quorums"] {
  const windows = valueOf(metrics)?.windows;
  return (valueOf(status)?.chains ?? []).flatMap(({ name: chain, validatorSet }) => {
    const { epoch, threshold, expiresAt } = validatorSet;
    const members = membersOf(validatorSet);
    const signing = members.map((key) => isSigning(behind.get(chain)?.get(key), windows?.get(key)));
    // Nobody has said anything of one of them: how many are present is not known.
    if (members.length === 0 || signing.includes(undefined)) return [];
    const present = signing.filter((each) => each === true).length;
    return [
      { chain, epoch, threshold, members: members.length, present, expiresAt: Number(expiresAt) * 1_000 },
    ];
  });
}

function validatorsOf({ validators, status, metrics }: FleetFacts, behind: Behind): FleetView["validators"] {
  const listed = valueOf(validators)?.validators;
  if (listed === undefined) return [];
  const chains = valueOf(status)?.chains ?? [];
  const windows = valueOf(metrics)?.windows;
  const seatsOf = (key: PublicKey) =>
    chains
      .filter(({ validatorSet }) => membersOf(validatorSet).includes(key))
      .map(({ name: chain }) => ({ chain, behindSeconds: behind.get(chain)?.get(key) ?? null }));
  const known = listed.map(({ key, operator, bond, jailedUntil, isTombstoned, exitedAt }) => ({
    ...{ key, operator, bond, jailedUntil: jailedUntil === 0n ? null : Number(jailedUntil) * 1_000 },
    standing: standingOf({ isTombstoned, exitedAt, jailedUntil }),
    ...{ window: windows?.get(key) ?? null, seats: seatsOf(key) },
  }));
  const keys = new Set(listed.map(({ key }) => key));
  // Without a registry there are members all the same, and nothing is bonded.
  const unlisted = new Set(
    chains.flatMap(({ validatorSet }) => membersOf(validatorSet)).filter((key) => !keys.has(key)),
  );
  return [
    ...known,
    ...[...unlisted].map((key) => ({
      ...{ key, operator: null, bond: 0n, standing: "active" as const, jailedUntil: null },
      ...{ window: windows?.get(key) ?? null, seats: seatsOf(key) },
    })),
  ];
}

function standingOf(validator: {
  readonly isTombstoned: boolean;
  readonly exitedAt: bigint;
  readonly jailedUntil: bigint;
}): FleetView["validators"][number]["standing"] {
  if (validator.isTombstoned) return "tombstoned";
  if (validator.exitedAt > 0n) return "exited";
  return validator.jailedUntil > 0n ? "jailed" : "active";
}

function queuesOf({ queues, metrics }: FleetFacts): FleetView["queues"] {
  const told = valueOf(metrics);
  return (valueOf(queues) ?? []).map((queue) => ({
    ...queue,
    waitSecondsP95: told?.waits.get(queue.queue) ?? null,
    runSecondsP95: told?.runs.get(queue.queue) ?? null,
  }));
}

/** Senders whose account cannot be asked for are left out: what they have is not known. */
function sendersOf({ metrics, accounts }: FleetFacts): FleetView["senders"] {
  const known = valueOf(accounts);
  return (valueOf(metrics)?.senders ?? []).flatMap(({ chain, account, pending }) => {
    const found = known?.get(accountKey(chain, account));
    if (found === undefined) return [];
    return [{ chain, account, pending, ...found, isLow: found.balance < LOW_BALANCE }];
  });
}

/**
 * As much is locked as is minted and on its way: so what is locked and not minted is on its way, be it undelivered or held back. Where more
 * is minted and undelivered than is locked, something was minted that nobody locked.
 */
function holdingsOf({ holdings }: FleetFacts, { uncovered }: Seen): FleetView["holdings"] {
  return (valueOf(holdings) ?? []).map((holding) => {
    const { undelivered, ...shown } = holding;
    const isFine = isCovered(holding);
    return {
      ...shown,
      inFlight: isFine ? shown.locked - shown.minted : undelivered,
      isWhole: isFine ? true : uncovered.has(shown.symbol) ? false : null,
    };
  });
}
