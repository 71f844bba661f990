import { showTime } from "../../escrow/adapters/refusals.ts";
import type { Paper } from "../../escrow/adapters/archive.ts";
import type { Token } from "../../escrow/adapters/token.ts";
import type { KnownEscrow } from "../../escrow/core/ledger.ts";
import { isOpen } from "../../escrow/core/machine.ts";
import { type NextStep, nextSteps, stateName } from "../../escrow/core/next.ts";
import { sellerOf, Silence, State, ZERO_ADDRESS } from "../../escrow/core/types.ts";
import { dueAt, milestoneDue, timeoutPays } from "../../escrow/core/windows.ts";
import type { FoundEscrow } from "./session.ts";

/** An escrow as JSON. Amounts are decimal strings in the token's smallest unit, times are Unix seconds. */
export function escrowJson(known: KnownEscrow, chain: string, { symbol, decimals }: Token, now: bigint) {
  const { id, terms, escrow } = known;
  const { rules } = terms;
  return {
    id,
    chain,
    state: stateName(escrow.state),
    buyer: terms.buyer,
    seller: sellerOf(terms),
    arbiter: terms.arbiter === ZERO_ADDRESS ? null : terms.arbiter,
    token: { address: terms.token, symbol, decimals },
    amount: terms.amount.toString(),
    remaining: escrow.remaining.toString(),
    milestone: Number(escrow.milestone),
    since: Number(escrow.since),
    dueAt: isOpen(escrow) ? Number(dueAt(terms, escrow)) : null,
    sequences: { buyer: Number(escrow.buyerSequence), seller: Number(escrow.sellerSequence) },
    rules: {
      deliverBy: Number(rules.deliverBy),
      reviewFor: Number(rules.reviewFor),
      arbiterBy: Number(rules.arbiterBy),
      onSilence: rules.onSilence === Silence.PaysSeller ? "seller" : "buyer",
      defaultSplit: Number(rules.defaultSplit),
      tip: Number(rules.tip),
      salt: rules.salt.toString(),
    },
    agreement: terms.metadata,
    milestones: terms.milestones.map(({ amount, deliverBy }) => ({
      amount: amount.toString(),
      deliverBy: Number(deliverBy),
    })),
    payees: terms.payees.map(({ account, share }) => ({ account, share: Number(share) })),
    next: nextSteps(terms, escrow, now).map(({ before, ...step }) => ({
      ...step,
      ...(before === undefined ? {} : { before: Number(before) }),
    })),
  };
}

/** One line about an escrow. */
export function describeBriefly({ id, terms, escrow }: KnownEscrow, chain: string, held: Token): string {
  const rest = isOpen(escrow)
    ? `, ${held.show(escrow.remaining)} left, due ${showTime(dueAt(terms, escrow))}`
    : "";
  return `${id}  ${chain}  ${stateName(escrow.state)}: ${held.show(terms.amount)}${rest}`;
}

/** An escrow for people: where it stands, its deadlines, and what each side can do next. */
export function describeEscrow(found: FoundEscrow, now: bigint, papers: readonly Paper[] = []): string {
  const { id, terms, escrow, chain, held } = found;
  const { rules } = terms;
  const lines: (readonly [string, string])[] = [
    ["escrow", `${id} (${chain.name})`],
    ["state", `${stateName(escrow.state)} since ${showTime(escrow.since)}`],
    ["amount", `${held.show(terms.amount)}, of which ${held.show(escrow.remaining)} remain here`],
    ["buyer", terms.buyer],
    ...terms.payees.map(
      ({ account, share }, i) =>
        [i === 0 ? "seller" : "payee", `${account} (${percent(share)} of what is paid)`] as const,
    ),
    [
      "arbiter",
      terms.arbiter === ZERO_ADDRESS ? "nobody: the default split decides a dispute" : terms.arbiter,
    ],
    ...terms.milestones.map(
      ({ amount, deliverBy }, i) =>
        [
          "milestone",
          `${i + 1}: ${held.show(amount)}, deliver by ${showTime(deliverBy)}${isOpen(escrow) && BigInt(i) === escrow.milestone ? " (now)" : ""}`,
        ] as const,
    ),
    ["deliver by", showTime(rules.deliverBy)],
    [
      "review",
      `${duration(rules.reviewFor)}; silence pays the ${rules.onSilence === Silence.PaysSeller ? "seller" : "buyer"}`,
    ],
    ["rule by", `${showTime(rules.arbiterBy)}; then ${percent(rules.defaultSplit)} to the payees`],
    ...(rules.tip === 0n
      ? []
      : [["tip", `${percent(rules.tip)} to whoever carries a time-out out`] as const]),
    ["agreement", terms.metadata],
    ...papers.map(
      ({ kind, party, uri }) =>
        [kind, `${JSON.stringify(uri)}${party === undefined ? "" : ` by ${party}`}`] as const,
    ),
    ...(isOpen(escrow) ? [["time-out", describeTimeout(found)] as const] : []),
    ...nextSteps(terms, escrow, now).map(
      (step, i) => [i === 0 ? "next" : "", describeStep(step, found)] as const,
    ),
  ];
  return lines.map(([name, text]) => `${name.padEnd(11)} ${text}`).join("\n");
}

function describeTimeout({ terms, escrow, held }: FoundEscrow): string {
  const { toPayees, toBuyer } = timeoutPays(terms, escrow);
  const shares = [
    ...(toPayees === 0n ? [] : [`${held.show(toPayees)} to the payees`]),
    ...(toBuyer === 0n ? [] : [`${held.show(toBuyer)} to the buyer`]),
  ];
  return `from ${showTime(dueAt(terms, escrow))} on: ${shares.join(" and ") || "nothing to pay"}`;
}

function describeStep({ who, action, before }: NextStep, { id, terms, escrow, held }: FoundEscrow): string {
  const due = escrow.state === State.Disputed ? escrow.remaining : milestoneDue(terms, escrow);
  const meaning: Readonly<Record<NextStep["action"], string>> = {
    deliver: "says that it is delivered",
    release: `pays the payees ${held.show(due)}`,
    refund: `gives the buyer ${held.show(escrow.remaining)} back`,
    dispute: "calls the arbiter",
    evidence: "submits evidence",
    resolve: "rules on what remains",
    expire: "carries out what time has decided",
  };
  const limit = before === undefined ? "" : ` before ${showTime(before)}`;
  const more = action === "evidence" ? " URI" : action === "resolve" ? " --to-buyer AMOUNT" : "";
  return `${who} ${meaning[action]}${limit}: dchat escrow ${action} ${id}${more}`;
}

/** Seconds in the largest unit that divides them. */
function duration(seconds: bigint): string {
  const units = [
    [86_400n, "d"],
    [3_600n, "h"],
    [60n, "min"],
  ] as const;
  const [size, name] = units.find(([candidate]) => seconds % candidate === 0n) ?? ([1n, "s"] as const);
  return `${seconds / size} ${name}`;
}

function percent(share: bigint): string {
  return `${Number(share) / 100} %`;
}
