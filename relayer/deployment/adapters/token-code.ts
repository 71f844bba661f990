import { BridgedToken__factory } from "../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { LockingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { MintingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/MintingTokenBridge__factory.ts";
import { NativeTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/NativeTokenBridge__factory.ts";
import { parseUnits } from "ethers";
import type { DeploymentToken } from "../../domain/deployment-file.ts";
import { interoperableAddress } from "../../domain/interoperable-address.ts";
import { contractAt } from "../core/layout.ts";
import { lockedToken } from "../core/tokens.ts";
import type { Site } from "./site.ts";

/** What creates tokens and their bridges; their keys have the symbol behind a dot. */
export const tokenCreators = {
  BridgedToken: (site: Site, key: string) => {
    const [symbol, { name, decimals }] = tokenOf(site, key);
    const bridge = site.at(`bridge.${symbol}`);
    return new BridgedToken__factory().getDeployTransaction(name, symbol, decimals, bridge);
  },
  MintingTokenBridge: (site: Site, key: string) => {
    const [symbol, token] = tokenOf(site, key);
    return new MintingTokenBridge__factory().getDeployTransaction(
      site.at(`token.${symbol}`),
      configOf(site, token),
      linksOf(site, key),
    );
  },
  LockingTokenBridge: (site: Site, key: string) =>
    new LockingTokenBridge__factory().getDeployTransaction(...lockingTerms(site, key)),
  NativeTokenBridge: (site: Site, key: string) =>
    new NativeTokenBridge__factory().getDeployTransaction(...lockingTerms(site, key)),
};

function lockingTerms(site: Site, key: string) {
  const [, token] = tokenOf(site, key);
  return [lockedToken(site.terms.file, token), configOf(site, token), linksOf(site, key)] as const;
}

function tokenOf(site: Site, key: string): readonly [symbol: string, token: DeploymentToken] {
  const symbol = key.slice(key.indexOf(".") + 1);
  const token = site.terms.file.tokens[symbol];
  if (token === undefined) throw new Error(`the deployment has no token for ${key}`);
  return [symbol, token];
}

function configOf(site: Site, { decimals, sharedDecimals = decimals, limits, delayFrom }: DeploymentToken) {
  const shared = (amount: string) => parseUnits(amount, sharedDecimals);
  const [all, lane] = [limits.all, limits.lane].map(({ capacity, windowSeconds }) => ({
    capacity: shared(capacity),
    window: windowSeconds,
  }));
  if (all === undefined || lane === undefined) throw new Error("there are two limits");
  return {
    inbox: site.at("inbox"),
    governance: site.at("timelock"),
    guardian: site.guardian,
    sharedDecimals,
    delayThreshold: shared(delayFrom),
    limits: { outgoing: all, outgoingLane: lane, incoming: all, incomingLane: lane },
  };
}

/** Every other chain's bridge of the token, which this one knows for good. */
function linksOf(site: Site, key: string) {
  const gateway = site.at("outbox");
  return site.others.map((other) => ({
    gateway,
    counterpart: interoperableAddress(other.chainId, contractAt(other, key).address),
  }));
}
