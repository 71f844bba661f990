import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { FleetFeed } from "../../../../relayer/api/operator/fleet/feed.ts";
import type { FleetFacts } from "../../../../relayer/api/operator/fleet/facts.ts";
import { type FleetSources, Gatherer } from "../../../../relayer/api/operator/fleet/gather.ts";
import { addFleetRoutes } from "../../../../relayer/api/operator/fleet/routes.ts";
import { countAlerts } from "../../../../relayer/api/operator/fleet/sources/alerts.ts";
import { MetricsSource } from "../../../../relayer/api/operator/fleet/sources/metrics.ts";
import { readRoles } from "../../../../relayer/api/operator/fleet/sources/roles.ts";
import { fleetView, historyView } from "../../../../relayer/api/operator-schema.ts";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { healthyFacts, healthyMetrics, NOW } from "../../support/fleet-facts.ts";
import { HttpReceiver } from "../../support/http-receiver.ts";
import { until } from "../../support/processes.ts";
import { OWN, Page, SignInScene } from "../../support/sign-in.ts";

const logger = createLogger("silent", {});

/** A connection that asks for the events, and what it has read of them. */
class Listener {
  readonly socket: Socket;
  text = "";
  isEnded = false;

  constructor(port: number, cookie: string) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.write(
      `GET /api/v1/operator/events HTTP/1.1\r\nhost: ${OWN.host}\r\nsec-fetch-site: same-origin\r\ncookie: ${cookie}\r\n\r\n`,
    );
    this.socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString();
    });
    this.socket.on("close", () => {
      this.isEnded = true;
    });
    this.socket.on("error", () => undefined);
  }

  /** The events so far. */
  get views() {
    return [...this.text.matchAll(/^event: fleet\ndata: (.*)\n/gm)].map(([, data = ""]) =>
      fleetView.parse(JSON.parse(data)),
    );
  }
}

describe("the fleet, as it is followed", () => {
  let scene: SignInScene;
  let app: FastifyInstance;
  let feed: FleetFeed;
  let port: number;
  let looks: number;
  let facts: () => Promise<FleetFacts>;
  const listeners: Listener[] = [];
  beforeEach(async () => {
    scene = new SignInScene();
    looks = 0;
    facts = () => Promise.resolve(healthyFacts({ at: scene.now }));
    const gather = () => {
      looks++;
      return facts();
    };
    feed = new FleetFeed({ gather, clock: { ...systemClock, now: () => scene.now }, logger });
    app = await scene.serve((scope) => {
      addFleetRoutes(scope, scene.doorkeeper.gate, feed);
    });
    port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
  });
  afterEach(async () => {
    for (const { socket } of listeners.splice(0)) socket.destroy();
    await app.close();
    scene.stop();
  });
  const listen = (cookie: string) => {
    const listener = new Listener(port, cookie);
    listeners.push(listener);
    return listener;
  };
  const pass = async (milliseconds: number) => {
    scene.now += milliseconds;
    await feed.tick();
  };

  it("is shown to those who are signed in, as the contract says, and gathered once however many ask", async () => {
    assert.equal((await app.inject({ url: "/api/v1/operator/fleet", headers: OWN })).statusCode, 401);
    assert.equal((await app.inject({ url: "/api/v1/operator/events", headers: OWN })).statusCode, 401);
    const page = await Page.signIn(app, scene.token("viewer"));
    const gathering = Promise.withResolvers<FleetFacts>();
    facts = () => gathering.promise;
    const asking = [1, 2, 3].map(() => page.get("/api/v1/operator/fleet"));
    await until("somebody looks", () => looks === 1);
    gathering.resolve(healthyFacts({ at: scene.now }));
    for (const answer of await Promise.all(asking))
      assert.equal(fleetView.parse(answer.json()).health.safety, "safe");
    await page.get("/api/v1/operator/fleet");
    assert.equal(looks, 1);
  });

  it("is told at once and then at each look, to all of the same", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    const [one, two] = [listen(page.cookie), listen(page.cookie)];
    await until("both have the first", () => one.views.length === 1 && two.views.length === 1);
    const before = looks;
    await pass(1_000);
    await until("both have the next", () => one.views.length === 2 && two.views.length === 2);
    assert.equal(looks, before + 1);
    assert.match(one.text, /^HTTP\/1\.1 200 OK\r\n(.*\r\n)*content-type: text\/event-stream/i);
  });

  it("is not looked at every second when nobody follows, only often enough for the history", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    for (let second = 0; second < 20; second++) await pass(1_000);
    assert.equal(looks, 4);
    const answer = await page.get("/api/v1/operator/history?minutes=5");
    const { times, series } = historyView.parse(answer.json());
    assert.equal(times.length, 4);
    const lags = times.map((_, i) => series["lag"]?.[i] ?? assert.fail());
    assert.deepEqual(
      lags.map((lag) => lag - (lags[0] ?? 0)),
      [0, 5, 10, 15],
    );
    for (const minutes of ["0", "1441", "x"])
      assert.equal((await page.get(`/api/v1/operator/history?minutes=${minutes}`)).statusCode, 400);
  });

  it("is told no more to those who were signed out, or removed, meanwhile", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    const other = await Page.signIn(app, scene.token("operator"));
    const [mine, theirs] = [listen(page.cookie), listen(other.cookie)];
    await until("both follow", () => mine.views.length === 1 && theirs.views.length === 1);
    assert.equal((await page.send("DELETE", "/api/v1/session")).statusCode, 204);
    scene.users.remove("the-operator");
    await pass(1_000);
    await until("both are over", () => mine.text.endsWith("0\r\n\r\n") && theirs.text.endsWith("0\r\n\r\n"));
    assert.deepEqual([mine.views.length, theirs.views.length], [1, 1]);
  });

  it("is let go of by one who reads too slowly, and by everybody at the end; others wait until there is room", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    const slow = listen(page.cookie);
    await until("it follows", () => slow.views.length === 1);
    slow.socket.pause();
    const roles = [
      { instance: "x", role: "x", chain: null, isReady: false, reasons: ["r".repeat(1_000_000)] },
    ];
    facts = () => Promise.resolve(healthyFacts({ at: scene.now, roles: { value: roles } }));
    for (let looked = 0; looked < 12; looked++) await pass(1_000);
    slow.socket.resume();
    await once(slow.socket, "close");
    facts = () => Promise.resolve(healthyFacts({ at: scene.now }));
    await pass(1_000);
    const many = Array.from({ length: 64 }, () => listen(page.cookie));
    await until("all follow", () => many.every(({ views }) => views.length === 1));
    const late = listen(page.cookie);
    await until("it is refused", () => late.text.includes("FOLLOWERS"));
    many[0]?.socket.destroy();
    await until("there is room", () => many[0]?.isEnded === true);
    const next = listen(page.cookie);
    await until("it follows, or is refused", () => next.text.length > 0);
    await app.close();
    await until("all are over", () => many.every(({ isEnded }) => isEnded));
  });
});

describe("what is gathered", () => {
  let role: HttpReceiver;
  before(async () => {
    role = await HttpReceiver.start();
  });
  after(() => role.stop());
  const never = () => Promise.reject(new RetryableError("AWAY", "It is away."));
  const sources = (given: Partial<FleetSources>): FleetSources => ({
    ...{ status: never, edge: never, signers: never, validators: never, queues: never, roles: never },
    ...{ metrics: never, account: never, holdings: never, alerts: never },
    ...given,
  });

  it("is what each source says, whatever becomes of the others", async () => {
    const { status, queues } = healthyFacts();
    assert("value" in status && "value" in queues);
    const facts = await new Gatherer(
      sources({
        status: () => Promise.resolve(status.value),
        edge: () => Promise.resolve({ waiting: undefined, deliveredAt: 5 }),
        queues: () => Promise.resolve(queues.value),
        metrics: () => Promise.resolve(healthyMetrics()),
        account: () => Promise.reject(new Error("no balance")),
      }),
      () => NOW,
    ).gather();
    assert("value" in facts.edges);
    assert.equal(facts.edges.value.size, 2);
    assert.deepEqual(facts.queues, queues);
    assert.deepEqual(facts.accounts, { problem: "no balance" });
    for (const part of [facts.signers, facts.holdings, facts.alerts])
      assert.deepEqual(part, { problem: "It is away." });
  });

  it("is asked for once at a time: a source that is slow is joined, and asked again only when it has answered", async () => {
    let asked = 0;
    const answer = Promise.withResolvers<readonly []>();
    const gatherer = new Gatherer(
      sources({
        queues: () => {
          asked++;
          return answer.promise;
        },
      }),
      () => NOW,
    );
    const looks = [gatherer.gather(), gatherer.gather()];
    answer.resolve([]);
    for (const { queues } of await Promise.all(looks)) assert.deepEqual(queues, { value: [] });
    assert.equal(asked, 1);
    await gatherer.gather();
    assert.equal(asked, 2);
  });

  it("is kept for a while where asking costs others much, and failures are not", async () => {
    let [now, asked] = [NOW, 0];
    const roles = () => {
      asked++;
      return asked === 1 ? never() : Promise.resolve([]);
    };
    const gatherer = new Gatherer(sources({ roles }), () => now);
    assert.deepEqual((await gatherer.gather()).roles, { problem: "It is away." });
    for (const [milliseconds, expected] of [
      [0, 2],
      [4_999, 2],
      [1, 3],
    ] as const) {
      now += milliseconds;
      await gatherer.gather();
      assert.equal(asked, expected);
    }
  });

  it("is what roles show on their own ports: readiness and metrics", async () => {
    const url = `http://${role.host}`;
    role.answer = (response, { path }) => {
      const reasons = [{ check: "Redis", code: "REDIS", message: "away" }];
      if (path === "/readyz") response.writeHead(503).end(JSON.stringify({ ok: false, reasons }));
      else
        response.end(
          'dchat_sender_pending{chain="A"} 3\ndchat_sender_balance_wei{chain="A",address="0x3333333333333333333333333333333333333333"} 5\n',
        );
    };
    const running = [
      { role: "sender", chain: "A", pid: 1, url },
      { role: "signer", pid: 2, url: "http://127.0.0.1:1" },
    ];
    const [sender, signer] = await readRoles(running);
    assert.deepEqual(sender, {
      ...{ instance: "sender-A", role: "sender", chain: "A" },
      ...{ isReady: false, reasons: ["Redis: away"] },
    });
    assert.match(signer?.reasons[0] ?? "", /^it does not answer: /);
    const metrics = new MetricsSource({ roles: () => running, now: () => NOW, logger });
    const { senders } = await metrics.read(new AbortController().signal);
    assert.deepEqual(
      senders.map(({ chain, pending }) => [chain, pending]),
      [["A", 3]],
    );
  });

  it("counts alerts by severity, and those that are silenced apart; alerting that is away has none that are known", async () => {
    const alert = (severity: string, state: string) => ({ labels: { severity }, status: { state } });
    role.answer = (response) =>
      response.end(
        JSON.stringify([
          ...[alert("critical", "active"), alert("warning", "active"), alert("info", "unprocessed")],
          alert("critical", "suppressed"),
        ]),
      );
    const counts = { critical: 1, warning: 1, other: 1, silenced: 1 };
    assert.deepEqual(await countAlerts(`http://${role.host}`), counts);
    role.answer = (response) => response.writeHead(500).end("no");
    for (const url of [`http://${role.host}`, "http://127.0.0.1:1", undefined])
      await assert.rejects(
        countAlerts(url),
        (error) => error instanceof RetryableError && error.code === "ALERTING_DOWN",
      );
  });
});
