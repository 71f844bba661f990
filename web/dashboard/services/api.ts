import { z } from "zod";
import {
  type MessageList,
  messageList,
  type SlashingList,
  slashingList,
  validatorHistory,
  type ValidatorHistory,
  type ValidatorList,
  validatorList,
} from "../../../relayer/api/list-schema.ts";
import {
  auditView,
  type AuditView,
  deadLetterList,
  type DeadLetterList,
  historyView,
  type HistoryView,
  letterOutcome,
} from "../../../relayer/api/operator-schema.ts";
import { messageDetail, type MessageDetail } from "../../../relayer/api/wallet-schema.ts";
import { ask } from "../../shared/services/http.ts";
import { change, read } from "./session.ts";

const OPERATOR = "/api/v1/operator";
const AUDIT_ROWS = 500;

/** What is done with dead letters. */
export type LetterAct = "retry" | "remove";

/** What the API has for everybody, and what it has for operators. Every method throws ApiError. */
export const api = {
  messages: (query: Readonly<Record<string, string>>): Promise<MessageList> =>
    ask(`/api/v1/messages?${new URLSearchParams(query).toString()}`, messageList),
  message: (id: string): Promise<MessageDetail> => ask(`/api/v1/messages/${id}`, messageDetail),
  validators: (): Promise<ValidatorList> => ask("/api/v1/validators", validatorList),
  validator: (key: string): Promise<ValidatorHistory> => ask(`/api/v1/validators/${key}`, validatorHistory),
  slashings: (query: Readonly<Record<string, string>>): Promise<SlashingList> =>
    ask(`/api/v1/slashings?${new URLSearchParams(query).toString()}`, slashingList),
  history: (minutes: number): Promise<HistoryView> =>
    read(`${OPERATOR}/history?minutes=${minutes}`, historyView),
  deadLetters: (queue: string): Promise<DeadLetterList> =>
    read(`${OPERATOR}/queues/${queue}/failed`, deadLetterList),
  /** @param id of one; undefined for all of the queue @returns how many */
  handleLetters: async (queue: string, act: LetterAct, id: string | undefined): Promise<number> => {
    const body = id === undefined ? {} : { id };
    return (await change(`${OPERATOR}/queues/${queue}/${act}`, letterOutcome, { method: "POST", body })).jobs;
  },
  /** Whether workers take what waits in a queue. */
  pause: async (queue: string, isPaused: boolean): Promise<void> => {
    const act = isPaused ? "pause" : "resume";
    await change(`${OPERATOR}/queues/${queue}/${act}`, z.unknown(), { method: "POST" });
  },
  audit: (): Promise<AuditView> => read(`${OPERATOR}/audit?limit=${AUDIT_ROWS}`, auditView),
};
