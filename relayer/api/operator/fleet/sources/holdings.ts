import type { HoldingSide } from "../../../../bridge/adapters/token-holdings.ts";
import { RetryableError } from "../../../../domain/errors.ts";
import type { ChainId } from "../../../../domain/ids.ts";
import type { FleetQueries } from "../../../../indexer/adapters/fleet-queries.ts";
import type { HoldingFact } from "../facts.ts";

/** A token with all its sides. */
export type HeldToken = {
  readonly symbol: string;
  readonly decimals: number;
  readonly sides: readonly (HoldingSide & { readonly chainId: ChainId })[];
};

/**
 * How much of each token is locked, minted and undelivered, all of one moment: that of the index. The chains are asked for the blocks at
 * which it stands, so that nothing that crosses meanwhile seems to be missing, or to be there twice.
 * @param read what one side holds at the end of a block
 * @throws RetryableError `INDEX_BEHIND` before the index has begun; whatever reading throws
 */
export async function readHoldings(
  tokens: readonly HeldToken[],
  queries: Pick<FleetQueries, "undelivered">,
  read: (side: HoldingSide, chainId: ChainId, block: number) => Promise<bigint>,
): Promise<readonly HoldingFact[]> {
  const { blocks, tokens: sent } = await queries.undelivered();
  return Promise.all(
    tokens.map(async ({ symbol, decimals, sides }) => {
      const held = await Promise.all(
        sides.map(async (side) => {
          const block = blocks.get(side.chainId);
          if (block === undefined)
            throw new RetryableError("INDEX_BEHIND", `Chain ${side.chainId} is not in the index yet.`);
          return { mode: side.mode, amount: await read(side, side.chainId, block) };
        }),
      );
      const sum = (mode: HoldingSide["mode"]) =>
        held.filter((each) => each.mode === mode).reduce((all, { amount }) => all + amount, 0n);
      const own = sent.filter(({ chainId, token }) =>
        sides.some((side) => side.chainId === chainId && side.token === token),
      );
      const undelivered = own.reduce((all, { amount }) => all + amount, 0n);
      return { symbol, decimals, locked: sum("lock"), minted: sum("mint"), undelivered };
    }),
  );
}
