import type { FastifyInstance } from "fastify";
import { FatalError } from "../domain/errors.ts";
import {
  escrowDetail,
  escrowList,
  escrowPath,
  escrowQuery,
  messageList,
  messageQuery,
  slashingList,
  slashingQuery,
  validatorHistory,
  validatorList,
  validatorPath,
} from "./list-schema.ts";
import type { Lists } from "./lists.ts";

/** Serves the lists, which come from the index. */
export function addListRoutes(app: FastifyInstance, lists: Lists): void {
  app.get("/api/v1/messages", async ({ query }) =>
    messageList.encode(await lists.messages(messageQuery.parse(query))),
  );
  app.get("/api/v1/validators", async () => validatorList.encode(await lists.validators()));
  app.get("/api/v1/validators/:key", async ({ params }) =>
    validatorHistory.encode(await lists.validator(validatorPath.parse(params).key)),
  );
  app.get("/api/v1/slashings", async ({ query }) =>
    slashingList.encode(await lists.slashings(slashingQuery.parse(query))),
  );
  app.get("/api/v1/escrows", async ({ query }) =>
    escrowList.encode(await lists.escrows(escrowQuery.parse(query))),
  );
  app.get("/api/v1/escrows/:id", async ({ params }) => {
    const { id } = escrowPath.parse(params);
    const found = await lists.escrow(id);
    if (found !== undefined) return escrowDetail.encode(found);
    throw new FatalError(
      "UNKNOWN_ESCROW",
      `The index has no escrow ${id}. Check the id, and in /api/v1/status whether the index has caught up with its chain.`,
    );
  });
}
