import { getBytes, hexlify, id as keccakOfText } from "ethers";
import { digestOf, domainOf } from "../../../relayer/bridge/core/attestation.ts";
import { advance, emptyLane, laneFrom, messageIdOf } from "../../../relayer/bridge/core/message.ts";
import type { MemberSignature } from "../../../relayer/bridge/core/quorum.ts";
import type { LaneHead, ValidatorSet } from "../../../relayer/domain/bridge.ts";
import { publicKeyOf, sign } from "../../../relayer/domain/ed25519.ts";
import {
  address,
  bytes,
  chainId,
  type MessageId,
  publicKey,
  type PublicKey,
  signature,
} from "../../../relayer/domain/ids.ts";

/** The chain that the messages of these tests come from, and the Outbox there. */
export const ORIGIN = chainId.parse(7_777);
export const OUTBOX = address.parse("0x00000000000000000000000000000000000000A1");
/** The account that sends messages there, where a test names no other. */
const SENDER = "0x000000000000000000000000000000000000bEEF";
/** The chain id of Hardhat's simulated network. */
export const HERE = chainId.parse(31_337);

export type TestValidator = { readonly publicKey: PublicKey; readonly secretKey: Uint8Array };

/** `count` validators with fixed keys, ascending by public key. */
export function testValidators(count: number): readonly TestValidator[] {
  return Array.from({ length: count }, (_, i) => {
    const secretKey = getBytes(keccakOfText(`test validator ${i}`));
    return { secretKey, publicKey: publicKey.parse(hexlify(publicKeyOf(secretKey))) };
  }).sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
}

/** A set of these validators. */
export function setOf(validators: readonly TestValidator[], threshold: number, epoch = 1n) {
  return {
    epoch,
    threshold,
    validators: validators.map((validator) => validator.publicKey),
  } satisfies ValidatorSet;
}

export type TestMessage = { sender: string; recipient: string; gasLimit: bigint; payload: string };

/** The origin side of a lane to one Inbox, as TypeScript's core computes it. */
export class TestLane {
  readonly lane = laneFrom(ORIGIN, OUTBOX, HERE);
  readonly messages: TestMessage[] = [];
  readonly ids: MessageId[] = [];
  readonly #inbox: string;
  readonly #validators: readonly TestValidator[];

  constructor(inbox: string, validators: readonly TestValidator[]) {
    this.#inbox = inbox;
    this.#validators = validators;
  }

  /** Sends `count` messages to `recipient`. */
  send(
    recipient: string,
    { count = 1, gasLimit = 300_000n, payload = "0x1234", sender = SENDER } = {},
  ): void {
    for (let i = 0; i < count; i++) {
      const message = { sender, recipient, gasLimit, payload };
      const content = {
        ...message,
        nonce: BigInt(this.messages.length + 1),
        sender: address.parse(message.sender),
        recipient: address.parse(recipient),
        payload: bytes.parse(payload),
      };
      this.messages.push(message);
      this.ids.push(messageIdOf(this.lane.id, content));
    }
  }

  /** The lane after its first `count` messages. */
  head(count = this.ids.length): LaneHead {
    return advance(emptyLane, this.ids.slice(0, count));
  }

  /** The signatures of the validators at `indices` on the lane after its first `count` messages. */
  attest(
    indices: readonly number[],
    count = this.ids.length,
    epoch = 1n,
    inbox = this.#inbox,
  ): MemberSignature[] {
    const statement = {
      domain: domainOf(HERE, address.parse(inbox)),
      lane: this.lane.id,
      epoch,
      ...this.head(count),
    };
    const digest = getBytes(digestOf(statement));
    return indices.map((index) => {
      const validator = this.#validators[index];
      if (validator === undefined) throw new Error(`no validator ${index}`);
      return { index, signature: signature.parse(hexlify(sign(digest, validator.secretKey))) };
    });
  }
}
