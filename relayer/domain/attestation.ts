import { AbiCoder, concat, id as keccakOfText, keccak256, toBeHex } from "ethers";
import type { Statement } from "./bridge.ts";
import { type Address, type ChainId, hash, type Hash } from "./ids.ts";

const abi = AbiCoder.defaultAbiCoder();
const DOMAIN_TYPEHASH = keccakOfText("dchat.Domain/1(uint256 chainId,address inbox)");
const ATTESTATION_TYPEHASH = keccakOfText(
  "dchat.Attestation/1(bytes32 domain,bytes32 lane,uint64 nonce,bytes32 accumulator,uint64 epoch)",
);

/** The domain of the attestations that `inbox` on `chainId` accepts: `AttestationLib.domain`. */
export function domainOf(chainId: ChainId, inbox: Address): Hash {
  return hash.parse(
    keccak256(abi.encode(["bytes32", "uint256", "address"], [DOMAIN_TYPEHASH, chainId, inbox])),
  );
}

/** The 32 bytes that a validator signs: `AttestationLib.digest`. */
export function digestOf({ domain, lane, nonce, accumulator, epoch }: Statement): Hash {
  // abi.encode of these types, without its generality: every attestation is digested by the signer and by each aggregator.
  const words = [ATTESTATION_TYPEHASH, domain, lane, word(nonce), accumulator, word(epoch)];
  return hash.parse(keccak256(concat(words)));
}

function word(value: bigint): string {
  return toBeHex(value, 32);
}
