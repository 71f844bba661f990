import type { z } from "zod";
import {
  type EscrowDetail,
  escrowDetail,
  type EscrowList,
  escrowList,
  type MessageList,
  messageList,
} from "../../../relayer/api/list-schema.ts";
import { errorView } from "../../../relayer/api/schema.ts";
import {
  developmentWalletView,
  type DevelopmentWalletView,
  laneTermsView,
  type LaneTermsView,
  messageDetail,
  type MessageDetail,
  networkView,
  type NetworkView,
} from "../../../relayer/api/wallet-schema.ts";

/** How long one request may take, in milliseconds. */
const TIMEOUT = 15_000;

/** What the API said instead of answering; the message is for people. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }
}

/** Asks this page's own origin. Every method throws {@link ApiError}. */
export const api = {
  network: (): Promise<NetworkView> => get("/api/v1/network", networkView),
  laneTerms: (symbol: string, from: string, to: string): Promise<LaneTermsView> =>
    get(`/api/v1/lanes/${from}/${to}/tokens/${symbol}`, laneTermsView),
  message: (id: string): Promise<MessageDetail> => get(`/api/v1/messages/${id}`, messageDetail),
  messages: (query: Readonly<Record<string, string>>): Promise<MessageList> =>
    get(`/api/v1/messages?${new URLSearchParams(query).toString()}`, messageList),
  escrows: (query: Readonly<Record<string, string>>): Promise<EscrowList> =>
    get(`/api/v1/escrows?${new URLSearchParams(query).toString()}`, escrowList),
  escrow: (id: string): Promise<EscrowDetail> => get(`/api/v1/escrows/${id}`, escrowDetail),
  developmentWallet: (): Promise<DevelopmentWalletView> =>
    get("/api/v1/development-wallet", developmentWalletView),
};

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT) });
    body = await response.json();
  } catch {
    throw new ApiError(
      "API",
      "dchat does not answer at the moment. No money is affected: what was sent goes on without this page, which will ask again.",
    );
  }
  const read = response.ok ? schema.safeParse(body) : undefined;
  if (read?.success === true) return read.data;
  const refusal = errorView.safeParse(body);
  if (refusal.success) throw new ApiError(refusal.data.error.code, refusal.data.error.message);
  throw new ApiError("API", "dchat answers in words that this page does not know. Reload the page.");
}
