import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../../test/e2e/support/browser.ts";
import { FakeApi } from "../../test/e2e/support/fake-api.ts";
import { PageStand } from "../../test/e2e/support/page-stand.ts";
import {
  DASHBOARD_VIEWS,
  measureOpening,
  type Opening,
  openDashboard,
  openStand,
  VIEWS,
} from "../../test/e2e/support/paint.ts";
import type { Figures } from "../gas/crypto.ts";
import { median } from "../speech/scene.ts";

/** How often each view is opened, each time in a browser context that has never seen it. */
const ROUNDS = 7;
const ROWS = 1_000;
const SECONDS_AT_REST = 5;
const PHONE = { viewport: { width: 360, height: 740 } };

/** What opening both pages takes on a phone's screen and a processor slowed down four times, and what a thousand rows cost. */
export async function measurePages(): Promise<Figures> {
  const [stand, { api, url }, browser] = await Promise.all([
    PageStand.start(ROWS),
    FakeApi.start(),
    startBrowser(),
  ]);
  api.role = "admin";
  try {
    const figures: Figures = {};
    for (const { hash, ready } of VIEWS)
      Object.assign(figures, await opened(hash, () => openStand(browser, stand, PHONE), stand.url, ready));
    for (const { hash, ready } of DASHBOARD_VIEWS)
      Object.assign(figures, await opened(hash, () => openDashboard(browser, PHONE), `${url}/`, ready));
    return { ...figures, ...(await manyRows(browser, stand)) };
  } finally {
    await browser.close();
    await Promise.all([stand.stop(), api.stop()]);
  }
}

/** One view, opened again and again. */
async function opened(
  hash: string,
  open: () => Promise<Page>,
  url: string,
  ready: (page: Page) => Promise<void>,
): Promise<Figures> {
  const openings: Opening[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const page = await open();
    openings.push(await measureOpening(page, url + hash, ready));
    await page.context().close();
  }
  return mediansOf(hash.slice(2).replace("/", "."), openings);
}

function mediansOf(view: string, openings: readonly Opening[]): Figures {
  const of = (name: keyof Opening, digits: number) =>
    Number(median(openings.map((opening) => opening[name])).toFixed(digits));
  return {
    [`${view}.firstContentfulPaintMs`]: of("firstContentfulPaintMs", 0),
    [`${view}.readyMs`]: of("readyMs", 0),
    [`${view}.totalBlockingMs`]: of("totalBlockingMs", 0),
    [`${view}.layoutShift`]: of("layoutShift", 4),
    [`${view}.requests`]: of("requests", 0),
    [`${view}.bytes`]: of("bytes", 0),
  };
}

/** A list of a thousand rows: what a letter in its search takes, and what it costs to let it stand. */
async function manyRows(browser: Browser, stand: PageStand): Promise<Figures> {
  const page = await openStand(browser, stand, PHONE);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.goto(`${stand.url}#/escrows`);
  const rows = page.locator(".rows > li");
  await rows.first().waitFor();
  for (let count = await rows.count(); count < ROWS; count = await rows.count()) {
    await page.getByRole("button", { name: "Show more" }).click();
    await rows.nth(count).waitFor({ state: "attached" });
  }
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1_000;
  };
  const before = await busy();
  await page.waitForTimeout(SECONDS_AT_REST * 1_000);
  const busyMsPerSecond = ((await busy()) - before) / SECONDS_AT_REST;
  const searches: number[] = [];
  for (const letter of "in dispute") searches.push(await typed(page, letter));
  await page.context().close();
  return {
    "rows1000.busyMsPerSecond": Math.round(busyMsPerSecond),
    "rows1000.searchMsPerLetter": Math.round(median(searches)),
  };
}

/** From a letter in the search until the list that fits it is painted. */
async function typed(page: Page, letter: string): Promise<number> {
  const search = page.getByRole("searchbox");
  await search.focus();
  await page.evaluate("globalThis.typedAt = performance.now()");
  await page.keyboard.type(letter);
  const took: unknown = await page.evaluate(
    "new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - globalThis.typedAt))))",
  );
  return Number(took);
}
