// What channels over HTTP make of what the other side does.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import {
  at,
  channelOf,
  http,
  httpKinds,
  HMAC_SECRET,
  send,
  settingsOf,
} from "../../support/channel-scene.ts";
import { HttpReceiver } from "../../support/http-receiver.ts";
import { alertOf, notificationOf, plainHttp } from "../../support/notifications.ts";
import type { Delivery } from "../../../../relayer/alerting/core/notification.ts";

describe("channels over HTTP", () => {
  const outcomes: readonly (readonly [
    number,
    Record<string, string>,
    Delivery["kind"],
    number | undefined,
  ])[] = [
    [200, {}, "delivered", undefined],
    [202, {}, "delivered", undefined],
    [400, {}, "refused", undefined],
    [403, {}, "refused", undefined],
    [404, { "retry-after": "9" }, "refused", undefined],
    [408, {}, "retry", undefined],
    [429, { "retry-after": "7" }, "retry", 7_000],
    [429, { "retry-after": new Date(at + 3_000).toUTCString() }, "retry", 2_200],
    [429, { "retry-after": new Date(at - 60_000).toUTCString() }, "retry", 0],
    [503, { "retry-after": "99999999" }, "retry", 3_600_000],
    [503, { "retry-after": "soon" }, "retry", undefined],
    [500, {}, "retry", undefined],
    [303, { location: "/elsewhere" }, "refused", undefined],
  ];
  for (const kind of httpKinds)
    it(`${kind}: status codes and Retry-After`, async () => {
      for (const [status, headers, expected, wait] of outcomes) {
        http.answer = (response) => response.writeHead(status, headers).end("");
        const delivery = await send(settingsOf[kind]());
        assert.equal(delivery.kind, expected, `${status} ${JSON.stringify(headers)}`);
        if (delivery.kind === "retry") assert.equal(delivery.afterMilliseconds, wait);
      }
    });

  it("what the other side says comes back on one line, short, without controls and without our secrets", async () => {
    http.answer = (response, request) => {
      response
        .writeHead(400)
        .end(`no\r\n\u001b[31m ${request.path} ${request.headers.authorization ?? ""} ${"x".repeat(9_000)}`);
    };
    const delivery = await send(settingsOf.webhook());
    assert(delivery.kind === "refused");
    assert.match(delivery.reason, /^127\.0\.0\.1:\d+ answered 400: no \[31m <secret> <secret> x+$/);
    assert(delivery.reason.length < 250);
  });

  it("a reset, an answer that never ends and one that never comes are tried again", async () => {
    http.answer = (response) => response.destroy();
    assert.equal((await send(settingsOf.webhook())).kind, "retry");
    http.answer = () => undefined;
    const silent = await channelOf(settingsOf.webhook()).send(notificationOf(), AbortSignal.timeout(200));
    assert.deepEqual(silent, {
      kind: "retry",
      reason: `${http.host} did not answer in time`,
      afterMilliseconds: undefined,
    });
  });

  it("what was answered with 200 is delivered, even if the rest of the answer breaks off or never comes", async () => {
    http.answer = (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("o", () => response.destroy());
    };
    assert.equal((await send(settingsOf.webhook())).kind, "delivered");
    http.answer = (response) => response.writeHead(200, { "content-length": "100" }).write("o");
    const stalled = await channelOf(settingsOf.webhook()).send(notificationOf(), AbortSignal.timeout(300));
    assert.equal(stalled.kind, "delivered");
  });

  it("of a huge answer only the beginning is read", async () => {
    let written = 0;
    let isClosed = false;
    http.answer = (response) => {
      response.writeHead(200);
      const more = () => {
        while (!isClosed && written < 500_000_000) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) break;
        }
      };
      response.on("drain", more).on("close", () => (isClosed = true));
      more();
    };
    assert.equal((await send(settingsOf.webhook())).kind, "delivered");
    assert(written < 100_000_000, String(written));
  });

  it("a redirect is followed with the same body, and the credentials stay with the host that they are for", async () => {
    const other = await HttpReceiver.start();
    http.answer = (response) => response.writeHead(307, { location: `http://${other.host}/there` }).end();
    const delivery = await send(settingsOf.webhook(), notificationOf(), [http.host, other.host]);
    assert.equal(delivery.kind, "delivered");
    assert.equal(other.received[0]?.body, http.received[0]?.body);
    assert.equal(http.received[0]?.headers.authorization, "Bearer t0ken-t0ken");
    assert.equal(other.received[0]?.headers.authorization, undefined);
    await other.stop();
  });

  it("a redirect to where nobody allowed it is refused, and nothing is sent there", async () => {
    const inner = await HttpReceiver.start();
    for (const location of [
      `http://${inner.host}/`,
      "http://169.254.169.254/latest/",
      "http://[::ffff:7f00:1]/",
      "http://localhost/",
      "ftp://x.example/",
      "http://u:p@x.example/",
      "http://",
    ]) {
      http.answer = (response) => response.writeHead(302, { location }).end();
      const delivery = await send(settingsOf.webhook());
      assert.equal(delivery.kind, "refused", location);
    }
    assert.equal(inner.received.length, 0);
    await inner.stop();
  });

  it("a circle of redirects ends", async () => {
    http.answer = (response) => response.writeHead(308, { location: "/again" }).end();
    assert.equal((await send(settingsOf.webhook())).kind, "refused");
    assert.equal(http.received.length, 4);
  });

  it("redirects may be switched off", async () => {
    http.answer = (response) => response.writeHead(307, { location: "/again" }).end();
    const settings = settingsOf.slack();
    assert(settings.kind === "slack");
    assert.equal(
      (await send({ ...settings, http: { ...plainHttp, followRedirects: false } })).kind,
      "refused",
    );
    assert.equal(http.received.length, 1);
  });
});

describe("webhook", () => {
  it("sends Alertmanager's body, version 4, with a signature that Standard Webhooks defines", async () => {
    const resolved = alertOf({ status: "resolved", endsAt: at, fingerprint: "ff" });
    await send(settingsOf.webhook(), notificationOf({ alerts: [alertOf(), resolved], truncatedAlerts: 3 }));
    const [request] = http.received;
    assert(request !== undefined);
    const labels = { alertname: "LaneStuck", severity: "critical", from: "A", to: "B" };
    const alert = {
      labels,
      annotations: alertOf().annotations,
      startsAt: "2026-03-04T05:05:07.800Z",
      generatorURL: "https://dchat.example/rules",
    };
    assert.deepEqual(JSON.parse(request.body), {
      receiver: "team",
      status: "firing",
      alerts: [
        { ...alert, status: "firing", endsAt: "0001-01-01T00:00:00Z", fingerprint: "00112233aabbccdd" },
        { ...alert, status: "resolved", endsAt: "2026-03-04T05:06:07.800Z", fingerprint: "ff" },
      ],
      groupLabels: { alertname: "LaneStuck" },
      commonLabels: labels,
      commonAnnotations: { summary: "Lane A → B is stuck" },
      externalURL: "https://dchat.example/alerts",
      version: "4",
      groupKey: '{}/{severity="critical"}:{alertname="LaneStuck"}',
      truncatedAlerts: 3,
    });
    const seconds = String(Math.floor(at / 1_000));
    assert.equal(request.headers["webhook-timestamp"], seconds);
    assert.equal(request.headers["webhook-id"], "n-0001");
    const expected = createHmac("sha256", HMAC_SECRET)
      .update(`n-0001.${seconds}.${request.body}`)
      .digest("base64");
    assert.equal(request.headers["webhook-signature"], `v1,${expected}`);
  });
});
