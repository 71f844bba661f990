import { network } from "hardhat";
import {
  Signature,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  type Wallet,
} from "ethers";
import { AuthorizationToken__factory } from "../../../types/ethers-contracts/factories/mocks/AuthorizationToken__factory.ts";
import { MisbehavingAccount__factory } from "../../../types/ethers-contracts/factories/mocks/MisbehavingAccount__factory.ts";
import { MisbehavingToken__factory } from "../../../types/ethers-contracts/factories/mocks/MisbehavingToken.sol/MisbehavingToken__factory.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import {
  actionTypedData,
  createTypedData,
  type SignableAction,
  type TypedData,
} from "../../../relayer/escrow/core/actions.ts";
import { escrowId, packTerms, sortPayees, type PackedTerms } from "../../../relayer/escrow/core/terms.ts";
import {
  ActionKind,
  type Deployment,
  type EscrowId,
  type Hex,
  type Rules,
  Silence,
  type State,
  type Terms,
  ZERO_ADDRESS,
} from "../../../relayer/escrow/core/types.ts";

/** What every escrow test stands on: one network, its accounts, the contract and tokens; and terms to vary. */

export const DAY = 86_400n;
export const AMOUNT = 1_000_000n;
export const FOREVER = (1n << 40n) - 1n;

export const connection = await network.create();
export const { ethers, networkHelpers } = connection;

async function deploy() {
  const [deployer, buyer, seller, arbiter, keeper, stranger, payee1, payee2] = await ethers.getSigners();
  if (!deployer || !buyer || !seller || !arbiter || !keeper || !stranger || !payee1 || !payee2)
    throw new Error("the network has too few accounts");
  const escrow = await new Escrow__factory(deployer).deploy();
  const token = await new MisbehavingToken__factory(deployer).deploy();
  const authorizationToken = await new AuthorizationToken__factory(deployer).deploy(10n ** 30n);
  for (const erc20 of [token, authorizationToken]) {
    await erc20.transfer(buyer, AMOUNT * 1_000n);
    await erc20.connect(buyer).approve(escrow, AMOUNT * 1_000n);
  }
  const { chainId } = await ethers.provider.getNetwork();
  const deployment: Deployment = { chainId, escrow: await escrow.getAddress() };
  const tokenAddress = await token.getAddress();
  const now = BigInt(await networkHelpers.time.latest());
  return {
    deployer,
    buyer,
    seller,
    arbiter,
    keeper,
    stranger,
    payee1,
    payee2,
    escrow,
    token,
    tokenAddress,
    authorizationToken,
    deployment,
    start: now,
  };
}

export type World = Awaited<ReturnType<typeof deploy>>;

/** A fresh world: the chain goes back to where everything has just been deployed. */
export async function world(): Promise<World> {
  return networkHelpers.loadFixture(deploy);
}

export type Changes = Partial<Omit<Terms, "rules">> & { readonly rules?: Partial<Rules> };

/** Sound terms, and what a test wants to be different about them. */
export function makeTerms(w: World, changes: Changes = {}): Terms {
  const { rules, ...others } = changes;
  return {
    buyer: w.buyer.address,
    token: w.tokenAddress,
    arbiter: w.arbiter.address,
    amount: AMOUNT,
    metadata: ethers.id("agreement"),
    milestones: [],
    payees: [{ account: w.seller.address, share: 10_000n }],
    ...others,
    rules: {
      deliverBy: w.start + 30n * DAY,
      reviewFor: 7n * DAY,
      arbiterBy: w.start + 60n * DAY,
      defaultSplit: 3_000n,
      tip: 0n,
      onSilence: Silence.PaysSeller,
      salt: 1n,
      ...rules,
    },
  };
}

/** The seller and further payees, in order. */
export function payees(...parts: readonly (readonly [Hex, bigint])[]): Terms["payees"] {
  return sortPayees(parts.map(([account, share]) => ({ account, share })));
}

/** Three milestones of the whole amount: 20, 30 and 50 per cent, ten days each and the review between. */
export function milestones(w: World): Terms["milestones"] {
  return [
    { amount: 200_000n, deliverBy: w.start + 10n * DAY },
    { amount: 300_000n, deliverBy: w.start + 20n * DAY },
    { amount: 500_000n, deliverBy: w.start + 30n * DAY },
  ];
}

export interface Opened {
  readonly terms: Terms;
  readonly packed: PackedTerms;
  readonly id: EscrowId;
}

export function idOf(w: World, terms: Terms): EscrowId {
  return escrowId(terms, w.deployment);
}

/** Creates an escrow as the buyer. */
export async function locked(w: World, changes: Changes = {}): Promise<Opened> {
  const terms = makeTerms(w, changes);
  const packed = packTerms(terms);
  await w.escrow.connect(w.buyer).create(packed, { value: terms.token === ZERO_ADDRESS ? terms.amount : 0n });
  return { terms, packed, id: idOf(w, terms) };
}

export async function delivered(w: World, changes: Changes = {}): Promise<Opened> {
  const opened = await locked(w, changes);
  await w.escrow.connect(w.seller).deliver(opened.packed);
  return opened;
}

export async function disputed(w: World, changes: Changes = {}): Promise<Opened> {
  const opened = await locked(w, changes);
  await w.escrow.connect(w.buyer).fileDispute(opened.packed);
  return opened;
}

export async function expectState(w: World, id: EscrowId, state: State, remaining: bigint): Promise<void> {
  const { expect } = await import("chai");
  const view = await w.escrow.escrowOf(id);
  expect({ state: Number(view.state), remaining: view.remaining }).to.deep.equal({ state, remaining });
}

/** The next transaction is mined at this second. */
export async function at(time: bigint): Promise<void> {
  await networkHelpers.time.setNextBlockTimestamp(time);
}

export async function mined(sent: Promise<ContractTransactionResponse>): Promise<ContractTransactionReceipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("not mined");
  return receipt;
}

/** When a transaction was mined. */
export async function timeOf(sent: Promise<ContractTransactionResponse>): Promise<bigint> {
  const { blockNumber } = await mined(sent);
  const block = await ethers.provider.getBlock(blockNumber);
  if (block === null) throw new Error("no block");
  return BigInt(block.timestamp);
}

interface TypedSigner {
  signTypedData: Wallet["signTypedData"];
}

export async function signTyped(signer: TypedSigner, { domain, types, message }: TypedData): Promise<Hex> {
  return signer.signTypedData(domain, types, message);
}

export interface SignedAction {
  readonly action: {
    readonly kind: ActionKind;
    readonly account: Hex;
    readonly amount: bigint;
    readonly sequence: bigint;
    readonly uri: string;
  };
  readonly authorization: Authorization;
}

export interface Authorization {
  readonly deadline: bigint;
  readonly signer: Hex;
  readonly signature: Hex;
}

export function authorization(signature: Hex, deadline: bigint = FOREVER, signer: Hex = "0x"): Authorization {
  return { deadline, signer, signature };
}

/** An action of `account`, signed by `signer`. */
export async function signAction(
  w: World,
  signer: TypedSigner,
  account: Hex,
  fields: Omit<SignableAction, "deadline"> & { readonly deadline?: bigint },
): Promise<SignedAction> {
  const full: SignableAction = { deadline: FOREVER, ...fields };
  const signature = await signTyped(signer, actionTypedData(full, w.deployment));
  const { kind, sequence, amount = 0n, uri = "" } = full;
  return {
    action: { kind, account, amount, sequence, uri },
    authorization: authorization(signature, full.deadline),
  };
}

export async function signCreate(
  w: World,
  signer: TypedSigner,
  terms: Terms,
  deadline: bigint = FOREVER,
): Promise<Authorization> {
  const data = createTypedData(terms, idOf(w, terms), deadline, w.deployment);
  return authorization(await signTyped(signer, data), deadline);
}

export const NO_PERMIT = { value: 0n, deadline: 0n, v: 0n, r: ethers.ZeroHash, s: ethers.ZeroHash };

/** An ERC-2612 permit of `owner` for the escrow contract. */
export async function signPermit(w: World, owner: TypedSigner & { address: Hex }, value: bigint) {
  const token = await w.authorizationToken.getAddress();
  const signature = await owner.signTypedData(
    { name: "Authorization", version: "1", chainId: w.deployment.chainId, verifyingContract: token },
    {
      Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name, i) => ({
        name,
        type: i < 2 ? "address" : "uint256",
      })),
    },
    {
      owner: owner.address,
      spender: w.deployment.escrow,
      value,
      nonce: await w.authorizationToken.nonces(owner.address),
      deadline: FOREVER,
    },
  );
  const { v, r, s } = Signature.from(signature);
  return { value, deadline: FOREVER, v, r, s };
}

/** An ERC-3009 authorization of the terms' buyer, whose nonce is `nonce`. */
export async function signReceive(w: World, signer: TypedSigner, terms: Terms, nonce: Hex): Promise<Hex> {
  const token = await w.authorizationToken.getAddress();
  return signer.signTypedData(
    { name: "Authorization", version: "1", chainId: w.deployment.chainId, verifyingContract: token },
    {
      ReceiveWithAuthorization: [
        { name: "from", type: "address" },
        { name: "to", type: "address" },
        { name: "value", type: "uint256" },
        { name: "validAfter", type: "uint256" },
        { name: "validBefore", type: "uint256" },
        { name: "nonce", type: "bytes32" },
      ],
    },
    {
      from: terms.buyer,
      to: w.deployment.escrow,
      value: terms.amount,
      validAfter: 0n,
      validBefore: FOREVER,
      nonce,
    },
  );
}

/** A contract account: an ERC-1271 wallet of `owner` that may misbehave when paid. */
export async function newAccount(w: World, owner: Hex) {
  return new MisbehavingAccount__factory(w.deployer).deploy(owner);
}

export type Account = Awaited<ReturnType<typeof newAccount>>;

export const AccountMood = { Good: 0, Rejects: 1, BurnsGas: 2, ReturnBombs: 3, Calls: 4 } as const;
export const TokenMood = {
  Good: 0,
  TakesFee: 1,
  ReturnsFalse: 2,
  ReturnsNothing: 3,
  RevertsOnZero: 4,
  BurnsGas: 5,
  ReturnBombs: 6,
  Pretends: 7,
} as const;

/** A contract account as the buyer: it holds tokens and has approved the escrow. */
export async function buyerAccount(w: World): Promise<Account> {
  const account = await newAccount(w, w.buyer.address);
  await w.token.connect(w.buyer).transfer(account, AMOUNT * 10n);
  await account.execute(
    w.tokenAddress,
    0n,
    w.token.interface.encodeFunctionData("approve", [w.deployment.escrow, AMOUNT * 10n]),
  );
  return account;
}

/** How much more each holder has of the token after `act`. */
export async function gains(
  w: World,
  holders: readonly Hex[],
  act: () => Promise<unknown>,
): Promise<bigint[]> {
  const balances = () => Promise.all(holders.map((holder) => w.token.balanceOf(holder)));
  const before = await balances();
  await act();
  return (await balances()).map((balance, i) => balance - (before[i] ?? 0n));
}

/** A stranger sends what a party has signed. */
export function execute(w: World, { packed }: Opened, { action, authorization: proof }: SignedAction) {
  return w.escrow.connect(w.stranger).execute(packed, action, proof);
}

/** The release of a buyer who has not acted yet, signed by `signer`. */
export async function releaseSignedBy(w: World, opened: Opened, signer: Parameters<typeof signAction>[1]) {
  return signAction(w, signer, opened.terms.buyer, { kind: ActionKind.Release, id: opened.id, sequence: 0n });
}
