import { z } from "zod";
import { address, bytes, chainId, chainName, integer } from "../domain/ids.ts";
import { messageView } from "./schema.ts";

/** Unix seconds. */
const time = z.number().int().nonnegative();
const whole = z.number().int().nonnegative();

/** What a page must know of a network before it can talk to a wallet: `GET /api/v1/network`. All of it is public. */
export const networkView = z.object({
  chains: z.array(
    z.object({
      name: chainName,
      chainId,
      outbox: address,
      inbox: address,
      escrow: address.nullable(),
      /** When an origin block is final. */
      finality: z.union([z.object({ depth: whole }), z.object({ tag: z.enum(["safe", "finalized"]) })]),
      /** The symbol of the native currency. */
      currency: z.string(),
      /** What a wallet that does not know the chain can be offered; null where the operator names nothing. */
      rpcUrl: z.string().nullable(),
      explorerUrl: z.string().nullable(),
    }),
  ),
  tokens: z.array(
    z.object({
      symbol: z.string(),
      decimals: whole,
      sides: z.array(
        z.object({ chain: chainName, token: address, bridge: address, mode: z.enum(["lock", "mint"]) }),
      ),
    }),
  ),
  /** Whether there is a wallet for those who have none: on local networks only. */
  hasDevelopmentWallet: z.boolean(),
});
/** {@link networkView} */
export type NetworkView = z.infer<typeof networkView>;

/** A bucket of a token bridge, in the token's smallest unit on the chain that is left. It refills by `capacity / window` a second. */
const bucket = z.object({ available: integer, capacity: integer, windowSeconds: whole });

/** What one token's way along one lane allows now: `GET /api/v1/lanes/:from/:to/tokens/:symbol`. Amounts in the smallest unit. */
export const laneTermsView = z.object({
  symbol: z.string(),
  from: chainName,
  to: chainName,
  /** What may leave the origin, and what may arrive at the destination. */
  outgoing: bucket,
  incoming: bucket,
  /** Transfers of at least `threshold` are paid `seconds` after they have arrived. */
  delay: z.object({ threshold: integer, seconds: whole }),
  /** Only multiples of this cross; the rest stays with the sender. */
  unit: integer,
  /** Until when each bridge is paused; 0 where it is not. */
  pausedUntil: z.object({ origin: time, destination: time }),
});
/** {@link laneTermsView} */
export type LaneTermsView = z.infer<typeof laneTermsView>;

/** One message with what a page shows of its way: `GET /api/v1/messages/:id`. */
export const messageDetail = messageView.extend({
  /** The origin's newest block, and its newest final one; -1 before there is one. */
  originBlocks: z.object({ newest: z.number().int(), final: z.number().int() }),
  /**
   * What `Inbox.retry` takes of a failed message beside what stands above, and the first bytes of what its recipient reverted with;
   * null for any other.
   */
  kept: z.object({ gasLimit: integer, payload: bytes, reason: bytes }).nullable(),
  /** A large transfer that has arrived and waits to be paid: from `releaseAt` on anybody may push it. */
  waiting: z.object({ bridge: address, releaseAt: time, isHeld: z.boolean(), amount: integer }).nullable(),
});
/** {@link messageDetail} */
export type MessageDetail = z.infer<typeof messageDetail>;

/** The accounts of a local network with their keys: `GET /api/v1/development-wallet`. There is nothing of worth on such chains. */
export const developmentWalletView = z.object({
  accounts: z.array(z.object({ name: z.string(), key: z.string().regex(/^0x[0-9a-f]{64}$/) })),
  chains: z.array(z.object({ chainId, rpcUrl: z.string() })),
});
/** {@link developmentWalletView} */
export type DevelopmentWalletView = z.infer<typeof developmentWalletView>;
