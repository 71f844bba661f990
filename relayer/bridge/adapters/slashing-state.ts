import { isError } from "ethers";
import { AttestedPoints__factory } from "../../../types/ethers-contracts/factories/bridge/AttestedPoints__factory.ts";
import { chainId, type PublicKey } from "../../domain/ids.ts";
import type { Evidence } from "../core/case.ts";
import {
  type Downtime,
  DOWNTIME_WINDOW,
  type DowntimeState,
  judgeDoubleSigning,
  judgeDowntime,
  judgeFalseProof,
  type Judgement,
  OFFENCES,
  type SlashingState,
} from "../core/slashing.ts";
import { readTruth, type StateSource } from "./lane-truth.ts";

type AtPlace = Exclude<Evidence, { readonly offence: "ExtendedDowntime" }>;

/** What the contract `Slashing` would answer to evidence in the state of a block. */
export async function judgeNow(evidence: Evidence, source: StateSource): Promise<Judgement> {
  switch (evidence.offence) {
    case "DoubleSigning":
      return judgeDoubleSigning(evidence.content, await readPlace(evidence, source));
    case "FalseProof":
      return judgeFalseProof(evidence.content, await readPlace(evidence, source));
    case "ExtendedDowntime":
      return judgeDowntime(evidence.content, await readWindow(evidence.content, source));
  }
}

/** The part of the contracts' state that the judgement of what was signed for a place reads. */
async function readPlace(evidence: AtPlace, source: StateSource): Promise<SlashingState> {
  const { slashing, rpc } = source;
  const { key, place } = evidence.content;
  const block = { blockTag: source.blockTag };
  const epochs =
    evidence.offence === "DoubleSigning"
      ? [evidence.content.first.epoch, evidence.content.second.epoch]
      : [evidence.content.signed.epoch];
  const [destination, { offences }, member] = await Promise.all([
    rpc.ask("eth_call", () => slashing.destinationOf(place.domain, block)),
    rpc.ask("eth_call", () => slashing.recordOf(key, place, block)),
    readMember(key, epochs, source),
  ]);
  const lane = evidence.offence === "FalseProof" ? await readTruth(evidence, source) : undefined;
  return {
    ...member,
    homeChainId: rpc.chain.chainId,
    destinationOf: () => (destination === 0n ? undefined : chainId.parse(Number(destination))),
    isSource: () => lane?.isSource === true,
    truth: () => lane?.truth,
    // The watchtower holds Ed25519 signatures alone.
    blsKeyOf: () => undefined,
    keySet: () => [],
    isUsed: (_key, offence) => ((offences >> BigInt(OFFENCES.indexOf(offence))) & 1n) === 1n,
  };
}

/** The part that the judgement of a window of recorded points reads. */
async function readWindow({ key, from, index, set }: Downtime, source: StateSource): Promise<DowntimeState> {
  const { slashing, rpc, blockTag } = source;
  const [member, claimableFrom, missing] = await Promise.all([
    readMember(key, [set.epoch], source),
    rpc.ask("eth_call", () => slashing.claimableFrom(key, set.epoch, { blockTag })),
    rpc.ask("eth_call", async () => {
      const points = AttestedPoints__factory.connect(await slashing.POINTS({ blockTag }), rpc.agreed);
      const answer = points.missing(set.epoch, from, DOWNTIME_WINDOW, index, { blockTag });
      return answer.then(Number, whyNot);
    }),
  ]);
  return { ...member, claimableFrom: Number(claimableFrom), missing };
}

/** The contract's reason why it cannot tell who is missing. */
function whyNot(error: unknown): "GraceNotOver" | "PointsNotRecorded" {
  const name = isError(error, "CALL_EXCEPTION") ? error.revert?.name : undefined;
  if (name === "GraceNotOver" || name === "PointsNotRecorded") return name;
  throw error;
}

/** What the registry knows of a validator in some epochs. */
async function readMember(
  key: PublicKey,
  epochs: readonly bigint[],
  { registry, rpc, blockTag, now }: StateSource,
): Promise<Pick<SlashingState, "now" | "evidenceWindow" | "stakeAt" | "expiresAt" | "bondOf">> {
  const block = { blockTag };
  const [{ bond }, evidenceWindow, stakes, infos] = await rpc.ask("eth_call", () =>
    Promise.all([
      registry.validatorOf(key, block),
      registry.EVIDENCE_WINDOW(block),
      Promise.all(epochs.map((epoch) => registry.stakeAt(key, epoch, block))),
      Promise.all(epochs.map((epoch) => registry.epochOf(epoch, block))),
    ]),
  );
  return {
    now,
    evidenceWindow,
    stakeAt: (_key, epoch) => stakes[epochs.indexOf(epoch)] ?? 0n,
    expiresAt: (epoch) => infos[epochs.indexOf(epoch)]?.expiresAt ?? 0n,
    bondOf: () => bond,
  };
}
