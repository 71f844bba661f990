import { AbiCoder, dataLength, dataSlice, id as keccakOfText, keccak256, toBigInt, ZeroHash } from "ethers";
import type { Lane, LaneHead, Message } from "./bridge.ts";
import {
  type Address,
  bytes,
  type ChainId,
  hash,
  type Hash,
  laneId,
  type LaneId,
  messageId,
  type MessageId,
} from "./ids.ts";
import { parseInteroperableAddress } from "./interoperable-address.ts";

const abi = AbiCoder.defaultAbiCoder();
const LANE_TYPEHASH = keccakOfText(
  "dchat.Lane/1(uint256 originChainId,address outbox,uint256 destinationChainId)",
);
const MESSAGE_TYPEHASH = keccakOfText(
  "dchat.Message/1(bytes32 lane,uint64 nonce,address sender,address recipient,uint64 gasLimit,bytes payload)",
);

/** `Outbox.DEFAULT_GAS_LIMIT`, the gas of a message that names none. */
export const DEFAULT_GAS_LIMIT = 200_000n;
const SELECTOR_BYTES = 4;

/** A lane before its first message. */
export const emptyLane: LaneHead = { nonce: 0n, accumulator: hash.parse(ZeroHash) };

/** The lane from `outbox` on `originChainId` to `destinationChainId`: `MessageLib.laneId`. */
export function laneFrom(originChainId: ChainId, outbox: Address, destinationChainId: ChainId): Lane {
  const encoded = abi.encode(
    ["bytes32", "uint256", "address", "uint256"],
    [LANE_TYPEHASH, originChainId, outbox, destinationChainId],
  );
  return { id: laneId.parse(keccak256(encoded)), originChainId, outbox, destinationChainId };
}

/** What a message id is computed from. */
export type MessageContent = Pick<Message, "nonce" | "sender" | "recipient" | "gasLimit" | "payload">;

/** The part of an Outbox's `MessageSent` that says what the message is. */
export type SentFields = {
  readonly sender: string;
  readonly recipient: string;
  readonly payload: string;
  readonly attributes: readonly string[];
};

/** What an Outbox logged of its `nonce`-th message; undefined where no Outbox would log that. */
export function readSent(
  { sender, recipient, payload, attributes }: SentFields,
  nonce: bigint,
): MessageContent | undefined {
  const from = parseInteroperableAddress(bytes.parse(sender));
  const to = parseInteroperableAddress(bytes.parse(recipient));
  const [attribute] = attributes;
  if (from === undefined || to === undefined) return undefined;
  if (attribute !== undefined && dataLength(attribute) < SELECTOR_BYTES) return undefined;
  return {
    nonce,
    sender: from.account,
    recipient: to.account,
    gasLimit: attribute === undefined ? DEFAULT_GAS_LIMIT : toBigInt(dataSlice(attribute, SELECTOR_BYTES)),
    payload: bytes.parse(payload),
  };
}

/** The id of a message of `lane`: `MessageLib.messageId`. */
export function messageIdOf(
  lane: LaneId,
  { nonce, sender, recipient, gasLimit, payload }: MessageContent,
): MessageId {
  const words = [MESSAGE_TYPEHASH, lane, nonce, sender, recipient, gasLimit, keccak256(payload)];
  return messageId.parse(keccak256(inWords(words)));
}

/** acc(n) from acc(n-1) and the n-th id: `MessageLib.fold`. */
export function fold(accumulator: Hash, id: MessageId): Hash {
  return hash.parse(keccak256(inWords([accumulator, id])));
}

/**
 * What `abi.encode` makes of values that take one word each. ethers' coder for any type took a fifth of the indexer's processor time.
 * @param values numbers, and hexadecimal of at most 32 bytes, which is filled up from the left
 */
function inWords(values: readonly (bigint | string)[]): string {
  const digits = (value: bigint | string) =>
    typeof value === "bigint" ? value.toString(16) : value.slice(2).toLowerCase();
  return `0x${values.map((value) => digits(value).padStart(64, "0")).join("")}`;
}

/** The head of a lane at `head` after the messages with these ids, in order. */
export function advance(head: LaneHead, ids: readonly MessageId[]): LaneHead {
  return { nonce: head.nonce + BigInt(ids.length), accumulator: ids.reduce(fold, head.accumulator) };
}
