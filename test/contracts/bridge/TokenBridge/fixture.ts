import { type AddressLike, type ContractTransactionResponse, getCreateAddress, type Signer } from "ethers";
import { network } from "hardhat";
import { address, chainId, type ChainId } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";

/**
 * What every test of a token bridge stands on: the bridges of one chain, between a gateway that stands for the Inbox and the Outbox, and the
 * counterparts on two other chains, of which there is nothing but the messages.
 */

export const { ethers, networkHelpers } = await network.create();

/** Hardhat's own chain, and the two chains where the counterparts are. */
export const HERE = chainId.parse(31_337);
export const THERE = chainId.parse(7_777);
export const ELSEWHERE = chainId.parse(8_888);
export const COUNTERPART = "0x00000000000000000000000000000000000000B2";

export const DAY = 86_400n;
/** Of these tests: the bridges share 6 decimals of the token's 18. */
export const SHARED = 6n;
export const SCALE = 10n ** 12n;
/** In shared units. */
export const THRESHOLD = 1_000_000n;
export const CAPACITY = 10_000_000n;
export const WINDOW = 1_000n;
export const MOST = 2n ** 128n - 1n;

export const TokenMood = {
  Good: 0,
  TakesFee: 1,
  ReturnsFalse: 2,
  ReturnsNothing: 3,
  Pretends: 7,
  ChargesBoth: 8,
  Inflates: 9,
} as const;
export const AccountMood = { Good: 0, Rejects: 1, BurnsGas: 2, ReturnBombs: 3, Calls: 4 } as const;

/** The same limit for both directions, for the lane and for the whole token. */
export function limits(capacity = CAPACITY, window = WINDOW) {
  const limit = { capacity, window };
  return { outgoing: limit, outgoingLane: limit, incoming: limit, incomingLane: limit };
}

export type Config = {
  readonly inbox: AddressLike;
  readonly governance: AddressLike;
  readonly guardian: AddressLike;
  readonly sharedDecimals: bigint;
  readonly delayThreshold: bigint;
  readonly limits: ReturnType<typeof limits>;
};

async function deploy() {
  const [owner, guardian, alice, stranger] = await ethers.getSigners();
  if (!owner || !guardian || !alice || !stranger) throw new Error("the network has too few accounts");
  const gateway = await ethers.deployContract("LoopbackGateway");
  // Any contract will do: the tests act as it.
  const timelock = await ethers.deployContract("MisbehavingAccount", [owner]);
  const governance = await ethers.getImpersonatedSigner(await timelock.getAddress());
  await networkHelpers.setBalance(governance.address, ethers.parseEther("10"));

  const config: Config = {
    inbox: gateway,
    governance,
    guardian,
    sharedDecimals: SHARED,
    delayThreshold: THRESHOLD,
    limits: limits(),
  };
  const gatewayAddress = await gateway.getAddress();
  const links = [THERE, ELSEWHERE].map((chain) => ({
    gateway: gatewayAddress,
    counterpart: interoperableAddress(chain, address.parse(COUNTERPART)),
  }));
  const token = await ethers.deployContract("MisbehavingToken");
  const locking = await ethers.deployContract("LockingTokenBridge", [token, config, links]);
  const bridged = await deployBridged(owner, 18n);
  const minting = await ethers.deployContract("MintingTokenBridge", [bridged, config, links]);
  const wrapped = await ethers.deployContract("WrappedNative");
  const native = await ethers.deployContract("NativeTokenBridge", [wrapped, config, links]);
  await token.approve(locking, ethers.MaxUint256);
  return {
    ...{ owner, guardian, alice, stranger, governance, gateway, config, links },
    ...{ token, locking, bridged, minting, wrapped, native },
  };
}

export type World = Awaited<ReturnType<typeof deploy>>;

/** A fresh world: the chain goes back to where everything has just been deployed. */
export async function world(): Promise<World> {
  return networkHelpers.loadFixture(deploy);
}

/** A token that the next contract of `deployer` mints and burns. */
export async function deployBridged(deployer: Signer, decimals: bigint) {
  const bridge = getCreateAddress({
    from: await deployer.getAddress(),
    nonce: (await deployer.getNonce()) + 1,
  });
  return ethers.deployContract("BridgedToken", ["Bridged", "BRI", decimals, bridge], deployer);
}

/** A minting bridge of its own, with a token of `decimals`. */
export async function deployMinting(w: World, decimals: bigint, changes: Partial<Config> = {}) {
  const bridged = await deployBridged(w.owner, decimals);
  const config = { ...w.config, ...changes };
  const minting = await ethers.deployContract("MintingTokenBridge", [bridged, config, w.links]);
  return { bridged, minting };
}

/** A locking bridge of its own, with a token of `decimals` of which the owner has `supply`. */
export async function deployLocking(
  w: World,
  decimals: bigint,
  supply: bigint,
  changes: Partial<Config> = {},
) {
  const token = await ethers.deployContract("BridgedToken", ["Home", "HOM", decimals, w.owner]);
  await token.crosschainMint(w.owner, supply);
  const config = { ...w.config, ...changes };
  const locking = await ethers.deployContract("LockingTokenBridge", [token, config, w.links]);
  await token.approve(locking, supply);
  return { token, locking };
}

/** The ERC-7930 address of `account`. */
export function onChain(chain: ChainId, account: string): string {
  return interoperableAddress(chain, address.parse(ethers.getAddress(account)));
}

/** A transfer as the counterpart tells of it. */
export function payloadOf(from: string, to: string, shared: bigint): string {
  return ethers.AbiCoder.defaultAbiCoder().encode(["bytes", "bytes", "uint256"], [from, to, shared]);
}

type Deployed = { getAddress: () => Promise<string> };

export type Arrival = {
  readonly to?: string;
  readonly from?: string;
  readonly chain?: ChainId;
  readonly sender?: string;
  readonly payload?: string;
  readonly id?: string;
};

let arrivals = 0;

/** A message that arrives: a transfer of `shared` units from the owner to the owner, unless a test says otherwise. */
export async function message(w: World, bridge: Deployed, shared: bigint, arrival: Arrival = {}) {
  const chain = arrival.chain ?? THERE;
  const from = arrival.from ?? onChain(chain, w.owner.address);
  return {
    id: arrival.id ?? ethers.id(`arrival ${arrivals++}`),
    bridge: await bridge.getAddress(),
    from,
    sender: arrival.sender ?? onChain(chain, COUNTERPART),
    payload: arrival.payload ?? payloadOf(from, arrival.to ?? w.owner.address, shared),
  };
}

export type TestMessage = Awaited<ReturnType<typeof message>>;

/** Executes it as the Inbox does. */
export async function deliver(w: World, m: TestMessage): Promise<ContractTransactionResponse> {
  return w.gateway.deliver(m.bridge, m.id, m.sender, m.payload);
}

/** A transfer arrives; see {@link message}. */
export async function arrive(
  w: World,
  bridge: Deployed,
  shared: bigint,
  arrival: Arrival = {},
): Promise<ContractTransactionResponse> {
  return deliver(w, await message(w, bridge, shared, arrival));
}

/** A large transfer arrives, to the owner from the owner's address on the other chain, and waits; how long it does. */
export async function delayed(w: World, bridge: Deployed, shared = THRESHOLD, arrival: Arrival = {}) {
  const m = await message(w, bridge, shared, arrival);
  await deliver(w, m);
  return { ...m, releaseAt: BigInt(await networkHelpers.time.latest()) + DAY };
}

/** What the last message sent through the gateway carries. */
export async function lastSent(w: World) {
  const count = await w.gateway.count();
  const payload = await w.gateway.payloads(count);
  const [from, to, shared] = ethers.AbiCoder.defaultAbiCoder().decode(
    ["bytes", "bytes", "uint256"],
    payload,
  ) as unknown as [string, string, bigint];
  return { from, to: ethers.getAddress(to), shared, recipient: await w.gateway.recipients(count), payload };
}

/** Moves the chain's clock: the next block has this timestamp. */
export async function at(timestamp: bigint): Promise<void> {
  await networkHelpers.time.setNextBlockTimestamp(timestamp);
}
