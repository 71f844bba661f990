import { type JsonRpcSigner, parseEther, type Signer, ZeroAddress, ZeroHash } from "ethers";
import { OperatorWallet } from "../../../relayer/bridge/adapters/operator-wallet.ts";
import { schemeCodes } from "../../../relayer/domain/validator-set.ts";
import type { SigningKey } from "../../../relayer/bridge/ports.ts";
import type { ValidatorSet } from "../../../relayer/domain/bridge.ts";
import { type Address, hash } from "../../../relayer/domain/ids.ts";
import { AttestedPoints__factory } from "../../../types/ethers-contracts/factories/bridge/AttestedPoints__factory.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { deployed, type LocalChain, nextAddress } from "./account.ts";
import { quorumVerifiers, type SignatureContracts } from "./verifiers.ts";

const MINUTE = 60;
const DAY = 24 * 3600;
const MINIMUM_BOND = parseEther("100");

/** Local periods: short where people try things out, long where a network that is left alone would stop. In seconds. */
const PERIODS = {
  validity: 30 * DAY,
  evidenceWindow: 14 * DAY,
  unbonding: 45 * DAY,
  overlap: 10 * MINUTE,
  epochLength: 10,
  jailTime: MINUTE,
} as const;
const VETO_WINDOW = 2 * MINUTE;
const COMMIT_LIFE = 10 * MINUTE;
const GRACE = 2 * MINUTE;

/** The contracts of the home chain that are about validators. */
export type ValidatorContracts = {
  readonly registry: Address;
  readonly slashing: Address;
  readonly points: Address;
};

/** Where each chain's contracts are or will be. */
export type BridgeSide = {
  readonly chainId: number;
  readonly outbox: Address;
  readonly inbox: Address;
  readonly witness: Address;
};

/** What the registry is told about the world. */
export type RegistryOptions = {
  readonly governance: Address;
  /** Vetoes, and gets what is slashed. */
  readonly guardian: Address;
  readonly thresholdBps: number;
  readonly sides: readonly [home: BridgeSide, ...others: BridgeSide[]];
};

/** A validator, and the account, connected to the home chain, that joins with it and pays the bond. */
export type LocalValidator = { readonly key: SigningKey; readonly operator: Signer };

/** How many contracts {@link deployValidatorContracts} deploys: the Inbox of the home chain comes next. */
export const VALIDATOR_CONTRACTS = 3;

/** Deploys registry, slashing and the log of attested points; their addresses refer to each other. */
export async function deployValidatorContracts(
  signer: JsonRpcSigner,
  verifiers: SignatureContracts,
  operators: readonly Address[],
  { governance, guardian, thresholdBps, sides }: RegistryOptions,
): Promise<ValidatorContracts> {
  const [slashing, points] = [await nextAddress(signer, 1), await nextAddress(signer, 2)];
  const config = {
    ...PERIODS,
    token: ZeroAddress,
    governance,
    slashing,
    treasury: guardian,
    ed25519: verifiers.ed25519,
    bls: verifiers.bls,
    keySets: verifiers.keySets,
    minimumBond: MINIMUM_BOND,
    operatorCapBps: 3_333,
    rewardBps: 1_000,
  };
  const seats = operators.map((operator) => ({ operator, seats: 1 }));
  const registry = await deployed(
    new ValidatorRegistry__factory(signer).deploy(config, seats, thresholdBps, schemeCodes.Ed25519),
  );
  const slashingConfig = {
    registry,
    points,
    governance,
    vetoer: guardian,
    inbox: sides[0].inbox,
    verifiers,
    vetoWindow: VETO_WINDOW,
    commitLife: COMMIT_LIFE,
    collusionWindow: 14 * DAY,
    collusionMinimum: 2,
  };
  await deployed(new Slashing__factory(signer).deploy(slashingConfig, [...sides], [...sides]), slashing);
  await deployed(
    new AttestedPoints__factory(signer).deploy(
      slashing,
      registry,
      verifiers,
      quorumVerifiers(verifiers),
      GRACE,
    ),
    points,
  );
  return { registry, slashing, points };
}

/** Joins with each validator under its operator, and forms the first set. */
export async function formFirstSet(
  { provider }: LocalChain,
  registry: Address,
  validators: readonly LocalValidator[],
): Promise<ValidatorSet> {
  const signal = new AbortController().signal;
  const contract = ValidatorRegistry__factory.connect(registry, provider);
  const wallets = validators.map(({ operator }) => new OperatorWallet(registry, operator, signal));
  for (const [i, { key, operator }] of validators.entries()) {
    const account = await operator.getAddress();
    const digest = hash.parse(await contract.joinDigest(account, key.publicKey, ZeroHash));
    await wallets[i]?.join({ key: key.publicKey, bond: MINIMUM_BOND, proof: await key.sign(digest) });
  }
  const formed = await wallets[0]?.formSet(validators.map(({ key }) => key.publicKey).sort());
  if (formed === undefined) throw new Error("there are no validators");
  return formed.set;
}
