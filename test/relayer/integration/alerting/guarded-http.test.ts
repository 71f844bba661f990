// Where alerting's HTTP goes, when names lie.
import assert from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import {
  GuardedHttp,
  TargetRefusedError,
} from "../../../../relayer/alerting/adapters/channels/guarded-http.ts";
import { parseAllowedTargets } from "../../../../relayer/alerting/core/targets.ts";
import { HttpReceiver } from "../../support/http-receiver.ts";

let receiver: HttpReceiver;
let port: string;
before(async () => {
  receiver = await HttpReceiver.start();
  port = receiver.host.split(":")[1] ?? "";
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (response) => response.end("ok");
});
after(() => receiver.stop());

/** A resolver that gives one answer after the other, and the last again and again. */
function resolving(...answers: readonly (readonly string[])[]): LookupFunction {
  let asked = 0;
  return (_name, _options, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
}

async function post(url: string, allowed: readonly string[], resolve: LookupFunction) {
  const http = new GuardedHttp(parseAllowedTargets(allowed).targets, resolve);
  const request = {
    url: new URL(url),
    headers: {},
    body: "x",
    authorization: undefined,
    followRedirects: true,
    tls: undefined,
  };
  try {
    return await http.post(request, AbortSignal.timeout(5_000));
  } finally {
    await http.close();
  }
}

const refused = (url: string, allowed: readonly string[], resolve: LookupFunction) =>
  assert.rejects(post(url, allowed, resolve), (error) => {
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      if (at instanceof TargetRefusedError) return true;
    return false;
  });

describe("guarded HTTP", () => {
  it("refuses a name that means a private address, in any of its answers", async () => {
    for (const addresses of [
      ["127.0.0.1"],
      ["::1"],
      ["::ffff:127.0.0.1"],
      ["169.254.169.254"],
      ["93.184.216.34", "10.0.0.1"],
      ["64:ff9b::7f00:1"],
    ])
      await refused(`http://hooks.example:${port}/`, [], resolving(addresses));
    assert.equal(receiver.received.length, 0);
  });

  it("checks the very address that it connects to: a name that changes its mind gains nothing", async () => {
    const http = new GuardedHttp(
      parseAllowedTargets([]).targets,
      resolving(["127.0.0.1"], ["93.184.216.34"], ["127.0.0.1"]),
    );
    const request = {
      url: new URL(`http://rebind.example:${port}/`),
      headers: {},
      body: "x",
      authorization: undefined,
      followRedirects: true,
      tls: undefined,
    };
    for (let i = 0; i < 3; i++) await assert.rejects(http.post(request, AbortSignal.timeout(300)));
    await http.close();
    assert.equal(receiver.received.length, 0);
  });

  it("reaches what was allowed by range, and by host and port; and not the port beside it", async () => {
    const loopback = resolving(["127.0.0.1"]);
    assert.equal((await post(`http://hooks.example:${port}/`, ["127.0.0.0/8"], loopback)).status, 200);
    assert.equal(
      (await post(`http://hooks.example:${port}/`, [`hooks.example:${port}`], loopback)).status,
      200,
    );
    assert.equal((await post(`http://127.0.0.1:${port}/`, [`127.0.0.1:${port}`], loopback)).status, 200);
    assert.equal((await post(`http://127.0.0.1:${port}/`, ["127.0.0.0/8"], loopback)).status, 200);
    await refused(`http://hooks.example:${port}/`, ["hooks.example:1"], loopback);
    await refused(`http://other.example:${port}/`, [`hooks.example:${port}`], loopback);
    await refused(`http://127.0.0.1:${port}/`, ["127.0.0.1:1"], loopback);
    assert.equal(receiver.received.length, 4);
  });

  it("refuses addresses in every form that a URL may have", async () => {
    for (const host of [
      "127.0.0.1",
      "127.1",
      "0x7f.0.0.1",
      "2130706433",
      "0177.0.0.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[::7f00:1]",
      "[64:ff9b::127.0.0.1]",
      "[2002:7f00:1::]",
      "0.0.0.0",
      "[::]",
    ])
      await refused(`http://${host}:${port}/`, [], resolving(["93.184.216.34"]));
    assert.equal(receiver.received.length, 0);
  });

  it("speaks http and https only", async () => {
    for (const url of ["ftp://x.example/", "file:///etc/passwd", "gopher://x.example/"])
      await refused(url, [], resolving(["93.184.216.34"]));
  });

  it("does not follow to a URL with a password in it", async () => {
    receiver.answer = (response) =>
      response.writeHead(307, { location: "http://user:password@hooks.example/" }).end();
    await refused(`http://127.0.0.1:${port}/`, ["127.0.0.0/8"], resolving(["127.0.0.1"]));
  });

  it("keeps connections, so that many requests need few", async () => {
    const http = new GuardedHttp(parseAllowedTargets(["127.0.0.0/8"]).targets, resolving(["127.0.0.1"]));
    const sockets = new Set<unknown>();
    receiver.answer = (response) => {
      sockets.add(response.socket?.remotePort);
      response.end("ok");
    };
    const request = {
      url: new URL(`http://hooks.example:${port}/`),
      headers: {},
      body: "x",
      authorization: undefined,
      followRedirects: true,
      tls: undefined,
    };
    for (let i = 0; i < 20; i++) await http.post(request, AbortSignal.timeout(5_000));
    await http.close();
    // A second one is made when the first is still being given back.
    assert(sockets.size <= 2, String(sockets.size));
  });
});
