import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { z } from "zod";
import { accessibilityFindings, chromiumPath, complaintsOf, startBrowser } from "./support/browser.ts";
import { PageStand } from "./support/page-stand.ts";
import { measureOpening, openStand, VIEWS } from "./support/paint.ts";

const reason = "no Chromium (Debian: apt-get install chromium)";
const title =
  chromiumPath === undefined ? `the wallet page's budgets: left out, ${reason}` : "the wallet page's budgets";

const ROWS = 1_000;
/** Until a view can be used: the page's own files, six of which it shares with the dashboard, and what it asks the API for. */
const MOST_REQUESTS = 16;
/** Bytes as they are sent, the API's answers included. */
const MOST_BYTES = 180_000;
/** The sum of all shifts that nobody caused; web.dev calls less than this good. */
const MOST_SHIFT = 0.1;

const SIZES = [
  { name: "wide", viewport: { width: 1_280, height: 800 } },
  { name: "phone", viewport: { width: 360, height: 740 } },
] as const;

describe(title, { skip: chromiumPath === undefined ? reason : false }, () => {
  let stand: PageStand;
  let browser: Browser;

  before(async () => {
    [stand, browser] = await Promise.all([PageStand.start(ROWS), startBrowser()]);
  });
  after(async () => {
    await browser.close();
    await stand.stop();
  });

  for (const { hash, ready } of VIEWS)
    for (const { name, viewport } of SIZES)
      it(`are kept when ${hash} is opened, ${name}: requests, bytes, and a layout that stays where it is`, async (t) => {
        const page = await openStand(browser, stand, { viewport });
        const { requests, bytes, layoutShift, ...times } = await measureOpening(
          page,
          stand.url + hash,
          ready,
        );
        // Times are told, not judged: they are this machine's.
        t.diagnostic(JSON.stringify({ requests, bytes, layoutShift, ...times }));
        assert(requests <= MOST_REQUESTS, `${requests} requests`);
        assert(bytes <= MOST_BYTES, `${bytes} bytes`);
        assert(layoutShift < MOST_SHIFT, `layout shift ${layoutShift}`);
        await page.context().close();
      });

  /** Which heights rows have, most of which were never in sight. */
  const heightsOf = async (page: Page) =>
    z
      .array(z.number())
      .parse(
        await page.evaluate(
          '[...new Set([...document.querySelectorAll(".rows > li")].map((row) => row.getBoundingClientRect().height))]',
        ),
      );
  const showAll = async (page: Page) => {
    const rows = page.locator(".rows > li");
    await rows.first().waitFor();
    const more = page.getByRole("button", { name: "Show more" });
    while ((await rows.count()) < ROWS) {
      const count = await rows.count();
      await more.click();
      await rows.nth(count).waitFor({ state: "attached" });
    }
    assert.equal(await more.count(), 0, "there are no more");
    assert.equal((await heightsOf(page)).length, 1, "rows that come into sight move none of the others");
    return rows;
  };

  it("let a thousand escrows be shown, searched, and reached by keyboard", async () => {
    const page = await openStand(browser, stand, SIZES[1]);
    const complaints = complaintsOf(page);
    await page.goto(`${stand.url}#/escrows`);
    const rows = await showAll(page);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
    await page.getByRole("searchbox").fill("1,000");
    await page.getByText("None of those that are listed").waitFor();
    await page.getByRole("searchbox").fill("in dispute");
    await page.getByText("in dispute").first().waitFor();
    assert.equal(await rows.count(), Math.floor((ROWS + 3) / 6));
    const unlisted = `0x${"ab".repeat(32)}`;
    await page.getByRole("searchbox").fill(unlisted);
    await page.getByRole("link", { name: "Open the escrow of this id" }).waitFor();
    await page.getByRole("searchbox").fill("");
    await rows.last().getByRole("link").focus();
    await page.getByText("1,000 DEMO").waitFor();
    assert.equal(await page.locator(".rows > li:last-child a:focus").count(), 1);
    assert.deepEqual(await accessibilityFindings(page), []);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("let a thousand transfers be shown", async () => {
    const page = await openStand(browser, stand, SIZES[0]);
    const complaints = complaintsOf(page);
    await page.goto(`${stand.url}#/bridge`);
    await page.getByRole("button", { name: "Show more" }).waitFor();
    // With the few rows of the beginning: a thousand of their kind would only take axe-core long.
    assert.deepEqual(await accessibilityFindings(page), []);
    const rows = await showAll(page);
    await rows.last().scrollIntoViewIfNeeded();
    await page.getByText("1,000 DEMO", { exact: true }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
