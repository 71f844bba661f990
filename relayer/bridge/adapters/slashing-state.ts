import { chainId } from "../../domain/ids.ts";
import { type Evidence, subjectOf } from "../core/case.ts";
import {
  judgeDoubleSigning,
  judgeFalseProof,
  type Judgement,
  OFFENCES,
  type SlashingState,
} from "../core/slashing.ts";
import { readTruth, type StateSource } from "./lane-truth.ts";

/** What the contract `Slashing` would answer to evidence in the state of a block. */
export async function judgeNow(evidence: Evidence, source: StateSource): Promise<Judgement> {
  const state = await readState(evidence, source);
  return evidence.offence === "DoubleSigning"
    ? judgeDoubleSigning(evidence.content, state)
    : judgeFalseProof(evidence.content, state);
}

/** The part of the contracts' state that the judgement of one piece of evidence reads. */
async function readState(evidence: Evidence, source: StateSource): Promise<SlashingState> {
  const { slashing, registry, rpc, now } = source;
  const { validator, place } = subjectOf(evidence);
  const block = { blockTag: source.blockTag };
  const epochs =
    evidence.offence === "DoubleSigning"
      ? [evidence.content.first.epoch, evidence.content.second.epoch]
      : [evidence.content.signed.epoch];
  const [destination, { bond }, { offences }, evidenceWindow, stakes, infos] = await rpc.ask("eth_call", () =>
    Promise.all([
      slashing.destinationOf(place.domain, block),
      registry.validatorOf(validator, block),
      slashing.recordOf(validator, place, block),
      registry.EVIDENCE_WINDOW(block),
      Promise.all(epochs.map((epoch) => registry.stakeAt(validator, epoch, block))),
      Promise.all(epochs.map((epoch) => registry.epochOf(epoch, block))),
    ]),
  );
  const lane = evidence.offence === "FalseProof" ? await readTruth(evidence, source) : undefined;
  return {
    now,
    homeChainId: rpc.chain.chainId,
    evidenceWindow,
    destinationOf: () => (destination === 0n ? undefined : chainId.parse(Number(destination))),
    stakeAt: (_key, epoch) => stakes[epochs.indexOf(epoch)] ?? 0n,
    expiresAt: (epoch) => infos[epochs.indexOf(epoch)]?.expiresAt ?? 0n,
    bondOf: () => bond,
    isSource: () => lane?.isSource === true,
    truth: () => lane?.truth,
    // The watchtower holds Ed25519 signatures alone.
    blsKeyOf: () => undefined,
    keySet: () => [],
    isUsed: (_key, offence) => ((offences >> BigInt(OFFENCES.indexOf(offence))) & 1n) === 1n,
  };
}
