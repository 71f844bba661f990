import { join } from "node:path";
import files from "@fastify/static";
import Fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import { CSRF_HEADER } from "../../../relayer/api/operator-schema.ts";
import type { UserRole } from "../../../relayer/domain/actor.ts";
import { repository } from "../../relayer/support/processes.ts";
import { fakeAlerts, fakeEscalations, fakeHistoryOfAlerts, fakeSilences } from "./fake-alerts.ts";
import { fakeCatalogue, fakePreview, fakeRun, fakeRuns } from "./fake-chaos.ts";
import {
  fakeAudit,
  fakeFleet,
  fakeHistory,
  fakeLetters,
  fakeMessages,
  fakeNetwork,
  fakeSlashings,
  fakeStatus,
  fakeValidators,
  type Scene,
} from "./fake-fleet.ts";
import { fakeSpeech } from "./fake-speech.ts";

const POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";
const EVENT_MILLISECONDS = 500;
const asked = z.record(z.string(), z.string());

/** The API of a fleet that was made up, with the built pages. It takes everything that is asked of it, and remembers what that was. */
export class FakeApi {
  /** What every answer is made from. */
  scene: Scene = "usual";
  /** The role of whoever is signed in; undefined: nobody is. */
  role: UserRole | undefined;
  /** Nothing new is said while it is silent, and the line stays open. */
  isSilent = false;
  /** Everything that would have changed something: method, path and body. */
  readonly asked: { readonly what: string; readonly body: unknown }[] = [];
  readonly #app: FastifyInstance;

  private constructor(app: FastifyInstance) {
    this.#app = app;
  }

  static async start(): Promise<{ readonly api: FakeApi; readonly url: string }> {
    const app = Fastify({ forceCloseConnections: true });
    const api = new FakeApi(app);
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("content-security-policy", POLICY);
      await Promise.resolve();
    });
    const root = (folder: string) => join(repository, "web/dist", folder);
    const built = { decorateReply: false, preCompressed: true } as const;
    await app.register(files, { root: root("dashboard"), ...built });
    await app.register(files, { root: root("assets"), prefix: "/assets/", ...built });
    api.#addSession();
    api.#addPublic();
    api.#addOperator();
    api.#addOthers();
    api.#addChanges();
    return { api, url: await app.listen({ host: "127.0.0.1", port: 0 }) };
  }

  async stop(): Promise<void> {
    await this.#app.close();
  }

  #get(path: string, answer: (query: Readonly<Record<string, string>>) => unknown): void {
    this.#app.get(path, (request) =>
      answer(asked.parse({ ...Object(request.query), ...Object(request.params) })),
    );
  }

  #addSession(): void {
    const view = () => ({
      user: { name: this.role ?? "nobody", role: this.role },
      ...{ csrfToken: "csrf", expiresAt: Date.now() + 3_600_000 },
    });
    this.#app.get("/api/v1/session", (_request, reply) =>
      this.role === undefined
        ? reply.code(401).send({ error: { code: "UNAUTHENTICATED", message: "Nobody is signed in." } })
        : view(),
    );
    for (const path of ["/api/v1/session", "/api/v1/session/development"])
      this.#app.post(path, () => {
        this.role ??= "admin";
        return view();
      });
    this.#app.delete("/api/v1/session", (_request, reply) => {
      this.role = undefined;
      return reply.code(204).send();
    });
  }

  #addPublic(): void {
    this.#get("/api/v1/network", fakeNetwork);
    this.#get("/api/v1/status", () => fakeStatus(this.scene));
    this.#get("/api/v1/messages", (query) => fakeMessages(this.scene, query));
    this.#get("/api/v1/messages/:id", () => {
      const [first] = fakeMessages("usual", {}).messages;
      return { ...first, originBlocks: { newest: 4_200, final: 4_198 }, waiting: null };
    });
    this.#get("/api/v1/validators", () => fakeValidators(this.scene));
    this.#get("/api/v1/validators/:key", () => ({ events: [], index: fakeStatus("usual").index.chains }));
    this.#get("/api/v1/slashings", () => fakeSlashings(this.scene));
  }

  #addOperator(): void {
    this.#get("/api/v1/operator/history", () => fakeHistory(this.scene));
    this.#get("/api/v1/operator/queues/:queue/failed", () => fakeLetters(this.scene));
    this.#get("/api/v1/operator/audit", () => fakeAudit(this.scene));
    this.#app.get("/api/v1/operator/events", (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { "content-type": "text/event-stream" });
      const tell = () => {
        if (!this.isSilent)
          reply.raw.write(`event: fleet\ndata: ${JSON.stringify(fakeFleet(this.scene))}\n\n`);
      };
      tell();
      const timer = setInterval(tell, EVENT_MILLISECONDS);
      reply.raw.on("close", () => {
        clearInterval(timer);
      });
    });
  }

  #addOthers(): void {
    this.#get("/api/v1/alerting/v2/alerts/groups", () => fakeAlerts(this.scene));
    this.#get("/api/v1/alerting/v2/silences", () => fakeSilences(this.scene));
    this.#get("/api/v1/alerting/v1/escalations", () => fakeEscalations(this.scene));
    this.#get("/api/v1/alerting/v1/history", () => fakeHistoryOfAlerts(this.scene));
    this.#get("/api/v1/alerting/v1/audit", () => ({ entries: [], next: null }));
    this.#get("/api/v1/chaos/catalogue", fakeCatalogue);
    this.#get("/api/v1/chaos/runs", () => fakeRuns(this.scene));
    this.#get("/api/v1/chaos/runs/:id", ({ id = "" }) => fakeRun(id));
    this.#get("/api/v1/chaos/audit", () => ({ acts: [] }));
    this.#get("/api/v1/speech/state", () => fakeSpeech(this.scene).state);
    this.#get("/api/v1/speech/transcript", () => fakeSpeech(this.scene).transcript);
    this.#app.get("/api/v1/speech/events", (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { "content-type": "text/event-stream" });
      reply.raw.write(`event: state\ndata: ${JSON.stringify(fakeSpeech(this.scene).state)}\n\n`);
    });
  }

  /** What changes something is answered as if it were done, where it came with the session's token. */
  #addChanges(): void {
    const change = (method: "POST" | "DELETE", path: string, answer: () => unknown) => {
      this.#app.route({
        ...{ method, url: path },
        handler: (request, reply) => {
          if (request.headers[CSRF_HEADER] !== "csrf")
            return reply.code(403).send({ error: { code: "CSRF", message: "The token is missing." } });
          this.asked.push({ what: `${method} ${request.url}`, body: request.body });
          return answer();
        },
      });
    };
    change("POST", "/api/v1/operator/queues/:queue/:act", () => ({ jobs: 1 }));
    change("POST", "/api/v1/alerting/v1/silences/preview", () => ({
      alerts: fakeAlerts("usual").flatMap(({ alerts }) => alerts),
    }));
    change("POST", "/api/v1/alerting/v2/silences", () => ({ silenceID: "1" }));
    change("DELETE", "/api/v1/alerting/v2/silence/:id", () => ({}));
    change("POST", "/api/v1/alerting/v1/acknowledgements", () => ({ episodes: ["1"] }));
    change("DELETE", "/api/v1/alerting/v1/acknowledgements", () => ({ episodes: ["1"] }));
    change("POST", "/api/v1/chaos/runs/preview", fakePreview);
    change("POST", "/api/v1/chaos/runs", () => ({ id: "run-1" }));
    change("DELETE", "/api/v1/chaos/runs", () => ({ stopped: ["run-1"] }));
    change("POST", "/api/v1/speech/commands", () => fakeSpeech(this.scene).state);
    change("DELETE", "/api/v1/speech/utterances/:id", () => ({ removed: "1" }));
  }
}
