import type { TokenBridge } from "../../../types/ethers-contracts/bridge/TokenBridge.ts";
import { TokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/TokenBridge__factory.ts";
import { type Address, type ChainId, hash, type Hash } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { DelayedTransfer, TokenSide } from "../ports.ts";

const smaller = (a: bigint, b: bigint) => (a < b ? a : b);

/** A {@link TokenSide} over JSON-RPC, as enough providers of its chain tell it. */
export class TokenBridgeReader implements TokenSide {
  readonly #rpc: Rpc;
  readonly #bridge: TokenBridge;
  /** How long transfers wait, in seconds; a constant of the contract. */
  #delay: bigint | undefined;

  constructor(bridge: Address, rpc: Rpc) {
    this.#rpc = rpc;
    this.#bridge = TokenBridge__factory.connect(bridge, rpc.agreed);
  }

  newestBlock(): Promise<number> {
    return this.#rpc.newestBlock();
  }

  async room(counterpart: ChainId) {
    const [limits, available] = await this.#rpc.ask("eth_call", () =>
      Promise.all([this.#bridge.limits(), this.#bridge.available(counterpart)]),
    );
    const { outgoing, outgoingLane, incoming, incomingLane } = limits;
    return {
      outgoing: {
        available: available.outgoing,
        capacity: smaller(outgoing.capacity, outgoingLane.capacity),
      },
      incoming: {
        available: available.incoming,
        capacity: smaller(incoming.capacity, incomingLane.capacity),
      },
    };
  }

  async delayed(from: number, to: number): Promise<readonly DelayedTransfer[]> {
    this.#delay ??= await this.#rpc.ask("eth_call", () => this.#bridge.DELAY());
    const delay = this.#delay;
    const filter = this.#bridge.filters.TransferDelayed();
    const logs = await this.#rpc.ask("eth_getLogs", () => this.#bridge.queryFilter(filter, from, to));
    return logs.map(({ args }) => ({
      id: hash.parse(args.receiveId),
      since: Number(args.releaseAt - delay),
    }));
  }

  async isWaiting(id: Hash): Promise<boolean> {
    return (await this.#rpc.ask("eth_call", () => this.#bridge.pending(id))).releaseAt !== 0n;
  }
}
