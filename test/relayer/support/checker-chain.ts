import type {
  Acceptance,
  Activation,
  CarriedMessage,
  ChainEvidence,
  Deposit,
  InboxCall,
  Outcome,
  Place,
} from "../../../relayer/chaos/core/checker/evidence.ts";
import type { LaneHead } from "../../../relayer/domain/bridge.ts";
import { address, type ChainId, type Hash } from "../../../relayer/domain/ids.ts";
import { emptyLane } from "../../../relayer/domain/message.ts";
import { A, B, hashOf } from "./bridge.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer U)[] ? U[] : T[Key] };
/** A chain's evidence while it is being written. */
export type FakeChain = Mutable<Omit<ChainEvidence, "calls" | "recoveries" | "sent" | "accepted">> & {
  readonly calls: Map<Hash, InboxCall>;
  readonly sent: Map<ChainId, LaneHead>;
  readonly accepted: Map<ChainId, LaneHead>;
  time: number;
};

/** The chains' clocks begin here (Unix seconds). */
const GENESIS = 1_700_000_000;
/** A chain without blocks. */
export function newChain(chainId: ChainId, name: string): FakeChain {
  const lists = {
    deposits: [] as Deposit[],
    outcomes: [] as Outcome[],
    acceptances: [] as Acceptance[],
    activations: [] as Activation[],
  };
  const maps = {
    calls: new Map<Hash, InboxCall>(),
    sent: new Map<ChainId, LaneHead>(),
    accepted: new Map<ChainId, LaneHead>(),
  };
  const outbox = address.parse("0x00000000000000000000000000000000000000a1");
  const inbox = address.parse("0x00000000000000000000000000000000000000b1");
  const other = chainId === A ? B : A;
  maps.sent.set(other, emptyLane);
  maps.accepted.set(other, emptyLane);
  return { chainId, name, outbox, inbox, head: 0, finalBlock: 0, time: GENESIS, ...lists, ...maps };
}

/** A message as calldata carries it. */
export function carried({ content }: Deposit): CarriedMessage {
  if (content === undefined) throw new Error("an honest deposit has content");
  const { sender, recipient, gasLimit, payload } = content;
  return { sender, recipient, gasLimit, payload };
}

/** The next block of a chain, with one transaction. */
export function mine(chain: FakeChain): Place {
  chain.head++;
  chain.finalBlock = chain.head;
  chain.time += chain.head % 3 === 0 ? 1 : 0; // blocks may share a second
  return {
    chainId: chain.chainId,
    blockNumber: chain.head,
    blockHash: hashOf(`${chain.name} block ${chain.head}`),
    transactionHash: hashOf(`${chain.name} tx ${chain.head}`),
    logIndex: 0,
    time: chain.time,
  };
}
