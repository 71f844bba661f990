import type { ChainId, Hash, MessageId } from "../../../domain/ids.ts";
import { laneFrom, messageIdOf } from "../../../domain/message.ts";
import type { CarriedMessage, ChainEvidence, Deposit, Evidence, InboxCall, Outcome } from "./evidence.ts";
import { byPlace, Places, upToHead, type Violation } from "./violation.ts";

/** At most one execution a message. */
export function executedOnce(evidence: Evidence): readonly Violation[] {
  const places = new Places(evidence);
  return evidence.chains.flatMap((chain) =>
    [...Map.groupBy(executionsOf(chain), ({ id }) => id)].flatMap(([id, all]): readonly Violation[] => {
      const [first, second] = all;
      if (first === undefined || second === undefined) return [];
      const text = `Message ${id} was executed ${all.length} times: first at ${places.at(first.place)}, then at ${places.at(second.place)}.`;
      return [{ rule: "execution-once", text }];
    }),
  );
}

/** What is executed was sent: by a final log of its origin's Outbox, with the same fields. */
export function executedAsSent(evidence: Evidence): readonly Violation[] {
  const places = new Places(evidence);
  const origins = new Map(evidence.chains.map((chain) => [chain.chainId, new Origin(chain)]));
  return evidence.chains.flatMap((chain) =>
    firstExecutions(chain).flatMap((outcome): readonly Violation[] => {
      const origin = origins.get(outcome.originChainId);
      const problem =
        origin === undefined
          ? `nothing is known of its origin, chain ${outcome.originChainId}`
          : problemOf(outcome, chain, origin, places);
      if (problem === undefined) return [];
      const text = `Message ${outcome.id} was executed at ${places.at(outcome.place)}, but ${problem}.`;
      return [{ rule: "execution-deposit", text }];
    }),
  );
}

/** The first execution of each message: what comes after is a matter of {@link executedOnce} alone. */
function firstExecutions(chain: ChainEvidence): readonly Outcome[] {
  const seen = new Set<MessageId>();
  return upToHead(chain, executionsOf(chain)).filter(({ id }) => !seen.has(id) && seen.add(id));
}

function executionsOf({ outcomes }: ChainEvidence): readonly Outcome[] {
  return outcomes.filter(({ kind }) => kind === "executed").toSorted(byPlace);
}

/** The deposits of one chain, by where they go and their ids. */
class Origin {
  readonly chain: ChainEvidence;
  readonly #deposits: ReadonlyMap<string, Deposit>;

  constructor(chain: ChainEvidence) {
    this.chain = chain;
    this.#deposits = new Map(
      chain.deposits.map((deposit) => [`${deposit.destinationChainId} ${deposit.id}`, deposit]),
    );
  }

  deposit(destination: ChainId, id: MessageId): Deposit | undefined {
    return this.#deposits.get(`${destination} ${id}`);
  }
}

function problemOf(
  { id, nonce, place }: Outcome,
  { chainId, calls }: ChainEvidence,
  origin: Origin,
  places: Places,
): string | undefined {
  const deposit = origin.deposit(chainId, id);
  if (deposit === undefined) return `${places.chain(origin.chain.chainId)} shows no deposit of it`;
  const where = `at ${places.at(deposit.place)}`;
  if (deposit.place.blockNumber > origin.chain.finalBlock)
    return `its deposit ${where} is not final: ${places.chain(origin.chain.chainId)} is final up to block ${origin.chain.finalBlock}`;
  if (deposit.nonce !== nonce)
    return `its deposit ${where} has nonce ${deposit.nonce}, and it was executed as ${nonce}`;
  const lane = laneFrom(origin.chain.chainId, origin.chain.outbox, chainId);
  if (deposit.content === undefined || messageIdOf(lane.id, deposit.content) !== id)
    return `the fields of its deposit ${where} do not hash to its id`;
  const carried = carriedBy(calls, place.transactionHash, nonce);
  if (carried === undefined)
    return `the calldata of the transaction does not show what was executed: it is no delivery or retry of nonce ${nonce} to the Inbox itself`;
  const { content } = deposit;
  const differing = FIELDS.filter((field) => content[field] !== carried[field]);
  if (differing.length === 0) return undefined;
  return `what was executed differs from its deposit ${where} in ${differing.join(", ")}`;
}

const FIELDS = ["sender", "recipient", "gasLimit", "payload"] as const;

/** The message of this nonce in the calldata of a transaction. */
function carriedBy(
  calls: ReadonlyMap<Hash, InboxCall>,
  transaction: Hash,
  nonce: bigint,
): CarriedMessage | undefined {
  const call = calls.get(transaction);
  if (call?.kind === "retry") return call.nonce === nonce ? call.message : undefined;
  // The difference is small, or the index is one that no array has.
  return call?.kind === "deliver" ? call.messages[Number(nonce - call.firstNonce)] : undefined;
}
