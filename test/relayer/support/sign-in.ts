import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { AuditLog } from "../../../relayer/api/operator/audit-log.ts";
import { CSRF_HEADER, sessionView } from "../../../relayer/api/operator-schema.ts";
import { createDoorkeeper } from "../../../relayer/api/sessions/doorkeeper.ts";
import { addSessionRoutes } from "../../../relayer/api/sessions/routes.ts";
import { addOperatorScope } from "../../../relayer/api/sessions/scope.ts";
import { type UserRole, userRoles } from "../../../relayer/domain/actor.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { Users } from "../../../relayer/platform/users.ts";

/** Where pages of the API itself come from. */
export const OWN = {
  host: "127.0.0.1:8080",
  origin: "http://127.0.0.1:8080",
  "sec-fetch-site": "same-origin",
};

/** Users of every role, an audit log, and a clock that stands still until it is told otherwise. */
export class SignInScene {
  readonly folder = mkdtempSync(join(tmpdir(), "dchat-sessions-"));
  readonly users = new Users(join(this.folder, "users.json"));
  now = 1_700_000_000_000;
  readonly clock = { now: () => this.now };
  readonly tokens = new Map(
    userRoles.map((role) => [role, this.users.add({ name: `the-${role}`, role })] as const),
  );
  readonly audit = new AuditLog(join(this.folder, "audit.sqlite"), () => this.now);
  readonly doorkeeper = createDoorkeeper(this.users, this.clock);
  readonly logger = createLogger("silent", {});

  token(role: UserRole): string {
    return this.tokens.get(role) ?? "";
  }

  /** A server with the session's routes, and others behind the gate. */
  async serve(
    addRoutes: (scope: FastifyInstance) => Promise<void> | void = () => undefined,
    developmentToken?: () => string,
  ): Promise<FastifyInstance> {
    const app = Fastify({ forceCloseConnections: true });
    const { doorkeeper, audit } = this;
    await addOperatorScope(app, this.logger, async (scope) => {
      addSessionRoutes(scope, { ...doorkeeper, audit, developmentToken });
      await addRoutes(scope);
    });
    return app;
  }

  /** What was done, newest first. */
  acts(): readonly string[] {
    return this.audit.newest(100).map(({ who, what }) => `${who}: ${what}`);
  }

  stop(): void {
    this.audit.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A page that is signed in: its cookie, and how it asks. */
export class Page {
  readonly cookie: string;
  readonly csrfToken: string;
  readonly #app: FastifyInstance;

  private constructor(app: FastifyInstance, cookie: string, csrfToken: string) {
    this.#app = app;
    this.cookie = cookie;
    this.csrfToken = csrfToken;
  }

  static async signIn(app: FastifyInstance, token: string): Promise<Page> {
    const answer = await app.inject({
      ...{ method: "POST", url: "/api/v1/session", headers: OWN },
      payload: { token },
    });
    return new Page(app, cookieOf(answer.headers["set-cookie"]), sessionView.parse(answer.json()).csrfToken);
  }

  get(url: string) {
    return this.#app.inject({ url, headers: { ...OWN, cookie: this.cookie } });
  }

  send(method: "POST" | "DELETE", url: string, payload?: NonNullable<InjectOptions["payload"]>) {
    const headers = { ...OWN, cookie: this.cookie, [CSRF_HEADER]: this.csrfToken };
    return this.#app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  }
}

/** The name and the value of the cookie that an answer sets. */
export function cookieOf(header: string | readonly string[] | undefined): string {
  return ([header].flat()[0] ?? "").split(";")[0] ?? "";
}
