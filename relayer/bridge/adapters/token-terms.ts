import { ITokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/interfaces/ITokenBridge__factory.ts";
import { TokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/TokenBridge__factory.ts";
import type { Address, ChainId, MessageId } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";

/** A bucket, in the token's smallest unit on its chain; it refills by `capacity / windowSeconds` a second. */
export type Bucket = {
  readonly available: bigint;
  readonly capacity: bigint;
  readonly windowSeconds: number;
};

/** What one side of a token's bridge lets pass now; amounts in the token's smallest unit there. */
export type BridgeTerms = {
  readonly outgoing: Bucket;
  readonly incoming: Bucket;
  readonly delay: { readonly threshold: bigint; readonly seconds: number };
  /** Only multiples of this cross. */
  readonly unit: bigint;
  /** Unix seconds; 0 while it is not paused. */
  readonly pausedUntil: number;
};

/** A transfer that has arrived and waits to be paid. */
export type WaitingTransfer = {
  readonly releaseAt: number;
  readonly isHeld: boolean;
  readonly amount: bigint;
};

/** Reads what a token's bridge allows, and what waits in it. */
export class TokenTermsReader {
  readonly #rpc: Rpc;
  readonly #address: Address;

  constructor(rpc: Rpc, bridge: Address) {
    this.#rpc = rpc;
    this.#address = bridge;
  }

  /** What may pass from and to the chain `other` now. */
  async terms(other: ChainId): Promise<BridgeTerms> {
    const bridge = TokenBridge__factory.connect(this.#address, this.#rpc.provider);
    const [limits, [outgoing, incoming], threshold, seconds, unit, until] = await this.#rpc.ask(
      "eth_call",
      () =>
        Promise.all([
          bridge.limits(),
          bridge.available(other),
          bridge.delayThreshold(),
          bridge.DELAY(),
          bridge.SCALE(),
          bridge.pausedUntil(),
        ]),
    );
    const bucket = (
      available: bigint,
      whole: { readonly capacity: bigint; readonly window: bigint },
      lane: { readonly capacity: bigint; readonly window: bigint },
    ): Bucket => {
      // The smaller of the two is what a single transfer can ever pass.
      const tighter = lane.capacity < whole.capacity ? lane : whole;
      return {
        available: available * unit,
        capacity: tighter.capacity * unit,
        windowSeconds: Number(tighter.window),
      };
    };
    return {
      outgoing: bucket(outgoing, limits.outgoing, limits.outgoingLane),
      incoming: bucket(incoming, limits.incoming, limits.incomingLane),
      delay: { threshold: threshold * unit, seconds: Number(seconds) },
      unit,
      pausedUntil: await this.#stillPaused(until),
    };
  }

  /** The transfer that waits under a message's id; undefined where none does. */
  async waiting(id: MessageId): Promise<WaitingTransfer | undefined> {
    const bridge = ITokenBridge__factory.connect(this.#address, this.#rpc.provider);
    const [pending, unit] = await this.#rpc.ask("eth_call", () =>
      Promise.all([bridge.pending(id), bridge.SCALE()]),
    );
    if (pending.releaseAt === 0n) return undefined;
    return { releaseAt: Number(pending.releaseAt), isHeld: pending.held, amount: pending.amount * unit };
  }

  /** A pause that has ended is none. */
  async #stillPaused(until: bigint): Promise<number> {
    if (until === 0n) return 0;
    const now = await this.#rpc.timeOf(await this.#rpc.newestBlock());
    return now < Number(until) ? Number(until) : 0;
  }
}
