import assert from "node:assert/strict";
import { join } from "node:path";
import { hexlify } from "ethers";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type MessageList, messageList } from "../../../relayer/api/list-schema.ts";
import { readKeyFile } from "../../../relayer/platform/key-file.ts";
import { accessibilityFindings, complaintsOf, startBrowser } from "./browser.ts";
import { Fleet } from "./fleet.ts";
import { InjectedWallet } from "./injected-wallet.ts";

/** A folder in which pictures of every state are left, for whoever wants to look at them. */
const pictures = process.env["DCHAT_PICTURES"];

/** A browser with the page open, and what it complains of. */
export type Visit = { readonly page: Page; readonly complaints: readonly string[] };

/** A fleet, a Chromium, and people with wallets who look at the wallet page. */
export class WalletScene {
  readonly fleet: Fleet;
  /** The page's address, without what stands behind its #. */
  readonly url: string;
  readonly #browser: Browser;
  readonly #wallets: InjectedWallet[] = [];

  private constructor(fleet: Fleet, browser: Browser) {
    const { host, port } = fleet.local.network.api;
    [this.fleet, this.#browser] = [fleet, browser];
    this.url = `http://${host}:${port}/wallet/`;
  }

  static async start(): Promise<WalletScene> {
    const [fleet, browser] = await Promise.all([Fleet.start(), startBrowser()]);
    return new WalletScene(fleet, browser);
  }

  async stop(): Promise<void> {
    for (const wallet of this.#wallets) wallet.close();
    await this.#browser.close();
    await this.fleet.stop();
  }

  /** A wallet with one of the local network's keys. @param known the ids of the chains that it knows; it is on the first */
  walletOf(name: "wallet" | "seller" | "arbiter", ...known: readonly number[]): InjectedWallet {
    const { folder, home, away } = this.fleet;
    const key = hexlify(readKeyFile(join(folder, `${name}.key`), name));
    const wallet = new InjectedWallet(key, [home, away], known);
    this.#wallets.push(wallet);
    return wallet;
  }

  /** Opens the page in a browser context of its own: nothing is shared with any other visit. */
  async visit(
    wallet: InjectedWallet | undefined,
    hash = "",
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    const context = await this.#browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(60_000);
    await wallet?.install(context);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(this.url + hash);
    return { page, complaints };
  }

  /** Connects a wallet of the page. */
  async connect(page: Page, name = "Test wallet"): Promise<void> {
    await page.locator("header").getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("button", { name }).click();
  }

  /** Asserts that everybody can use what is to be seen, and takes a picture of it where somebody wants one. */
  async look(page: Page, name: string): Promise<void> {
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    assert.deepEqual(await accessibilityFindings(page), [], name);
  }

  /** Asserts that nothing needs to be scrolled sideways. */
  async assertFits(page: Page, width: number): Promise<void> {
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
  }

  /** Ends a visit in which nothing was complained of. */
  async leave({ page, complaints }: Visit): Promise<void> {
    assert.deepEqual(complaints, []);
    await page.context().close();
  }

  /** Waits until the transfer that is looked at has arrived. */
  async untilDelivered(page: Page): Promise<void> {
    await page.getByRole("heading", { name: "Delivered", exact: true }).waitFor();
  }

  /** The message that was sent last, as the index has it. */
  async newestMessage(): Promise<MessageList["messages"][number]> {
    const answer = await fetch(new URL("/api/v1/messages?limit=1", this.url));
    return messageList.parse(await answer.json()).messages[0] ?? assert.fail("there is a message");
  }
}
