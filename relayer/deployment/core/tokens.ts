import type { DeploymentFile, DeploymentToken } from "../../domain/deployment-file.ts";
import type { Address } from "../../domain/ids.ts";
import { type ChainLayout, contractAt } from "./layout.ts";

/** The token that is locked on a token's origin. */
export function lockedToken({ chains }: DeploymentFile, { origin, locks }: DeploymentToken): Address {
  if (locks !== "native") return locks;
  const wrapped = chains[origin]?.wrappedNative;
  if (wrapped === undefined)
    throw new Error("the schema requires wrappedNative where the native currency is locked");
  return wrapped;
}

/** Each token with its contract and its bridge on every chain, as the fleet's configuration has them. */
export function tokenSides(file: DeploymentFile, layouts: readonly ChainLayout[]) {
  return Object.fromEntries(
    Object.entries(file.tokens).map(([symbol, token]) => {
      const sides = layouts.map((chain) => {
        const isOrigin = chain.name === token.origin;
        const side = {
          token: isOrigin ? lockedToken(file, token) : contractAt(chain, `token.${symbol}`).address,
          bridge: contractAt(chain, `bridge.${symbol}`).address,
          mode: isOrigin ? ("lock" as const) : ("mint" as const),
        };
        return [chain.name, side] as const;
      });
      return [symbol, { decimals: token.decimals, sides: Object.fromEntries(sides) }];
    }),
  );
}
