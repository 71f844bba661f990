import {
  type EscrowDetail,
  escrowDetail,
  type EscrowList,
  escrowList,
  type MessageList,
  messageList,
} from "../../../relayer/api/list-schema.ts";
import {
  developmentWalletView,
  type DevelopmentWalletView,
  laneTermsView,
  type LaneTermsView,
  messageDetail,
  type MessageDetail,
} from "../../../relayer/api/wallet-schema.ts";
import { ask } from "../../shared/services/http.ts";

/** Asks this page's own origin. Every method throws {@link ApiError}. */
export const api = {
  laneTerms: (symbol: string, from: string, to: string): Promise<LaneTermsView> =>
    ask(`/api/v1/lanes/${from}/${to}/tokens/${symbol}`, laneTermsView),
  message: (id: string): Promise<MessageDetail> => ask(`/api/v1/messages/${id}`, messageDetail),
  messages: (query: Readonly<Record<string, string>>): Promise<MessageList> =>
    ask(`/api/v1/messages?${new URLSearchParams(query).toString()}`, messageList),
  escrows: (query: Readonly<Record<string, string>>): Promise<EscrowList> =>
    ask(`/api/v1/escrows?${new URLSearchParams(query).toString()}`, escrowList),
  escrow: (id: string): Promise<EscrowDetail> => ask(`/api/v1/escrows/${id}`, escrowDetail),
  developmentWallet: (): Promise<DevelopmentWalletView> =>
    ask("/api/v1/development-wallet", developmentWalletView),
};
