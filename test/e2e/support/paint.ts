import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { z } from "zod";
import type { PageStand } from "./page-stand.ts";

/** How much slower the processor is made: about a phone of the middle class beside a laptop. */
const CPU_SLOWDOWN = 4;
/** A task longer than this blocks the page, by the definition of total blocking time; in milliseconds. */
const LONG_TASK = 50;

const seen = z.object({
  firstContentfulPaint: z.number(),
  layoutShift: z.number(),
  longTasks: z.array(z.object({ startTime: z.number(), duration: z.number() })),
});

/** What opening a view of the page took. Times in milliseconds from the navigation on, on a processor slowed down four times. */
export type Opening = {
  readonly firstContentfulPaintMs: number;
  /** From the navigation until what the view is for was there. */
  readonly readyMs: number;
  /** What of tasks between first paint and ready was beyond 50 ms. */
  readonly totalBlockingMs: number;
  /** The sum of all shifts that nobody had caused. */
  readonly layoutShift: number;
  /** Addresses that were asked until it was ready: files, and questions to the API. What is asked again and again counts once. */
  readonly requests: number;
  /** Bytes of their first answers, as they were sent. */
  readonly bytes: number;
};

/** A visit of the page's stand, with a wallet of one account that signs nothing. */
export async function openStand(
  browser: Browser,
  { account }: PageStand,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const answers: Readonly<Record<string, unknown>> = {
    ...{ eth_accounts: [account], eth_requestAccounts: [account], eth_chainId: "0x7a69" },
    eth_call: `0x${"0".repeat(64)}`,
  };
  await context.exposeFunction("askWallet", (text: string) => {
    const { method } = z.object({ method: z.string() }).parse(JSON.parse(text));
    return JSON.stringify({ result: answers[method] ?? null });
  });
  await context.addInitScript({ path: join(import.meta.dirname, "injected-wallet.js") });
  // The wallet of the last visit, so that it is taken up by itself.
  await context.addInitScript('localStorage.setItem("dchat.wallet", "org.example.wallet")');
  await seePaint(context);
  return context.newPage();
}

/** A visit of the dashboard by somebody who is signed in. */
export async function openDashboard(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  await context.addInitScript("localStorage.setItem('dchat.signed-in', 'yes')");
  await seePaint(context);
  return context.newPage();
}

/** Has every page of a context note what {@link measureOpening} reads. */
async function seePaint(context: BrowserContext): Promise<void> {
  await context.addInitScript({ path: join(import.meta.dirname, "paint.js") });
}

/** Opens a view for the first time, and measures. @param ready is there once the view can be used */
export async function measureOpening(
  page: Page,
  url: string,
  ready: (page: Page) => Promise<void>,
): Promise<Opening> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await session.send("Network.enable");
  const [urls, sizes] = [new Map<string, string>(), new Map<string, number>()];
  session.on("Network.requestWillBeSent", ({ requestId, request: { url: asked } }) => {
    urls.set(requestId, asked);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const asked = urls.get(requestId) ?? requestId;
    if (!sizes.has(asked)) sizes.set(asked, encodedDataLength);
  });
  await page.goto(url);
  await ready(page);
  const readyMs = z.number().parse(await page.evaluate("performance.now()"));
  const counted = {
    requests: new Set(urls.values()).size,
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
  };
  const { firstContentfulPaint, layoutShift, longTasks } = seen.parse(
    await page.evaluate("globalThis.seenByBrowser"),
  );
  const blocking = longTasks
    .filter(({ startTime }) => startTime >= firstContentfulPaint && startTime <= readyMs)
    .reduce((sum, { duration }) => sum + Math.max(0, duration - LONG_TASK), 0);
  return {
    ...{ firstContentfulPaintMs: firstContentfulPaint, readyMs, totalBlockingMs: blocking, layoutShift },
    ...counted,
  };
}

/** The views of the wallet page that are opened first, and when each can be used. */
export const VIEWS: readonly { readonly hash: string; readonly ready: (page: Page) => Promise<void> }[] = [
  {
    hash: "#/bridge",
    ready: async (page) => {
      await page.getByText("0 DEMO on A").waitFor();
      await page.locator(".rows > li").first().waitFor();
    },
  },
  {
    hash: "#/escrows",
    ready: (page) => page.locator(".rows > li").first().waitFor(),
  },
  {
    hash: "#/escrow/new",
    ready: (page) => page.getByRole("button", { name: "Review" }).waitFor(),
  },
];

/** The same of the dashboard. */
export const DASHBOARD_VIEWS: typeof VIEWS = ["#/health", "#/alerts", "#/validators"].map((hash) => ({
  hash,
  ready: async (page) => {
    await page.locator("main :is(.panel, .answers)").first().waitFor();
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
  },
}));
