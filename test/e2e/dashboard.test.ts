import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { QueueAdmin } from "../../relayer/platform/queue-admin.ts";
import { connectRedis } from "../../relayer/platform/redis.ts";
import { alertGroups, silenceList } from "../../web/dashboard/core/alert-schema.ts";
import { PLACES } from "../../web/dashboard/core/route.ts";
import { accessibilityFindings, chromiumPath, complaintsOf, startBrowser } from "./support/browser.ts";
import { Fleet } from "./support/fleet.ts";

const reason = "no Chromium (Debian: apt-get install chromium)";
const title = chromiumPath === undefined ? `the dashboard: left out, ${reason}` : "the dashboard";
/** A folder in which pictures of every view are left, for whoever wants to look at them. */
const pictures = process.env["DCHAT_PICTURES"];

describe(title, { skip: chromiumPath === undefined ? reason : false }, () => {
  let fleet: Fleet;
  let browser: Browser;
  let url = "";

  before(async () => {
    [fleet, browser] = await Promise.all([Fleet.start({ chaos: true }), startBrowser()]);
    const { host, port } = fleet.local.network.api;
    url = `http://${host}:${port}/`;
    // Each way, so that it is known of both sets who signs.
    await fleet.send(fleet.home, fleet.away, 2);
    await fleet.untilAllArrived();
    await fleet.send(fleet.away, fleet.home, 1);
    await fleet.untilAllArrived();
  });
  after(async () => {
    await browser.close();
    await fleet.stop();
  });

  const visit = async (hash: string, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(url + hash);
    return { page, complaints };
  };
  const enter = async (page: Page) => {
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign in as the local operator" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  };
  const look = async (page: Page, name: string) => {
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    assert.deepEqual(await accessibilityFindings(page), [], name);
  };
  const leave = async (page: Page, complaints: readonly string[]) => {
    assert.deepEqual(complaints, []);
    await page.context().close();
  };

  /** Asks alerting itself, past the page. */
  const askAlerting = async (path: string, init: RequestInit = {}) => {
    const { alerting } = fleet.local.network;
    assert(alerting !== undefined);
    const token = readFileSync(join(fleet.folder, "token"), "utf8").trim();
    return fetch(`http://${alerting.api.host}:${alerting.api.port}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  };

  it("is sent compressed to browsers that take that, and as it is to others", async () => {
    for (const [accepted, encoding] of [
      ["br, gzip", "br"],
      ["gzip", "gzip"],
      ["identity", null],
    ] as const)
      for (const path of ["", "wallet/"]) {
        const answer = await fetch(url + path, { headers: { "accept-encoding": accepted } });
        const page = await answer.text();
        assert.deepEqual([answer.status, answer.headers.get("content-encoding")], [200, encoding]);
        const [, script = ""] = /src="\/(assets\/[^"]+\.js)"/.exec(page) ?? [];
        const { headers } = await fetch(url + script, { headers: { "accept-encoding": accepted } });
        assert.equal(headers.get("content-encoding"), encoding, script);
        assert.match(headers.get("content-type") ?? "", /javascript/);
      }
  });

  it("shows everybody how the bridge is, and where a message is; and says what needs a session", async () => {
    const { page, complaints } = await visit("");
    await page.getByText("Idle", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "For operators" }).waitFor();
    await look(page, "public-health");
    await page.getByRole("link", { name: "Lanes" }).click();
    const row = page.getByRole("row").filter({ hasText: "delivered" }).first();
    await row.getByRole("link").click();
    await page.getByText("by a quorum").waitFor();
    await look(page, "public-message");
    for (const { name } of PLACES) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();
      await page.locator("main .panel").first().waitFor();
    }
    await leave(page, complaints);
  });

  it("shows those who are signed in the whole fleet, accessibly, in the light and in the dark", async () => {
    const { page, complaints } = await visit("");
    await enter(page);
    await page.getByText("Everything minted is covered").waitFor();
    await page.locator("canvas").first().waitFor();
    await page.getByText("whole", { exact: true }).waitFor();
    for (const { name, hash } of PLACES) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();
      await page.locator("main .panel").first().waitFor();
      await page.locator("main .skeleton").first().waitFor({ state: "detached" });
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        await look(page, `${hash.slice(2)}-${colorScheme}`);
      }
    }
    await page.getByRole("link", { name: "Validators" }).click();
    await page.getByText("3 of 3 sign").first().waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await leave(page, complaints);
  });

  it("shows an alert that fires, says it, and has it silenced after a preview", async () => {
    const { page, complaints } = await visit("#/speech");
    await enter(page);
    await page.getByLabel("text alone").check();
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.locator('#speech[data-state="quiet"]').waitFor();
    const alert = {
      labels: { alertname: "DrillOfThePage", severity: "critical", chain: "A" },
      annotations: { summary: "This is a drill of the dashboard." },
    };
    const posted = await askAlerting("/api/v2/alerts", { method: "POST", body: JSON.stringify([alert]) });
    assert.equal(posted.status, 200);
    await page.getByText("This is a drill of the dashboard.").first().waitFor();
    await look(page, "spoken");
    await page.getByRole("link", { name: /^Alerts/ }).click();
    const row = page.locator("li.alert").filter({ hasText: "This is a drill of the dashboard." });
    await row.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByLabel("What you are doing about it").fill("a drill");
    await page.locator("dialog").getByRole("button", { name: "Acknowledge" }).click();
    await row.getByText("Acknowledged by local").waitFor();
    await row.getByRole("button", { name: "Silence" }).click();
    await page.getByText("It hides one alert that fires now:").waitFor();
    await look(page, "silence");
    const make = page.locator("dialog").getByRole("button", { name: "Silence", exact: true });
    assert(await make.isDisabled(), "a silence has a reason");
    await page.getByLabel("Why").fill("a drill");
    await make.click();
    await row.getByText("Silenced").waitFor();
    const groups = alertGroups.parse(await (await askAlerting("/api/v2/alerts/groups")).json());
    const drill = groups
      .flatMap(({ alerts }) => alerts)
      .find(({ labels }) => labels["alertname"] === "DrillOfThePage");
    assert.deepEqual([drill?.status.state, drill?.acknowledgement?.by], ["suppressed", "local"]);
    await page.getByRole("link", { name: "Silences" }).click();
    await page.getByRole("button", { name: "Expire" }).click();
    await page.getByText("Expired: what it hid is told again.").waitFor();
    const [silence] = silenceList.parse(await (await askAlerting("/api/v2/silences")).json());
    assert.deepEqual([silence?.status.state, silence?.createdBy], ["expired", "local"]);
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("row").filter({ hasText: "alerting" }).first().waitFor();
    await leave(page, complaints);
  });

  it("tries a job again that failed for good, which fails again and is removed; and keeps who did so", async () => {
    const redis = connectRedis(fleet.local.network.redisUrl, () => undefined);
    const admin = new QueueAdmin(redis);
    const queue = (await admin.opened()).find(({ name }) => name.startsWith("deliver"));
    assert(queue !== undefined);
    await queue.add("deliver", { nothing: "that a sender knows" }, { jobId: "of-the-page" });
    const { page, complaints } = await visit(`#/queues/${queue.name}`);
    await enter(page);
    const row = page.locator(".letters > li").filter({ hasText: "of-the-page" });
    await row.getByText("does not have the expected shape").waitFor();
    await row.getByText("tried once").waitFor();
    const act = async (name: string, done: string) => {
      await row.getByRole("button", { name }).click();
      await page.locator("dialog").getByRole("button", { name, exact: true }).click();
      await page.getByText(`One job was taken: ${done}.`).waitFor();
    };
    await act("Try again", "will be tried again");
    await row.getByText("tried 2 times").waitFor();
    await look(page, "dead-letter");
    await act("Remove", "removed");
    await page.getByText("Nothing has failed here.").waitFor();
    assert.deepEqual(await admin.failed(queue.name), []);
    await page.getByRole("link", { name: "Audit" }).click();
    for (const what of ["of-the-page", "local"])
      await page.getByRole("row").filter({ hasText: what }).first().waitFor();
    await leave(page, complaints);
    await admin.close();
    redis.disconnect();
  });

  it("runs chaos after it has shown whom it hits, follows it, and has its report", async () => {
    const { page, complaints } = await visit("#/chaos");
    await enter(page);
    await page.getByRole("button", { name: "Run: High Latency" }).click();
    await page.getByLabel("How fast").selectOption("60");
    await page.getByText(/^Blast radius: \d+ of \d+ processes/).waitFor();
    await look(page, "blast-radius");
    await page.getByRole("button", { name: /^Run, and hit/ }).click();
    await page.getByRole("button", { name: "Stop everything" }).waitFor();
    await page.locator(".timeline .fault").first().waitFor({ timeout: 60_000 });
    await page.getByRole("link", { name: "Health" }).click();
    await page.getByRole("button", { name: "Stop everything" }).waitFor();
    await page.goBack();
    await page.locator(".run-head .chip", { hasText: "passed" }).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Stop everything" }).waitFor({ state: "detached" });
    await look(page, "run");
    const report = await page.getByRole("link", { name: "Report" }).getAttribute("href");
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Report" }).click(),
    ]);
    await tab.getByRole("heading", { name: "High Latency" }).waitFor();
    assert.match(report ?? "", /format=html$/);
    await leave(page, complaints);
  });

  it("says since when nothing is new while the API stands still, and goes on by itself", async () => {
    const { page, complaints } = await visit("");
    await enter(page);
    await page.getByText("Live", { exact: true }).waitFor();
    fleet.pause("api");
    await page
      .getByRole("alert")
      .getByText(/^Nothing new since /)
      .waitFor();
    fleet.resume("api");
    await page.getByText("Live", { exact: true }).waitFor();
    await leave(page, complaints);
  });

  it("goes on when the API was killed, where nobody is signed in any more", async () => {
    const { page, complaints } = await visit("");
    await enter(page);
    await fleet.kill("api");
    await page.getByText("Your session has ended. Sign in again to go on").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    assert(
      complaints.every((complaint) => /net::ERR|401/.test(complaint)),
      complaints.join("\n"),
    );
    await enter(page);
    await page.getByText("Everything minted is covered").waitFor();
    await page.context().close();
    await fleet.assertExactlyOnce();
  });
});
