import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { CSRF_HEADER, sessionView } from "../../../../relayer/api/operator-schema.ts";
import { IDLE_MILLISECONDS, LIFE_MILLISECONDS } from "../../../../relayer/api/sessions/sessions.ts";
import { cookieOf, OWN, Page, SignInScene } from "../../support/sign-in.ts";

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const SESSION = "/api/v1/session";

describe("sessions of the dashboard", () => {
  let scene: SignInScene;
  let app: FastifyInstance;
  let done: string[];
  beforeEach(async () => {
    scene = new SignInScene();
    done = [];
    app = await scene.serve((scope) => {
      scope.post("/act", (request) => {
        const { name } = scene.doorkeeper.gate.require(request, "operator");
        done.push(name);
        return { name };
      });
      scope.get("/look", (request) => scene.doorkeeper.gate.require(request, "viewer"));
    });
  });
  afterEach(async () => {
    await app.close();
    scene.stop();
  });
  const codeOf = (answer: { readonly json: () => unknown }) => failure.parse(answer.json()).error.code;
  const signIn = (token: string, headers: Record<string, string> = OWN) =>
    app.inject({ method: "POST", url: SESSION, headers, payload: { token } });

  it("are opened by a user's token, and known by a cookie that no script, no other site and no cache can have", async () => {
    const answer = await signIn(scene.token("operator"));
    assert.equal(answer.statusCode, 200);
    const { user, expiresAt } = sessionView.parse(answer.json());
    assert.deepEqual(user, { name: "the-operator", role: "operator" });
    assert.equal(expiresAt, scene.now + IDLE_MILLISECONDS);
    const cookie = String(answer.headers["set-cookie"]);
    assert.match(cookie, /^dchat-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert(!answer.body.includes(scene.token("operator")));
    const page = await Page.signIn(app, scene.token("operator"));
    assert.equal(sessionView.parse((await page.get(SESSION)).json()).csrfToken, page.csrfToken);
    assert.equal((await page.send("POST", "/act")).statusCode, 200);
    assert.deepEqual(scene.acts(), ["the-operator: signed in", "the-operator: signed in"]);
  });

  it("are kept for TLS alone wherever the browser is not on this machine", async () => {
    for (const headers of [
      { host: "dchat.example", origin: "https://dchat.example" },
      { ...OWN, "x-forwarded-proto": "https" },
      { ...OWN, "x-forwarded-proto": "https, http" },
    ]) {
      const cookie = String((await signIn(scene.token("viewer"), headers)).headers["set-cookie"]);
      assert.match(cookie, /^__Host-dchat-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      const look = (name: string) =>
        app.inject({
          url: SESSION,
          headers: { ...headers, cookie: cookieOf(cookie).replace(/^[^=]+/, name) },
        });
      assert.equal((await look("__Host-dchat-session")).statusCode, 200);
      // A neighbour could plant a cookie of the plain name.
      assert.equal((await look("dchat-session")).statusCode, 401);
    }
  });

  it("change nothing for pages of other sites, whatever those make the browser send", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    const own = { ...OWN, cookie: page.cookie, [CSRF_HEADER]: page.csrfToken };
    const forged: readonly Record<string, string>[] = [
      { ...own, origin: "https://evil.example" },
      { ...own, origin: "null" },
      { ...own, origin: "http://127.0.0.1:3000" },
      { ...own, "sec-fetch-site": "cross-site" },
      { ...own, "sec-fetch-site": "same-site" },
      { ...own, "sec-fetch-site": "none" },
    ];
    for (const headers of forged) {
      const answer = await app.inject({ method: "POST", url: "/act", headers, payload: {} });
      assert.equal(answer.statusCode, 403, JSON.stringify(headers));
      assert.equal(codeOf(answer), "FOREIGN_SITE");
    }
    const look = await app.inject({ url: "/look", headers: { ...own, "sec-fetch-site": "cross-site" } });
    assert.equal(look.statusCode, 403);
    assert.deepEqual(done, []);
  });

  it("change nothing without their own CSRF token, be it left out, guessed or another session's", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    const other = await Page.signIn(app, scene.token("operator"));
    for (const csrfToken of [undefined, "", "guessed", other.csrfToken]) {
      const headers = {
        ...OWN,
        cookie: page.cookie,
        ...(csrfToken === undefined ? {} : { [CSRF_HEADER]: csrfToken }),
      };
      const answer = await app.inject({ method: "POST", url: "/act", headers, payload: {} });
      assert.deepEqual([answer.statusCode, codeOf(answer)], [403, "CSRF"]);
      const out = await app.inject({ method: "DELETE", url: SESSION, headers });
      assert.deepEqual([out.statusCode, codeOf(out)], [403, "CSRF"]);
    }
    assert.deepEqual(done, []);
    assert.equal((await page.send("POST", "/act")).statusCode, 200);
  });

  it("take no form of another site, which may be sent as plain text without asking", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    const body = JSON.stringify({ token: scene.token("admin") });
    // As a browser would that says nothing of where it comes from.
    const headers = { host: OWN.host, cookie: page.cookie, "content-type": "text/plain" };
    assert.equal(
      (await app.inject({ method: "POST", url: SESSION, headers, payload: body })).statusCode,
      415,
    );
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    assert.equal(
      (await app.inject({ method: "POST", url: "/act", headers: form, payload: "a=b" })).statusCode,
      415,
    );
    const foreign = { ...OWN, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    assert.equal((await signIn(scene.token("admin"), foreign)).statusCode, 403);
  });

  it("have ids of the server's making: one that somebody planted is not taken up, and signing in ends the one before", async () => {
    const planted = "dchat-session=planted-by-somebody-who-knows-it-now";
    const answer = await signIn(scene.token("viewer"), { ...OWN, cookie: planted });
    const cookie = cookieOf(answer.headers["set-cookie"]);
    assert.notEqual(cookie, planted);
    assert.equal((await app.inject({ url: SESSION, headers: { ...OWN, cookie: planted } })).statusCode, 401);
    const again = await signIn(scene.token("viewer"), { ...OWN, cookie });
    assert.notEqual(cookieOf(again.headers["set-cookie"]), cookie);
    assert.equal((await app.inject({ url: SESSION, headers: { ...OWN, cookie } })).statusCode, 401);
  });

  it("end when nobody uses them, at last in any case, and when somebody signs out", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    scene.now += IDLE_MILLISECONDS - 1;
    assert.equal((await page.get("/look")).statusCode, 200);
    scene.now += IDLE_MILLISECONDS;
    const answer = await page.get("/look");
    assert.deepEqual([answer.statusCode, codeOf(answer)], [401, "UNAUTHENTICATED"]);
    assert.equal(answer.headers["www-authenticate"], 'Bearer realm="dchat"');

    const busy = await Page.signIn(app, scene.token("viewer"));
    for (let used = 0; used + IDLE_MILLISECONDS / 2 < LIFE_MILLISECONDS; used += IDLE_MILLISECONDS / 2) {
      assert.equal((await busy.get("/look")).statusCode, 200);
      scene.now += IDLE_MILLISECONDS / 2;
    }
    scene.now += IDLE_MILLISECONDS / 2;
    assert.equal((await busy.get("/look")).statusCode, 401);

    const leaving = await Page.signIn(app, scene.token("viewer"));
    const out = await leaving.send("DELETE", SESSION);
    assert.equal(out.statusCode, 204);
    assert.match(
      String(out.headers["set-cookie"]),
      /^dchat-session=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/,
    );
    assert.equal((await leaving.get("/look")).statusCode, 401);
    assert.equal((await leaving.send("DELETE", SESSION)).statusCode, 204);
    assert.equal(scene.acts()[0], "the-viewer: signed out");
  });

  it("go with their user at once, follow another role at once, and are not taken up by a user of the same name", async () => {
    const page = await Page.signIn(app, scene.token("operator"));
    const file = join(scene.folder, "users.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"role": "operator"', '"role": "viewer"'));
    assert.equal(codeOf(await page.send("POST", "/act")), "FORBIDDEN");
    assert.equal(sessionView.parse((await page.get(SESSION)).json()).user.role, "viewer");
    scene.users.remove("the-operator");
    assert.equal((await page.get("/look")).statusCode, 401);
    scene.users.add({ name: "the-operator", role: "admin" });
    assert.equal((await page.get("/look")).statusCode, 401);
  });

  it("let nobody do what their role does not include", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    const answer = await page.send("POST", "/act");
    assert.deepEqual([answer.statusCode, codeOf(answer)], [403, "FORBIDDEN"]);
  });

  it("are bounded: a user's oldest ends when there are too many of them, and nobody else's", async () => {
    const other = await Page.signIn(app, scene.token("admin"));
    const first = await Page.signIn(app, scene.token("viewer"));
    const second = await Page.signIn(app, scene.token("viewer"));
    for (let i = 0; i < 14; i++) await Page.signIn(app, scene.token("viewer"));
    await first.get("/look");
    await Page.signIn(app, scene.token("viewer"));
    assert.equal((await second.get("/look")).statusCode, 401);
    assert.equal((await first.get("/look")).statusCode, 200);
    assert.equal((await other.get("/look")).statusCode, 200);
    assert.equal(scene.doorkeeper.sessions.size, 17);
  });

  it("are not to be had by guessing: an address waits after ten wrong tokens, and everybody after very many", async () => {
    for (let i = 0; i < 10; i++) assert.equal((await signIn(`guess-${i}`)).statusCode, 401);
    const late = await signIn(scene.token("viewer"));
    assert.deepEqual([late.statusCode, codeOf(late)], [429, "TOO_MANY_ATTEMPTS"]);
    assert.equal(scene.acts().filter((act) => act === ": sign-in refused").length, 10);
    const from = (remoteAddress: string, token: string) =>
      app.inject({ method: "POST", url: SESSION, headers: OWN, payload: { token }, remoteAddress });
    assert.equal((await from("10.0.0.1", scene.token("viewer"))).statusCode, 200);
    for (let i = 0; i < 290; i++) await from(`10.1.${i >> 8}.${i & 255}`, "guess");
    assert.equal((await from("10.0.0.2", scene.token("viewer"))).statusCode, 429);
    scene.now += 10_000;
    assert.equal((await from("10.0.0.2", scene.token("viewer"))).statusCode, 200);
    assert.equal((await signIn(scene.token("viewer"))).statusCode, 200);
  });

  it("are not needed by scripts: a Bearer token does, without a CSRF token; Basic, which browsers send by themselves, does not", async () => {
    const ask = (authorization: string) =>
      app.inject({ method: "POST", url: "/act", headers: { host: "dchat.example", authorization } });
    assert.equal((await ask(`Bearer ${scene.token("operator")}`)).statusCode, 200);
    assert.equal((await ask(`Bearer ${scene.token("viewer")}`)).statusCode, 403);
    assert.equal((await ask("Bearer nobody")).statusCode, 401);
    const basic = Buffer.from(`the-operator:${scene.token("operator")}`).toString("base64");
    const refused = await ask(`Basic ${basic}`);
    assert.equal(refused.statusCode, 401);
    assert.doesNotMatch(String(refused.headers["www-authenticate"]), /Basic/);
    assert.deepEqual(done, ["the-operator"]);
  });
});

describe("signing in without a token", () => {
  let scene: SignInScene;
  beforeEach(() => {
    scene = new SignInScene();
  });
  afterEach(() => {
    scene.stop();
  });
  const url = `${SESSION}/development`;

  it("is for the page of a development network on this very machine", async () => {
    const app = await scene.serve(undefined, () => scene.token("admin"));
    const answer = await app.inject({ method: "POST", url, headers: OWN });
    assert.equal(answer.statusCode, 200);
    assert.equal(sessionView.parse(answer.json()).user.role, "admin");
    assert.deepEqual(scene.acts(), ["the-admin: signed in"]);
    await app.close();
  });

  it("is refused to everybody else, and through whatever hides who asks", async () => {
    const app = await scene.serve(undefined, () => scene.token("admin"));
    const attempts: readonly { headers: Record<string, string>; remoteAddress?: string }[] = [
      { headers: { host: OWN.host } },
      { headers: { ...OWN, host: "evil.example", origin: "http://evil.example" } },
      { headers: { ...OWN, origin: "https://evil.example" } },
      { headers: { ...OWN, origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" } },
      { headers: { ...OWN, "sec-fetch-site": "cross-site" } },
      { headers: { ...OWN, "sec-fetch-site": "none" } },
      { headers: { ...OWN, "x-forwarded-for": "203.0.113.7" } },
      { headers: { ...OWN, forwarded: "for=203.0.113.7" } },
      { headers: { ...OWN, via: "1.1 tunnel" } },
      { headers: OWN, remoteAddress: "203.0.113.7" },
    ];
    for (const attempt of attempts) {
      const answer = await app.inject({ method: "POST", url, ...attempt });
      assert.equal(answer.statusCode, 403, JSON.stringify(attempt));
      assert.equal(answer.headers["set-cookie"], undefined);
    }
    assert.deepEqual(scene.acts(), []);
    await app.close();
  });

  it("is not there on any other network", async () => {
    const app = await scene.serve();
    const answer = await app.inject({ method: "POST", url, headers: OWN });
    assert.equal(answer.statusCode, 404);
    await app.close();
  });
});
