import { keccak256, toUtf8Bytes } from "ethers";
import fc from "fast-check";
import type { Point, Statement, ValidatorSet } from "../../../relayer/domain/bridge.ts";
import {
  address,
  bytes,
  chainId,
  hash,
  laneId,
  messageId,
  publicKey,
  type PublicKey,
  signature,
} from "../../../relayer/domain/ids.ts";

/** A hash that is different for every text. */
export const hashOf = (text: string) => hash.parse(keccak256(toUtf8Bytes(text)));
export const laneOf = (text: string) => laneId.parse(hashOf(text));
export const messageIdOfText = (text: string) => messageId.parse(hashOf(text));
export const publicKeyOfText = (text: string) => publicKey.parse(hashOf(text));
export const signatureOf = (text: string) => signature.parse(hashOf(text) + hashOf(`${text}'`).slice(2));

export const A = chainId.parse(31_337);
export const B = chainId.parse(31_338);

/** An Ed25519 set that does not expire soon. */
export function ed25519Set(
  members: readonly PublicKey[],
  threshold: number,
): ValidatorSet & { readonly scheme: "Ed25519" } {
  return { epoch: 1n, expiresAt: 2n ** 40n, overlap: 0, threshold, scheme: "Ed25519", members };
}

/** A point in its origin's block `blockNumber`. */
export function pointAt(
  blockNumber: number,
  nonce: bigint,
  accumulator = hashOf(`acc ${nonce}`),
  lane = laneOf("A-B"),
): Point {
  const position = {
    blockNumber,
    blockHash: hashOf(`block ${blockNumber}`),
    transactionHash: hashOf(`tx ${nonce}`),
    logIndex: 1,
  };
  const messageId = messageIdOfText(`${lane} ${nonce}`);
  return { lane, messageId, originChainId: A, destinationChainId: B, nonce, accumulator, position };
}

const word = (size: number) =>
  fc
    .uint8Array({ minLength: size, maxLength: size })
    .map((array) => `0x${Buffer.from(array).toString("hex")}`);
export const anyHash = word(32).map((text) => hash.parse(text));
export const anyAddress = word(20).map((text) => address.parse(text));
export const anyPublicKey = word(32).map((text) => publicKey.parse(text));
export const anyNonce = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
export const anyBytes = fc
  .uint8Array({ maxLength: 300 })
  .map((array) => bytes.parse(`0x${Buffer.from(array).toString("hex")}`));
export const anyChainId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map((id) => chainId.parse(id));

export const anyStatement: fc.Arbitrary<Statement> = fc.record({
  domain: anyHash,
  lane: anyHash.map((text) => laneId.parse(text)),
  nonce: anyNonce,
  accumulator: anyHash,
  epoch: anyNonce,
});
