import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import Fastify, { type FastifyInstance } from "fastify";
import { FleetFeed } from "../../../../relayer/api/operator/fleet/feed.ts";
import { addOperatorApi } from "../../../../relayer/api/operator/operator-api.ts";
import { CSRF_HEADER } from "../../../../relayer/api/operator-schema.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { QueueAdmin } from "../../../../relayer/platform/queue-admin.ts";
import { healthyFacts } from "../../support/fleet-facts.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { OWN, Page, SignInScene } from "../../support/sign-in.ts";

type Route = { readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; readonly url: string };
const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"] satisfies Route["method"][];
const isMethod = (text: string): text is Route["method"] => METHODS.includes(text);

describe("everything that is for those who are signed in", () => {
  const scene = new SignInScene();
  const routes: Route[] = [];
  let server: PrivateRedis;
  let queues: QueueAdmin;
  let app: FastifyInstance;
  before(async () => {
    server = await PrivateRedis.start();
    queues = new QueueAdmin(server.connect());
    app = Fastify();
    app.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat())
        if (isMethod(each)) routes.push({ method: each, url: url.replaceAll(/:\w+|\*/g, "x") });
    });
    const { doorkeeper, audit, clock, logger } = scene;
    const gather = () => Promise.resolve(healthyFacts());
    const nowhere = () => undefined;
    await addOperatorApi(
      app,
      {
        ...{ doorkeeper, audit, queues, developmentToken: undefined },
        feed: new FleetFeed({ gather, clock: { ...systemClock, ...clock }, logger }),
        find: { alerting: nowhere, chaos: nowhere, speech: nowhere, speechToken: () => "" },
      },
      logger,
    );
  });
  after(async () => {
    await app.close();
    await queues.close();
    await server.stop();
    scene.stop();
  });
  const others = () => routes.filter(({ url }) => !url.startsWith("/api/v1/session"));
  const isChange = ({ method }: Route) => method !== "GET";

  it("is answered to nobody who is not, whatever is asked", async () => {
    assert(others().length > 60, "the routes are known");
    for (const { method, url } of others()) {
      const answer = await app.inject({
        method,
        url,
        headers: OWN,
        ...(method === "GET" ? {} : { payload: {} }),
      });
      assert.equal(answer.statusCode, 401, `${method} ${url}`);
      assert.equal(answer.headers["set-cookie"], undefined);
    }
  });

  it("is answered to no page of another site, though the browser sends the cookie along", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    const headers = {
      ...OWN,
      cookie: page.cookie,
      [CSRF_HEADER]: page.csrfToken,
      "sec-fetch-site": "cross-site",
    };
    for (const { method, url } of others()) {
      const answer = await app.inject({ method, url, headers, ...(method === "GET" ? {} : { payload: {} }) });
      assert.equal(answer.statusCode, 403, `${method} ${url}`);
    }
  });

  it("is changed by no page of our own that does not know the CSRF token, but for that of the raw queues", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    for (const { method, url } of others().filter(isChange)) {
      if (url.startsWith("/queues/")) continue;
      const answer = await app.inject({ method, url, headers: { ...OWN, cookie: page.cookie }, payload: {} });
      assert.equal(answer.statusCode, 403, `${method} ${url}`);
    }
  });

  it("is changed by no viewer; what they may post changes nothing", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    const headers = { ...OWN, cookie: page.cookie, [CSRF_HEADER]: page.csrfToken };
    for (const { method, url } of others().filter(isChange)) {
      const answer = await app.inject({ method, url, headers, payload: {} });
      // No role runs here that could make a preview.
      assert.equal(answer.statusCode, url.endsWith("/preview") ? 503 : 403, `${method} ${url}`);
    }
  });
});
