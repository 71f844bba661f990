import { keccak256 } from "ethers";
import { z } from "zod";
import { INTERCHANGE_VERSION } from "../../../relayer/bridge/core/interchange.ts";
import { hash, laneId, publicKey } from "../../../relayer/domain/ids.ts";

/**
 * EIP-3076's interchange tests in dchat's words: a block of Ethereum is a point of one lane, its slot the nonce, its signing root
 * the accumulator. A chain (genesis_validators_root) is a domain.
 *
 * @module
 */

const block = z.object({ pubkey: z.string(), slot: z.string(), signing_root: z.string().optional() });
const signedBlock = block.omit({ pubkey: true });
const interchange = z.object({
  metadata: z.object({ interchange_format_version: z.string(), genesis_validators_root: z.string() }),
  data: z.array(
    z.object({
      pubkey: z.string(),
      signed_blocks: z.array(signedBlock),
      signed_attestations: z.array(z.unknown()),
    }),
  ),
});

/** One of the tests, as their authors wrote it. */
export const testCase = z.object({
  name: z.string(),
  genesis_validators_root: z.string(),
  steps: z.array(
    z.object({
      should_succeed: z.boolean(),
      contains_slashable_data: z.boolean(),
      interchange,
      blocks: z.array(block.extend({ should_succeed: z.boolean(), should_succeed_complete: z.boolean() })),
      attestations: z.array(z.unknown()),
    }),
  ),
});

const lane = laneId.parse(keccak256("0x01"));

/** A chain's domain. */
export const domainOfChain = (genesisValidatorsRoot: string) => hash.parse(keccak256(genesisValidatorsRoot));
/** A key of 32 bytes for one of 48. */
export const keyOf = (blsKey: string) => publicKey.parse(keccak256(blsKey));

/** A block's point; without an accumulator where the block has no signing root. */
export function pointOf({ slot, signing_root: root }: z.infer<typeof signedBlock>, chain: string) {
  return {
    domain: domainOfChain(chain),
    lane,
    nonce: BigInt(slot),
    epoch: 0n,
    ...(root === undefined ? {} : { accumulator: hash.parse(root) }),
  };
}

/** The document that `dchat signer protection import` takes. Attestations have no equal and are left out. */
export function documentOf({ metadata, data }: z.infer<typeof interchange>): unknown {
  const chain = metadata.genesis_validators_root;
  const version = metadata.interchange_format_version;
  return {
    metadata: {
      interchange_format_version: version === "5" ? INTERCHANGE_VERSION : version,
      domains: [domainOfChain(chain)],
    },
    data: data.map(({ pubkey, signed_blocks: blocks }) => ({
      pubkey: keyOf(pubkey),
      signed_points: blocks.map((each) => {
        const { nonce, epoch, ...rest } = pointOf(each, chain);
        return { ...rest, nonce: nonce.toString(), epoch: epoch.toString() };
      }),
    })),
  };
}
