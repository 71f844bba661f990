import type { BridgeTerms, WaitingTransfer } from "../bridge/adapters/token-terms.ts";
import { FatalError } from "../domain/errors.ts";
import type { Address, ChainId, ChainName, MessageId } from "../domain/ids.ts";
import type { MessageView } from "./schema.ts";
import type { LaneTermsView, MessageDetail } from "./wallet-schema.ts";

/** One side of a token. */
export type TokenSide = {
  readonly symbol: string;
  readonly decimals: number;
  readonly chain: ChainName;
  readonly chainId: ChainId;
  readonly bridge: Address;
  readonly reader: {
    readonly terms: (other: ChainId) => Promise<BridgeTerms>;
    readonly waiting: (id: MessageId) => Promise<WaitingTransfer | undefined>;
  };
};

/** Answers what tokens' bridges allow, from the chains. */
export class TokenLanes {
  readonly #sides: readonly TokenSide[];

  constructor(sides: readonly TokenSide[]) {
    this.#sides = sides;
  }

  /**
   * What a token's way from one chain to another allows now.
   * @throws FatalError `UNKNOWN_LANE`
   */
  async terms(symbol: string, from: ChainName, to: ChainName): Promise<LaneTermsView> {
    const [here, there] = [this.#side(symbol, from), this.#side(symbol, to)];
    if (here === undefined || there === undefined || from === to)
      throw new FatalError(
        "UNKNOWN_LANE",
        `${symbol} is not bridged from ${from} to ${to}. Nothing was sent; /api/v1/network says what is.`,
      );
    const [origin, destination] = await Promise.all([
      here.reader.terms(there.chainId),
      there.reader.terms(here.chainId),
    ]);
    // One whole token is as much on both sides, though its smallest units may differ.
    const asHere = (amount: bigint) => (amount * origin.unit) / destination.unit;
    const { available, capacity, windowSeconds } = destination.incoming;
    return {
      ...{ symbol, from, to, unit: origin.unit, outgoing: origin.outgoing },
      incoming: { available: asHere(available), capacity: asHere(capacity), windowSeconds },
      delay: { threshold: asHere(destination.delay.threshold), seconds: destination.delay.seconds },
      pausedUntil: { origin: origin.pausedUntil, destination: destination.pausedUntil },
    };
  }

  /** What of a delivered message waits in the bridge that it went to; null where nothing does. */
  async waiting({ state, lane, recipient, messageId }: MessageView): Promise<MessageDetail["waiting"]> {
    const side = this.#sides.find(({ chain, bridge }) => chain === lane.to && bridge === recipient);
    if (state !== "delivered" || side === undefined) return null;
    const found = await side.reader.waiting(messageId);
    return found === undefined ? null : { bridge: side.bridge, ...found };
  }

  #side(symbol: string, chain: ChainName): TokenSide | undefined {
    return this.#sides.find((side) => side.symbol === symbol && side.chain === chain);
  }
}
