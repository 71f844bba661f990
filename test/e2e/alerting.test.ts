import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { until } from "../relayer/support/processes.ts";
import { assertFailed, jsonOf } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";

const page = z.looseObject({
  status: z.string(),
  alerts: z.array(z.looseObject({ labels: z.record(z.string(), z.string()) })),
});
const alertList = z.object({
  alerts: z.array(
    z.looseObject({
      labels: z.record(z.string(), z.string()),
      acknowledgement: z.looseObject({ by: z.string() }).optional(),
    }),
  ),
});
const drill = z.object({ told: z.array(z.object({ receiver: z.string(), integration: z.string() })) });

describe("the alerting of a fleet", () => {
  let fleet: Fleet;
  /** What the webhook was told, in order; what came under a key that it had seen was told before. */
  const pages: string[] = [];
  const keys = new Set<unknown>();
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { status, alerts } = page.parse(body);
      const key = request.headers["idempotency-key"];
      if (!keys.has(key)) pages.push(`${alerts[0]?.labels["alertname"] ?? ""} ${status}`);
      keys.add(key);
      response.end();
    });
  });
  const folder = () => dirname(fleet.local.networkFile);
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    fleet = await Fleet.start();
    await fleet.send(fleet.home, fleet.away, 1);
    await fleet.untilAllArrived();
  });
  after(async () => {
    await fleet.stop();
    server.closeAllConnections();
    server.close();
  });

  const run = async (...args: readonly string[]) => fleet.dchat(["alerting", ...args, "--json"]).ended;
  const alertsOf = async (...args: readonly string[]) =>
    alertList.parse(jsonOf(await run("alerts", ...args))).alerts;

  it("tells everybody of a fire drill by the configuration that comes with it, and nothing fires", async () => {
    const told = drill.parse(jsonOf(await run("fire-drill", "--severity", "info"))).told;
    assert.deepEqual(told, [{ ...told[0], receiver: "log", integration: "console/0" }]);
    assert.match(fleet.log("alerting"), /FireDrill/);
    const others = (await alertsOf()).filter(({ labels }) => labels["alertname"] !== "FireDrill");
    assert.deepEqual(others, []);
  });

  it("keeps what is in force when a changed configuration is wrong, and says what is wrong and where", async () => {
    const file = join(folder(), "alertmanager.yml");
    writeFileSync(file, "route: { receiver: nobody }\nreceivers: []\n");
    const says = [/alertmanager\.yml:1:\d+: route\.receiver/, /what ran before goes on/];
    assertFailed(await run("reload"), { exit: exitCodes.failure, code: "ALERTING_CONFIGURATION", says });
    assert.equal((await run("test", "log")).code, exitCodes.success);
  });

  it("pages about a lane that stands still, by a rule of one's own, and tells when that is over", async () => {
    const { port } = server.address() as AddressInfo;
    writeFileSync(
      join(folder(), "alertmanager.yml"),
      JSON.stringify({
        route: { receiver: "hook", group_wait: "0s", group_interval: "1s", group_by: ["alertname"] },
        receivers: [{ name: "hook", webhook_configs: [{ url: `http://127.0.0.1:${port}/` }] }],
        allow_private_targets: [`127.0.0.1:${port}`],
      }),
    );
    const rule = {
      alert: "LaneWaits",
      expr: 'dchat_lane_lag_messages{from="A"} > 0',
      labels: { severity: "critical" },
    };
    writeFileSync(join(folder(), "rules.yml"), JSON.stringify({ groups: [{ name: "own", rules: [rule] }] }));
    assert.equal((await run("reload")).code, exitCodes.success);

    fleet.pause("sender-B");
    await fleet.send(fleet.home, fleet.away, 1);
    await until("the page arrives", () => pages.includes("LaneWaits firing"), 60_000);
    const taken = await run("ack", "alertname=LaneWaits", "--comment", "looking");
    assert.equal(taken.code, exitCodes.success, taken.stderr);
    const [alert] = await alertsOf("alertname=LaneWaits");
    assert.equal(alert?.acknowledgement?.by, "local");
    fleet.resume("sender-B");
    await until("the end is told", () => pages.includes("LaneWaits resolved"), 60_000);
    await fleet.untilAllArrived();
  });

  it("silences what it is told to, after a preview, and refuses to silence everything", async () => {
    const everything = await run("silence", "add", "alertname=~.+", "--comment", "quiet");
    assertFailed(everything, { exit: exitCodes.failure, code: "SILENCE", says: [/every alert/] });
    const made = await run(
      "silence",
      "add",
      "alertname=LaneWaits",
      "--comment",
      "planned",
      "--duration",
      "10m",
    );
    const { id } = z.object({ id: z.string() }).parse(jsonOf(made));
    const told = pages.length;
    fleet.pause("sender-B");
    await fleet.send(fleet.home, fleet.away, 1);
    await until(
      "it fires",
      async () => (await alertsOf("--silenced", "alertname=LaneWaits")).length > 0,
      60_000,
    );
    assert.deepEqual(await alertsOf("alertname=LaneWaits"), []);
    fleet.resume("sender-B");
    await fleet.untilAllArrived();
    // As long as it fires by what was read last, the end of the silence would be a page.
    await until("it is over", async () => (await alertsOf("--silenced")).length === 0, 60_000);
    assert.deepEqual(pages.slice(told), []);
    assert.equal((await run("silence", "expire", id)).code, exitCodes.success);
  });

  it("goes on where it was when it is killed, and tells nobody twice", async () => {
    const told = pages.length;
    fleet.pause("sender-B");
    await fleet.send(fleet.home, fleet.away, 1);
    await until("the page arrives", () => pages.length > told, 60_000);
    await fleet.kill("alerting");
    fleet.resume("sender-B");
    await until("the end is told", () => pages.slice(told).includes("LaneWaits resolved"), 60_000);
    assert.deepEqual(pages.slice(told), ["LaneWaits firing", "LaneWaits resolved"]);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });
});
