import {
  type BaseContract,
  getCreateAddress,
  type JsonRpcProvider,
  type JsonRpcSigner,
  parseEther,
} from "ethers";
import { interoperableAddress } from "../../relayer/domain/interoperable-address.ts";
import { address, type Address, type ChainId, type PublicKey } from "../../relayer/domain/ids.ts";
import { BridgedToken__factory } from "../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { Inbox__factory } from "../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { LockingTokenBridge__factory } from "../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { MintingTokenBridge__factory } from "../../types/ethers-contracts/factories/bridge/MintingTokenBridge__factory.ts";
import { Outbox__factory } from "../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { Ed25519Verifier__factory } from "../../types/ethers-contracts/factories/crypto/Ed25519Verifier__factory.ts";
import { Escrow__factory } from "../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { DemoToken__factory } from "../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";

/** A local chain to deploy on; its first account is unlocked and rich. */
export type LocalChain = { readonly chainId: ChainId; readonly provider: JsonRpcProvider };

/** Who takes part in the local network. */
export type Participants = {
  /** Ascending. */
  readonly validators: readonly PublicKey[];
  readonly threshold: number;
  /** Gets the demo tokens, and native currency on both chains. */
  readonly wallet: Address;
  /** Get native currency on both chains: who sends transactions. */
  readonly senders: readonly Address[];
};

/** Where the contracts of one chain are. */
export type Deployment = {
  readonly outbox: Address;
  readonly inbox: Address;
  readonly token: Address;
  readonly bridge: Address;
  readonly escrow: Address;
};

/** The demo token on its home chain, as its contract says. */
export const demoToken = {
  name: "Demo",
  symbol: "DEMO",
  decimals: 18,
  supply: parseEther("1000000"),
} as const;

/**
 * Deploys the bridge and the escrow on two chains, and a demo token that is at home on the first. The contracts have no owner who could link
 * them afterwards, so each side is told the other's address before it exists: an account and its nonce determine it.
 */
export async function deployBridge(
  home: LocalChain,
  away: LocalChain,
  participants: Participants,
): Promise<readonly [Deployment, Deployment]> {
  const deployers = await Promise.all([home, away].map(({ provider }) => provider.getSigner(0)));
  const [homeSigner, awaySigner] = deployers as [JsonRpcSigner, JsonRpcSigner];
  const outboxes = await Promise.all([
    deployed(new Outbox__factory(homeSigner).deploy()),
    deployed(new Outbox__factory(awaySigner).deploy()),
  ]);
  const [homeInbox, awayInbox] = await Promise.all([
    deployInbox(homeSigner, participants, away.chainId, outboxes[1]),
    deployInbox(awaySigner, participants, home.chainId, outboxes[0]),
  ]);

  const homeToken = await deployed(
    new DemoToken__factory(homeSigner).deploy(demoToken.name, demoToken.symbol, demoToken.supply),
  );
  const homeBridge = await nextAddress(homeSigner, 0);
  const awayBridge = await nextAddress(awaySigner, 1); // after the token
  const awayToken = await deployed(
    new BridgedToken__factory(awaySigner).deploy(
      demoToken.name,
      demoToken.symbol,
      demoToken.decimals,
      awayBridge,
    ),
  );
  const link = (outbox: Address, chain: ChainId, bridge: Address) => [
    { gateway: outbox, counterpart: interoperableAddress(chain, bridge) },
  ];
  await Promise.all([
    deployed(
      new LockingTokenBridge__factory(homeSigner).deploy(
        homeToken,
        homeInbox,
        link(outboxes[0], away.chainId, awayBridge),
      ),
      homeBridge,
    ),
    deployed(
      new MintingTokenBridge__factory(awaySigner).deploy(
        awayToken,
        awayInbox,
        link(outboxes[1], home.chainId, homeBridge),
      ),
      awayBridge,
    ),
  ]);

  const escrows = await Promise.all([
    deployed(new Escrow__factory(homeSigner).deploy()),
    deployed(new Escrow__factory(awaySigner).deploy()),
  ]);
  await Promise.all([fund(homeSigner, participants), fund(awaySigner, participants)]);
  await (
    await DemoToken__factory.connect(homeToken, homeSigner).transfer(participants.wallet, demoToken.supply)
  ).wait();
  return [
    { outbox: outboxes[0], inbox: homeInbox, token: homeToken, bridge: homeBridge, escrow: escrows[0] },
    { outbox: outboxes[1], inbox: awayInbox, token: awayToken, bridge: awayBridge, escrow: escrows[1] },
  ];
}

async function deployInbox(
  signer: JsonRpcSigner,
  { validators, threshold }: Participants,
  origin: ChainId,
  outbox: Address,
): Promise<Address> {
  const verifier = await deployed(new Ed25519Verifier__factory(signer).deploy());
  const set = { epoch: 1, threshold, validators: [...validators] };
  return deployed(new Inbox__factory(signer).deploy(verifier, set, [{ chainId: origin, outbox }]));
}

async function fund(signer: JsonRpcSigner, { wallet, senders }: Participants): Promise<void> {
  for (const to of [wallet, ...senders])
    await (await signer.sendTransaction({ to, value: parseEther("100") })).wait();
}

async function nextAddress(signer: JsonRpcSigner, after: number): Promise<Address> {
  const nonce = (await signer.getNonce()) + after;
  return address.parse(getCreateAddress({ from: await signer.getAddress(), nonce }));
}

async function deployed(deploying: Promise<BaseContract>, expected?: Address): Promise<Address> {
  const contract = await (await deploying).waitForDeployment();
  const actual = address.parse(await contract.getAddress());
  if (expected !== undefined && actual !== expected)
    throw new Error(`deployed at ${actual}, not at ${expected} as the other side was told`);
  return actual;
}
