import { getCreateAddress } from "ethers";
import type {
  AttestedPoints,
  BLS12381KeySets,
  Ed25519KeyRegistry,
  LaneWitness,
  MisbehavingAccount,
  MisbehavingToken,
  Outbox,
  Slashing,
  ValidatorRegistry,
} from "../../../types/ethers-contracts/index.ts";
import {
  AWAY,
  AWAY_INBOX,
  AWAY_OUTBOX,
  AWAY_WITNESS,
  COMMIT_LIFE,
  DAY,
  deployer,
  ethers,
  GRACE,
  HOME,
  inbox,
  MINIMUM,
  operatorOf,
  PERIODS,
  Scheme,
  treasury,
  vetoer,
  VETO_WINDOW,
  ZERO,
} from "./slashing-actors.ts";

/** The contracts, and what the registry was deployed with. */
export type Parts = {
  readonly keys: Ed25519KeyRegistry;
  readonly keySets: BLS12381KeySets;
  readonly verifiers: object;
  readonly token: MisbehavingToken;
  readonly governance: MisbehavingAccount;
  readonly outbox: Outbox;
  readonly registry: ValidatorRegistry;
  readonly slashing: Slashing;
  readonly points: AttestedPoints;
  readonly witness: LaneWitness;
  readonly config: object;
};

export type WorldOptions = {
  readonly isNative?: boolean;
  readonly operators?: readonly { operator: number; seats: number }[];
  readonly scheme?: Scheme;
};

/** Deploys everything: the registry's, slashing's and the log's addresses refer to each other. */
export async function deployParts({
  isNative = false,
  operators,
  scheme = Scheme.Ed25519,
}: WorldOptions): Promise<Parts> {
  const keys = await ethers.deployContract("Ed25519KeyRegistry");
  const keySets = await ethers.deployContract("BLS12381KeySets");
  const ed25519 = await ethers.deployContract("Ed25519Verifier");
  const verifiers = {
    ed25519,
    comb: await ethers.deployContract("Ed25519CombVerifier", [keys]),
    bls: await ethers.deployContract("BLS12381Verifier"),
    blsSets: await ethers.deployContract("BLS12381SetVerifier", [keySets]),
    keySets,
  };
  const token = await ethers.deployContract("MisbehavingToken");
  const governance = await ethers.deployContract("MisbehavingAccount", [ZERO]);
  const outbox = await ethers.deployContract("Outbox", [governance, ZERO]);

  const quorumVerifiers = {
    keys,
    batch: await ethers.deployContract("Ed25519CombBatchVerifier", [keys]),
    single: ed25519,
    bls: verifiers.blsSets,
  };
  const nonce = await deployer.getNonce();
  const [slashingAt, pointsAt, witnessAt] = [1, 2, 3].map((i) =>
    getCreateAddress({ from: deployer.address, nonce: nonce + i }),
  ) as [string, string, string];
  const config = {
    ...PERIODS,
    token: isNative ? ZERO : token,
    governance,
    slashing: slashingAt,
    treasury,
    ed25519,
    bls: verifiers.bls,
    keySets,
    minimumBond: MINIMUM,
    operatorCapBps: 3_333,
    rewardBps: 1_000,
  };
  const seats = operators ?? Array.from({ length: 5 }, (_, i) => ({ operator: i, seats: 2 }));
  const admitted = await Promise.all(
    seats.map(async ({ operator, seats }) => ({ operator: (await operatorOf(operator)).address, seats })),
  );
  const registry = await ethers.deployContract("ValidatorRegistry", [config, admitted, 6_666, scheme]);
  const slashing = await ethers.deployContract("Slashing", [
    {
      registry,
      points: pointsAt,
      governance,
      vetoer,
      inbox,
      verifiers,
      vetoWindow: VETO_WINDOW,
      commitLife: COMMIT_LIFE,
      collusionWindow: 14 * DAY,
      collusionMinimum: 2,
    },
    [
      { chainId: HOME, inbox },
      { chainId: AWAY, inbox: AWAY_INBOX },
    ],
    [
      { chainId: HOME, outbox, witness: witnessAt },
      { chainId: AWAY, outbox: AWAY_OUTBOX, witness: AWAY_WITNESS },
    ],
  ]);
  const points = await ethers.deployContract("AttestedPoints", [
    slashing,
    registry,
    verifiers,
    quorumVerifiers,
    GRACE,
  ]);
  const witness = await ethers.deployContract("LaneWitness", [outbox, HOME, slashing]);
  return {
    keys,
    keySets,
    verifiers,
    token,
    governance,
    outbox,
    registry,
    slashing,
    points,
    witness,
    config,
  };
}
