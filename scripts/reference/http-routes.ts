import { z } from "zod";
import {
  escrowDetail,
  escrowList,
  escrowQuery,
  fullStatusView,
  messageList,
  messageQuery,
  slashingList,
  slashingQuery,
  validatorHistory,
  validatorList,
} from "../../relayer/api/list-schema.ts";
import {
  auditView,
  deadLetterList,
  fleetView,
  historyView,
  letterOutcome,
  letterSelection,
  sessionView,
  signIn,
} from "../../relayer/api/operator-schema.ts";
import { RELAYED } from "../../relayer/api/operator/relays.ts";
import {
  developmentWalletView,
  laneTermsView,
  messageDetail,
  networkView,
} from "../../relayer/api/wallet-schema.ts";
import type { Route } from "./core/openapi.ts";

const readiness = z.object({ ok: z.boolean(), reasons: z.array(z.string()) });
const paused = z.object({ queue: z.string(), isPaused: z.boolean() });
const limit = (most: number, usual: number) =>
  z.object({ limit: z.number().int().min(1).max(most).default(usual) });

/** What anybody may ask. */
const open: readonly Route[] = [
  { route: "GET /healthz", what: "Whether the process runs.", answer: z.object({ ok: z.boolean() }) },
  { route: "GET /readyz", what: "Whether it can do its work, and why not; 503 then.", answer: readiness },
  { route: "GET /metrics", what: "Metrics for Prometheus.", type: "text/plain" },
  { route: "GET /api/v1/status", what: "How far chains, lanes and the index are.", answer: fullStatusView },
  {
    route: "GET /api/v1/messages",
    what: "Messages, newest first.",
    query: messageQuery,
    answer: messageList,
  },
  {
    route: "GET /api/v1/messages/:id",
    what: "Where one message is, asked of the chains.",
    answer: messageDetail,
  },
  { route: "GET /api/v1/validators", what: "Everybody who ever joined the registry.", answer: validatorList },
  {
    route: "GET /api/v1/validators/:key",
    what: "What happened to one validator, oldest first.",
    answer: validatorHistory,
  },
  {
    route: "GET /api/v1/slashings",
    what: "The steps of slashings, newest first.",
    query: slashingQuery,
    answer: slashingList,
  },
  { route: "GET /api/v1/escrows", what: "Escrows, newest first.", query: escrowQuery, answer: escrowList },
  { route: "GET /api/v1/escrows/:id", what: "One escrow with its terms and its logs.", answer: escrowDetail },
  { route: "GET /api/v1/network", what: "Chains and tokens, as a wallet needs them.", answer: networkView },
  {
    route: "GET /api/v1/lanes/:from/:to/tokens/:symbol",
    what: "What one token's way along one lane allows now.",
    answer: laneTermsView,
  },
  {
    route: "GET /api/v1/development-wallet",
    what: "Accounts of a local network with their keys: for this origin's own pages, on local networks alone.",
    answer: developmentWalletView,
  },
];

/** What speech shows, to this machine alone. */
const speech: readonly Route[] = [
  { route: "GET /api/v1/speech/state", what: "What is spoken, and what waits." },
  { route: "GET /api/v1/speech/transcript", what: "What was spoken, newest first.", query: limit(500, 50) },
  { route: "GET /api/v1/speech/plans/:id", what: "What an utterance is made of." },
  {
    route: "GET /api/v1/speech/events",
    what: "News of it as server-sent events; with `listening=1` its reader counts as a listener.",
    query: z.object({ listening: z.literal("1").optional() }),
    type: "text/event-stream",
  },
  { route: "GET /api/v1/speech/audio.wav", what: "The sound itself, without an end.", type: "audio/wav" },
];

/** Signing in and out. */
const sessions: readonly Route[] = [
  {
    route: "POST /api/v1/session",
    what: "Exchanges a token for a session.",
    body: signIn,
    answer: sessionView,
  },
  { route: "GET /api/v1/session", what: "Who is signed in.", role: "viewer", answer: sessionView },
  { route: "DELETE /api/v1/session", what: "Signs out." },
  {
    route: "POST /api/v1/session/development",
    what: "Signs the local operator in, on local networks alone.",
    answer: sessionView,
  },
];

const queues = "/api/v1/operator/queues/:queue";
/** What operators see and do. */
const operators: readonly Route[] = [
  { route: "GET /api/v1/operator/fleet", what: "The fleet now.", role: "viewer", answer: fleetView },
  {
    route: "GET /api/v1/operator/events",
    what: "The fleet as server-sent events `fleet`, one a second.",
    role: "viewer",
    type: "text/event-stream",
    answer: fleetView,
  },
  {
    route: "GET /api/v1/operator/history",
    what: "What was measured over time.",
    role: "viewer",
    query: z.object({ minutes: z.number().int().min(1).max(1_440).default(60) }),
    answer: historyView,
  },
  {
    route: `GET ${queues}/failed`,
    what: "Dead letters, oldest first.",
    role: "viewer",
    answer: deadLetterList,
  },
  {
    route: `POST ${queues}/retry`,
    what: "Tries one dead letter again, or all.",
    role: "operator",
    body: letterSelection,
    answer: letterOutcome,
  },
  {
    route: `POST ${queues}/remove`,
    what: "Removes one dead letter, or all.",
    role: "operator",
    body: letterSelection,
    answer: letterOutcome,
  },
  { route: `POST ${queues}/pause`, what: "Pauses a queue.", role: "admin", answer: paused },
  { route: `POST ${queues}/resume`, what: "Resumes a queue.", role: "admin", answer: paused },
  {
    route: "GET /api/v1/operator/audit",
    what: "What was done here, newest first.",
    role: "viewer",
    query: limit(1_000, 100),
    answer: auditView,
  },
];

const relayed: readonly Route[] = Object.values(RELAYED).flatMap(({ prefix, name, routes }) =>
  routes.map(({ route, role }) => ({
    route: route.replace(" ", ` ${prefix}`),
    what: `Handed on to ${name}, which answers.`,
    role,
  })),
);

/** Every request that the HTTP API answers, but for pages and bull-board. */
export const ROUTES: readonly Route[] = [...open, ...speech, ...sessions, ...operators, ...relayed];
