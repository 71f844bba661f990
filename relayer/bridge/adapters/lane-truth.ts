import { isError, keccak256, ZeroAddress, ZeroHash } from "ethers";
import type { Slashing } from "../../../types/ethers-contracts/bridge/Slashing.ts";
import type { ValidatorRegistry } from "../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { LaneWitness__factory } from "../../../types/ethers-contracts/factories/bridge/LaneWitness__factory.ts";
import { hash, type Hash } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { type FalseProofEvidence, hinted } from "./evidence.ts";

/** The contracts, and the block in whose state they are read. */
export type StateSource = {
  readonly slashing: Slashing;
  readonly registry: ValidatorRegistry;
  readonly rpc: Rpc;
  readonly blockTag: number;
  /** The time of that block, in Unix seconds. */
  readonly now: bigint;
};

/** What the contract `Slashing` knows of the lane that a false proof is about. */
export type LaneTruth = {
  /** Whether it knows the lane's Outbox. */
  readonly isSource: boolean;
  /** acc(nonce), the zero hash where the lane has not come so far, undefined where nobody has shown it. */
  readonly truth: Hash | undefined;
};

/** Reads what the contract would find when it judges: `FalseProofs._truth`. */
export async function readTruth(evidence: FalseProofEvidence, source: StateSource): Promise<LaneTruth> {
  const { slashing, registry, rpc } = source;
  const { originChainId, outbox, signed } = evidence.content;
  const block = { blockTag: source.blockTag };
  const { lane, nonce, domain } = evidence.content.place;
  return rpc.ask("eth_call", async () => {
    const isHome = originChainId === rpc.chain.chainId;
    if (isHome && outbox === (await slashing.REGISTRY(block)))
      return { isSource: true, truth: hash.parse(await registry.validatorSetHash(nonce, block)) };
    const witness = await slashing.witnessOf(originChainId, outbox, block);
    if (witness === ZeroAddress) return { isSource: false, truth: undefined };
    if (isHome) {
      const contract = LaneWitness__factory.connect(witness, rpc.agreed);
      const destination = await slashing.destinationOf(domain, block);
      const answer = contract.accumulatorAt(destination, nonce, block);
      return { isSource: true, truth: await answer.then((known) => hash.parse(known), ifNotKnown) };
    }
    const fact = await slashing.factOf(lane, nonce, block);
    const signatureHash = keccak256(hinted(signed).signature);
    const isUnreached = await slashing.wasUnreached(lane, nonce, signatureHash, block);
    return { isSource: true, truth: fact !== ZeroHash || isUnreached ? hash.parse(fact) : undefined };
  });
}

/** The witness has been shown nothing about a point that the lane has passed. */
function ifNotKnown(error: unknown): undefined {
  if (isError(error, "CALL_EXCEPTION")) return undefined;
  throw error;
}
