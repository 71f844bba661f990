import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import type { LaneHead } from "../../../domain/bridge.ts";
import { chainId, type ChainId, hash, type Hash, messageId } from "../../../domain/ids.ts";
import { decodePosition, type LogPlace } from "../../../domain/log-position.ts";
import { readSent } from "../../../domain/message.ts";
import { decodeSet, setHash } from "../../../domain/validator-set.ts";
import type { ChainEvidence, Deposit, InboxCall, Outcome, Place } from "../../core/checker/evidence.ts";
import { readCall } from "./calldata.ts";
import type { CheckedNode } from "./node.ts";

/** Between which blocks a chain is read. */
export type Heights = {
  /** At which block state is read. */
  readonly head: number;
  /** Up to which block logs are read, and up to which that is final. */
  readonly newest: number;
  readonly final: number;
};

/** A log's place, with the time of its block. */
export function placeOf(node: CheckedNode, log: LogPlace, time: number): Place {
  return { ...decodePosition(log), chainId: node.chainId, time };
}

/** What the Outbox and the Inbox of a chain have logged, what the transactions asked for, and the lanes' state. */
export async function readChain(
  node: CheckedNode,
  heights: Heights,
  others: readonly ChainId[],
): Promise<ChainEvidence> {
  const { name, outbox, inbox } = node.chain;
  const deposits = await readDeposits(node, heights.newest);
  const arrivals = await readInbox(node, heights.newest);
  const state = await readLanes(node, heights.head, others);
  return {
    chainId: node.chainId,
    name,
    outbox,
    inbox,
    head: heights.head,
    finalBlock: heights.final,
    deposits,
    ...arrivals,
    ...state,
  };
}

async function readDeposits(node: CheckedNode, to: number): Promise<readonly Deposit[]> {
  const outbox = Outbox__factory.connect(node.chain.outbox, node.provider);
  const { LaneAdvanced, MessageSent } = outbox.filters;
  const advanced = await node.logs(to, (from, until) => outbox.queryFilter(LaneAdvanced(), from, until));
  const sent = await node.logs(to, (from, until) => outbox.queryFilter(MessageSent(), from, until));
  const byId = new Map(sent.map(({ log }) => [log.args.sendId, log.args]));
  return advanced.map(({ log, time }): Deposit => {
    const { destinationChainId, nonce, accumulator } = log.args;
    const fields = byId.get(log.args.messageId);
    return {
      destinationChainId: chainId.parse(Number(destinationChainId)),
      nonce,
      id: messageId.parse(log.args.messageId),
      accumulator: hash.parse(accumulator),
      content: fields && readSent(fields, nonce),
      place: placeOf(node, log, time),
    };
  });
}

async function readInbox(node: CheckedNode, to: number) {
  const inbox = Inbox__factory.connect(node.chain.inbox, node.provider);
  const { LaneAccepted, ValidatorSetActivated, RecoveryProposed } = inbox.filters;
  const accepted = await node.logs(to, (from, until) => inbox.queryFilter(LaneAccepted(), from, until));
  const activated = await node.logs(to, (from, until) =>
    inbox.queryFilter(ValidatorSetActivated(), from, until),
  );
  const recoveries = await node.logs(to, (from, until) => inbox.queryFilter(RecoveryProposed(), from, until));
  const acceptances = accepted.map(({ log, time }) => ({
    originChainId: chainId.parse(Number(log.args.originChainId)),
    nonce: log.args.nonce,
    epoch: log.args.epoch,
    accumulator: hash.parse(log.args.accumulator),
    signers: log.args.signers,
    place: placeOf(node, log, time),
  }));
  const activations = activated.map(({ log, time }) => ({
    set: decodeSet(log.args.set),
    place: placeOf(node, log, time),
  }));
  const outcomes = await readOutcomes(node, to);
  const calls = await readCalls(node, [...acceptances, ...activations, ...outcomes]);
  const proposed = new Set(recoveries.map(({ log }) => setHash(decodeSet(log.args.set))));
  return { acceptances, activations, outcomes, calls, recoveries: proposed };
}

async function readOutcomes(node: CheckedNode, to: number): Promise<readonly Outcome[]> {
  const inbox = Inbox__factory.connect(node.chain.inbox, node.provider);
  const { MessageExecuted, MessageFailed } = inbox.filters;
  const executed = await node.logs(to, (from, until) => inbox.queryFilter(MessageExecuted(), from, until));
  const failed = await node.logs(to, (from, until) => inbox.queryFilter(MessageFailed(), from, until));
  const outcome =
    (kind: Outcome["kind"]) =>
    ({ log, time }: (typeof executed)[number] | (typeof failed)[number]): Outcome => ({
      kind,
      id: messageId.parse(log.args.messageId),
      originChainId: chainId.parse(Number(log.args.originChainId)),
      nonce: log.args.nonce,
      place: placeOf(node, log, time),
    });
  return [...executed.map(outcome("executed")), ...failed.map(outcome("failed"))];
}

async function readCalls(
  node: CheckedNode,
  logs: readonly { readonly place: Place }[],
): Promise<ReadonlyMap<Hash, InboxCall>> {
  const hashes = [...new Set(logs.map(({ place }) => place.transactionHash))];
  const transactions = await node.calldata(hashes);
  return new Map(
    hashes.map((each) => {
      const transaction = transactions.get(each) ?? { to: null, data: "0x" };
      return [each, readCall(transaction, node.chain.inbox)];
    }),
  );
}

/** Where the lanes stand by the contracts' state. */
async function readLanes(node: CheckedNode, head: number, others: readonly ChainId[]) {
  const outbox = Outbox__factory.connect(node.chain.outbox, node.provider);
  const inbox = Inbox__factory.connect(node.chain.inbox, node.provider);
  const at = { blockTag: head };
  const read = async (contract: typeof outbox | typeof inbox) => {
    const lanes = new Map<ChainId, LaneHead>();
    for (const other of others) {
      const { nonce, accumulator } = await node.ask("eth_call", () => contract.lanes(other, at));
      lanes.set(other, { nonce, accumulator: hash.parse(accumulator) });
    }
    return lanes;
  };
  return { sent: await read(outbox), accepted: await read(inbox) };
}
