import { type JsonRpcSigner, parseEther } from "ethers";
import type { Address, ChainId } from "../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../relayer/domain/interoperable-address.ts";
import { BridgedToken__factory } from "../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { LockingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { MintingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/MintingTokenBridge__factory.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { deployed, nextAddress } from "./account.ts";

/** The demo token on its home chain, as its contract says. */
export const demoToken = {
  name: "Demo",
  symbol: "DEMO",
  decimals: 18,
  supply: parseEther("1000000"),
} as const;

/** The decimals of amounts on the wire, and a whole token in them. */
const SHARED_DECIMALS = demoToken.decimals; // nothing is lost as dust
const WHOLE = 10n ** BigInt(SHARED_DECIMALS);
const HOUR = 3_600;

/** Half of all tokens an hour each way, and a day's wait for a hundredth of them at once. */
const LIMIT = { capacity: 500_000n * WHOLE, window: HOUR };
const LIMITS = { outgoing: LIMIT, outgoingLane: LIMIT, incoming: LIMIT, incomingLane: LIMIT };
const DELAY_THRESHOLD = 10_000n * WHOLE;

/** One chain as a token's bridge sees it. */
export type TokenSide = {
  readonly signer: JsonRpcSigner;
  readonly chainId: ChainId;
  readonly outbox: Address;
  readonly inbox: Address;
  readonly governance: Address;
  readonly guardian: Address;
};

/**
 * Deploys the demo token, at home on the first chain, and its bridges. Each is told the other's address before it exists, for
 * nobody can link them afterwards.
 */
export async function deployDemoToken(
  home: TokenSide,
  away: TokenSide,
): Promise<readonly [{ token: Address; bridge: Address }, { token: Address; bridge: Address }]> {
  const { name, symbol, decimals, supply } = demoToken;
  const [homeBridge, awayBridge] = [await nextAddress(home.signer, 1), await nextAddress(away.signer, 1)];
  const homeToken = await deployed(new DemoToken__factory(home.signer).deploy(name, symbol, supply));
  const awayToken = await deployed(
    new BridgedToken__factory(away.signer).deploy(name, symbol, decimals, awayBridge),
  );
  const link = ({ outbox }: TokenSide, { chainId }: TokenSide, bridge: Address) => [
    { gateway: outbox, counterpart: interoperableAddress(chainId, bridge) },
  ];
  await deployed(
    new LockingTokenBridge__factory(home.signer).deploy(
      homeToken,
      configOf(home),
      link(home, away, awayBridge),
    ),
    homeBridge,
  );
  await deployed(
    new MintingTokenBridge__factory(away.signer).deploy(
      awayToken,
      configOf(away),
      link(away, home, homeBridge),
    ),
    awayBridge,
  );
  return [
    { token: homeToken, bridge: homeBridge },
    { token: awayToken, bridge: awayBridge },
  ];
}

function configOf({ inbox, governance, guardian }: TokenSide) {
  const sharedDecimals = SHARED_DECIMALS;
  return { inbox, governance, guardian, sharedDecimals, delayThreshold: DELAY_THRESHOLD, limits: LIMITS };
}
