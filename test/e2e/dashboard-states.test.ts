import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { PLACES } from "../../web/dashboard/core/route.ts";
import { accessibilityFindings, chromiumPath, complaintsOf, startBrowser } from "./support/browser.ts";
import { FakeApi } from "./support/fake-api.ts";
import { DASHBOARD_VIEWS, measureOpening, openDashboard } from "./support/paint.ts";
import type { Scene } from "./support/fake-fleet.ts";

const reason = "no Chromium (Debian: apt-get install chromium)";
const title =
  chromiumPath === undefined
    ? `the states of the dashboard: left out, ${reason}`
    : "the states of the dashboard, with a fleet that was made up";
/** A folder in which pictures of every view are left, for whoever wants to look at them. */
const pictures = process.env["DCHAT_PICTURES"];

const VIEWS = [
  ...PLACES.map(({ hash }) => hash),
  ...["#/alerts/silences", "#/alerts/history", "#/queues/deliver-A-B", "#/chaos/run-0", "#/chaos/run-1"],
];
/** What a view shows once it has what it asked for. */
const SETTLED = "main :is(.panel, .answers)";
const WIDE = { viewport: { width: 1_280, height: 800 } } as const;
const PHONE = { viewport: { width: 360, height: 740 } } as const;

/** What is asked until a view can be used: the page's own files, and its questions to the API. */
const MOST_REQUESTS = 16;
/** Bytes as they are sent, the API's answers included. */
const MOST_BYTES = 180_000;
/** The sum of all shifts that nobody caused; web.dev calls less than 0.1 good. */
const MOST_SHIFT = 0.1;

describe(title, { skip: chromiumPath === undefined ? reason : false }, () => {
  let api: FakeApi;
  let url = "";
  let browser: Browser;
  before(async () => {
    [{ api, url }, browser] = await Promise.all([FakeApi.start(), startBrowser()]);
  });
  after(async () => {
    await browser.close();
    await api.stop();
  });

  /** Opens the page for whoever is signed in as `role`. */
  const open = async (scene: Scene, role: FakeApi["role"], options: BrowserContextOptions = WIDE) => {
    [api.scene, api.role, api.isSilent] = [scene, role, false];
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(15_000);
    if (role !== undefined) await context.addInitScript("localStorage.setItem('dchat.signed-in', 'yes')");
    const page = await context.newPage();
    return { page, complaints: complaintsOf(page) };
  };
  const go = async (page: Page, hash: string) => {
    await page.goto(`${url}/${hash}`);
    await page.locator(SETTLED).first().waitFor();
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
  };
  const look = async (page: Page, name: string) => {
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    assert.deepEqual(await accessibilityFindings(page), [], name);
    const width = page.viewportSize()?.width;
    assert.equal(
      await page.evaluate("document.documentElement.scrollWidth"),
      width,
      `${name} scrolls sideways`,
    );
  };
  const visitAll = async (
    name: string,
    scene: Scene,
    role: FakeApi["role"],
    options: BrowserContextOptions,
  ) => {
    const { page, complaints } = await open(scene, role, options);
    for (const hash of VIEWS) {
      await go(page, hash);
      await look(page, `${name}-${hash.slice(2).replaceAll("/", "-")}`);
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  };

  it("are accessible and fit in trouble, dark and on a phone", () =>
    visitAll("trouble-dark-phone", "trouble", "admin", { ...PHONE, colorScheme: "dark" }));

  it("are accessible when nothing was ever done, for whoever may only look", () =>
    visitAll("empty-light", "empty", "viewer", WIDE));

  it("are accessible for somebody without a session, who is told what needs one", () =>
    visitAll("public-light", "usual", undefined, WIDE));

  for (const { hash, ready } of DASHBOARD_VIEWS)
    for (const [name, size] of [
      ["wide", WIDE],
      ["phone", PHONE],
    ] as const)
      it(`keep to their budgets when ${hash} is opened, ${name}: requests, bytes, and a layout that stays where it is`, async (t) => {
        [api.scene, api.role, api.isSilent] = ["usual", "admin", false];
        const page = await openDashboard(browser, size);
        const opening = await measureOpening(page, `${url}/${hash}`, ready);
        // Times are told, not judged: they are this machine's.
        t.diagnostic(JSON.stringify(opening));
        assert(opening.requests <= MOST_REQUESTS, `${opening.requests} requests`);
        assert(opening.bytes <= MOST_BYTES, `${opening.bytes} bytes`);
        assert(opening.layoutShift < MOST_SHIFT, `layout shift ${opening.layoutShift}`);
        await page.context().close();
      });

  it("stay usable with a thousand of everything", async () => {
    const { page, complaints } = await open("large", "operator");
    for (const [hash, what] of [
      ["#/validators", "1–50 of 1,000"],
      ["#/queues/deliver-A-B", "1–50 of 1,000"],
      ["#/alerts/silences", "1–50 of 1,000"],
      ["#/audit", "1–50 of 1,000"],
    ] as const) {
      await go(page, hash);
      await page.getByText(what).waitFor();
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByText("51–100 of 1,000").waitFor();
      await look(page, `large-${hash.slice(2).replaceAll("/", "-")}`);
    }
    await go(page, "#/alerts");
    await page.getByText("1000 alerts in one group").waitFor();
    assert.equal(await page.locator("li.alert").count(), 5);
    await page.getByRole("button", { name: "Show all 1000" }).click();
    assert.equal(await page.locator("li.alert").count(), 50);
    await page.getByRole("searchbox").fill("127.0.0.1:10099");
    await page.getByText("has not moved for 1004 minutes").waitFor();
    await look(page, "large-alerts");
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("let nobody do what their role may not, and say why", async () => {
    const { page, complaints } = await open("trouble", "viewer");
    await go(page, "#/queues/deliver-A-B");
    const retry = page.getByRole("button", { name: "Try all again" });
    assert(await retry.isDisabled());
    await page.getByText("This takes an operator; viewer is a viewer.").first().waitFor();
    assert(await page.getByRole("button", { name: "Stop everything" }).isDisabled());
    await go(page, "#/chaos");
    assert(await page.getByRole("button", { name: "Run: High Latency" }).isDisabled());
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("ask before anything is done to dead letters, and do it to what was meant, by the keyboard alone", async () => {
    const { page, complaints } = await open("trouble", "operator");
    await go(page, "#/queues/deliver-A-B");
    const remove = page.getByRole("button", { name: "Remove:" }).first();
    const id = (await remove.getAttribute("aria-label"))?.replace("Remove: ", "");
    await remove.focus();
    await page.keyboard.press("Enter");
    await page.getByText("This cannot be taken back.").waitFor();
    await look(page, "remove");
    const before = api.asked.length;
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.equal(await page.evaluate("document.activeElement.ariaLabel"), `Remove: ${id}`, "focus returns");
    await page.keyboard.press("Enter");
    const confirm = page.locator("dialog").getByRole("button", { name: "Remove", exact: true });
    await confirm.focus();
    await page.keyboard.press("Enter");
    await page.getByText("One job was taken: removed.").waitFor();
    assert.deepEqual(api.asked.slice(before), [
      { what: "POST /api/v1/operator/queues/deliver-A-B/remove", body: { id } },
    ]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("say since when nothing is new, and that all is live again", async () => {
    const { page, complaints } = await open("usual", "viewer");
    await go(page, "#/health");
    await page.getByText("Live", { exact: true }).waitFor();
    api.isSilent = true;
    await page
      .getByRole("alert")
      .getByText(/^Nothing new since .* ago: what you see may be old/)
      .waitFor();
    await look(page, "stale");
    api.isSilent = false;
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal(await page.getByText("Nothing new since").count(), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
