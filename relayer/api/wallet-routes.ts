import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { FatalError } from "../domain/errors.ts";
import { chainName, messageId } from "../domain/ids.ts";
import { refusalOf } from "../platform/local-requests.ts";
import type { ReadModel } from "./read-model.ts";
import type { TokenLanes } from "./token-lanes.ts";
import {
  developmentWalletView,
  type DevelopmentWalletView,
  laneTermsView,
  messageDetail,
  networkView,
  type NetworkView,
} from "./wallet-schema.ts";

/** What the wallet page is served from. */
export type WalletServices = {
  readonly network: NetworkView;
  readonly tokenLanes: TokenLanes;
  /** The accounts of a local network; undefined everywhere else. */
  readonly developmentWallet: DevelopmentWalletView | undefined;
};

const lanePath = z.object({ from: chainName, to: chainName, symbol: z.string().min(1).max(16) });

/** Serves what the wallet page needs beyond lists. */
export function addWalletRoutes(
  app: FastifyInstance,
  { network, tokenLanes, developmentWallet }: WalletServices,
  readModel: ReadModel,
): void {
  app.get("/api/v1/network", () => networkView.encode(network));
  app.get("/api/v1/lanes/:from/:to/tokens/:symbol", async ({ params }) => {
    const { symbol, from, to } = lanePath.parse(params);
    return laneTermsView.encode(await tokenLanes.terms(symbol, from, to));
  });
  app.get("/api/v1/messages/:id", async ({ params }) => {
    const { id } = z.object({ id: messageId }).parse(params);
    const view = await readModel.message(id);
    if (view === undefined)
      throw new FatalError(
        "UNKNOWN_MESSAGE",
        `No chain of this network has a message ${id}. Check the id, and that its transaction is in a block.`,
      );
    return messageDetail.encode({ ...view, waiting: await tokenLanes.waiting(view) });
  });
  // No HEAD, and for pages of this very origin alone: what it answers are keys.
  app.get("/api/v1/development-wallet", { exposeHeadRoute: false }, async ({ headers }, reply) => {
    if (developmentWallet === undefined)
      throw new FatalError(
        "UNKNOWN_WALLET",
        "This network has no development wallet: only local networks do. Nothing was done; use a wallet of your own.",
      );
    const refusal = refusalOf(headers);
    if (refusal !== undefined) return reply.code(403).send({ error: refusal });
    return reply.header("cache-control", "no-store").send(developmentWalletView.encode(developmentWallet));
  });
}
