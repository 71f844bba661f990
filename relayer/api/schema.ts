import { z } from "zod";
import { address, chainId, chainName, hash, integer, laneId, messageId, publicKey } from "../domain/ids.ts";

const transaction = z.object({ chain: chainName, transactionHash: hash, blockNumber: z.number().int() });

/** Where one message is: `GET /api/v1/messages/:id`. */
export const messageView = z.object({
  messageId,
  lane: z.object({ id: laneId, from: chainName, to: chainName }),
  nonce: integer,
  sender: address,
  recipient: address,
  /** sent → final → attested → delivered or failed */
  state: z.enum(["sent", "final", "attested", "delivered", "failed"]),
  source: transaction,
  /** How many validators attested, and how many must; null once it is delivered or failed, when it no longer matters. */
  attestations: z
    .object({ count: z.number().int(), threshold: z.number().int(), validators: z.number().int() })
    .nullable(),
  destination: transaction.nullable(),
});
/** {@link messageView} */
export type MessageView = z.infer<typeof messageView>;

/** The state of the whole bridge: `GET /api/v1/status`. */
export const statusView = z.object({
  chains: z.array(
    z.object({
      name: chainName,
      chainId,
      block: z.number().int(),
      final: z.number().int(),
      outbox: address,
      inbox: address,
      validatorSet: z.object({
        epoch: integer,
        threshold: z.number().int(),
        scheme: z.enum(["Ed25519", "BLS12381"]),
        /** Unix seconds. */
        expiresAt: integer,
        /** Ed25519: the public keys. BLS12381: the id of the key set. */
        members: z.array(z.union([publicKey, hash])),
      }),
    }),
  ),
  lanes: z.array(
    z.object({
      id: laneId,
      from: chainName,
      to: chainName,
      /** The nonce of the last message that was sent, and of the last that was accepted on the other side. */
      sent: integer,
      accepted: integer,
    }),
  ),
});
/** {@link statusView} */
export type StatusView = z.infer<typeof statusView>;

/** What a request that failed is answered with. */
export const errorView = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
