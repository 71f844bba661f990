import { type JsonRpcSigner, parseEther, ZeroAddress } from "ethers";
import { encodeSet } from "../../../relayer/domain/validator-set.ts";
import type { ValidatorSet } from "../../../relayer/domain/bridge.ts";
import { address, type Address } from "../../../relayer/domain/ids.ts";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { LaneWitness__factory } from "../../../types/ethers-contracts/factories/bridge/LaneWitness__factory.ts";
import { Outbox__factory } from "../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { Timelock__factory } from "../../../types/ethers-contracts/factories/bridge/Timelock__factory.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { deployed, deployerOf, type LocalChain, nextAddress } from "./account.ts";
import { demoToken, deployDemoToken, type TokenSide } from "./tokens.ts";
import {
  type BridgeSide,
  type LocalValidator,
  deployValidatorContracts,
  formFirstSet,
  VALIDATOR_CONTRACTS,
  type ValidatorContracts,
} from "./validators.ts";
import { deploySignatureContracts, quorumVerifiers, type SignatureContracts } from "./verifiers.ts";

/** How long governance's decisions are on view before they count, on a local network, in seconds. */
const TIMELOCK_SECONDS = 60;

/** Who takes part in the local network. */
export type Participants = {
  readonly validators: readonly LocalValidator[];
  /** The share of the validators that must sign, in hundredths of a percent. */
  readonly thresholdBps: number;
  /** Gets the demo tokens, and native currency on both chains. */
  readonly wallet: Address;
  /** Get native currency on both chains: who sends transactions. */
  readonly senders: readonly Address[];
};

/** Where the contracts of one chain are. */
export type Deployment = {
  readonly outbox: Address;
  readonly inbox: Address;
  readonly witness: Address;
  readonly token: Address;
  readonly bridge: Address;
  readonly escrow: Address;
};

/** A chain, what is deployed there first, and where the rest will be. */
type Side = TokenSide & BridgeSide & { readonly chain: LocalChain; readonly verifiers: SignatureContracts };

/**
 * Deploys the bridge and the escrow on two chains. The first is home: there are the validators' bonds, and a demo token. The
 * contracts have no owner who could link them afterwards, so each is told the others' addresses before they exist: an account and its
 * nonce determine them.
 */
export async function deployBridge(
  homeChain: LocalChain,
  awayChain: LocalChain,
  participants: Participants,
): Promise<{ readonly sides: readonly [Deployment, Deployment]; readonly validators: ValidatorContracts }> {
  const operators = await fundOperators(await deployerOf(homeChain), participants);
  const [home, away] = await Promise.all([
    prepareSide(homeChain, participants, VALIDATOR_CONTRACTS),
    prepareSide(awayChain, participants, 0),
  ]);
  const validators = await deployValidatorContracts(home.signer, home.verifiers, operators, {
    ...home,
    thresholdBps: participants.thresholdBps,
    sides: [home, away],
  });
  const first = await formFirstSet(homeChain, validators.registry, participants.validators);
  await Promise.all([
    deployBridgeSide(home, away, home, validators, first),
    deployBridgeSide(away, home, home, validators, first),
  ]);
  const tokens = await deployDemoToken(home, away);
  const escrows = await Promise.all(
    [home, away].map((side) => deployed(new Escrow__factory(side.signer).deploy())),
  );
  await Promise.all([home, away].map((side) => fund(side.signer, participants)));
  const token = DemoToken__factory.connect(tokens[0].token, home.signer);
  await (await token.transfer(participants.wallet, demoToken.supply)).wait();
  const sideOf = ({ outbox, inbox, witness }: Side, i: 0 | 1): Deployment => {
    const escrow = escrows[i];
    if (escrow === undefined) throw new Error("an escrow was deployed on each chain");
    return { outbox, inbox, witness, ...tokens[i], escrow };
  };
  return { sides: [sideOf(home, 0), sideOf(away, 1)], validators };
}

/** Deploys what needs nothing else. @param before how many contracts its deployer will deploy before the Inbox */
async function prepareSide(chain: LocalChain, { validators }: Participants, before: number): Promise<Side> {
  const signer = await deployerOf(chain);
  const guardian = address.parse(await signer.getAddress());
  const verifiers = await deploySignatureContracts(
    signer,
    validators.map(({ key }) => key),
  );
  const governance = await deployed(
    new Timelock__factory(signer).deploy(TIMELOCK_SECONDS, [guardian], [ZeroAddress]),
  );
  const outbox = await deployed(new Outbox__factory(signer).deploy(governance, guardian));
  const [inbox, witness] = [await nextAddress(signer, before), await nextAddress(signer, before + 1)];
  return { chain, chainId: chain.chainId, signer, guardian, verifiers, governance, outbox, inbox, witness };
}

/** Deploys one side's Inbox and witness where {@link prepareSide} said that they would be. */
async function deployBridgeSide(
  { signer, verifiers, governance, guardian, outbox, inbox, witness }: Side,
  origin: Side,
  home: Side,
  { registry, slashing }: ValidatorContracts,
  first: ValidatorSet,
): Promise<void> {
  await deployed(
    new Inbox__factory(signer).deploy(
      quorumVerifiers(verifiers),
      { chainId: home.chainId, registry, first: encodeSet(first) },
      [{ chainId: origin.chainId, outbox: origin.outbox }],
      governance,
      guardian,
    ),
    inbox,
  );
  await deployed(new LaneWitness__factory(signer).deploy(outbox, home.chainId, slashing), witness);
}

/** Gives each operator enough for its bond, before any address is foreseen. */
async function fundOperators(
  signer: JsonRpcSigner,
  { validators }: Participants,
): Promise<readonly Address[]> {
  const operators = await Promise.all(validators.map(({ operator }) => operator.getAddress()));
  for (const to of operators) await (await signer.sendTransaction({ to, value: parseEther("1000") })).wait();
  return operators.map((operator) => address.parse(operator));
}

async function fund(signer: JsonRpcSigner, { wallet, senders }: Participants): Promise<void> {
  for (const to of [wallet, ...senders])
    await (await signer.sendTransaction({ to, value: parseEther("100") })).wait();
}
