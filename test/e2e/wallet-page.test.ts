import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hexlify } from "ethers";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { messageList } from "../../relayer/api/list-schema.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { accessibilityFindings, chromiumPath, complaintsOf, startBrowser } from "./support/browser.ts";
import { Fleet } from "./support/fleet.ts";
import { InjectedWallet } from "./support/injected-wallet.ts";

const reason = "no Chromium (Debian: apt-get install chromium)";
const title = chromiumPath === undefined ? `the wallet page: left out, ${reason}` : "the wallet page";
/** A folder in which pictures of every state are left, for whoever wants to look at them. */
const pictures = process.env["DCHAT_PICTURES"];

/** A browser with the page open, and what it complains of. */
type Visit = { readonly page: Page; readonly complaints: readonly string[] };

describe(title, { skip: chromiumPath === undefined ? reason : false }, () => {
  let fleet: Fleet;
  let browser: Browser;
  let url = "";
  const wallets: InjectedWallet[] = [];

  before(async () => {
    [fleet, browser] = await Promise.all([Fleet.start(), startBrowser()]);
    const { host, port } = fleet.local.network.api;
    url = `http://${host}:${port}/wallet/`;
  });
  after(async () => {
    for (const wallet of wallets) wallet.close();
    await browser.close();
    await fleet.stop();
  });

  const walletOn = (...known: readonly number[]) => walletOf("wallet", ...known);
  const walletOf = (name: "wallet" | "seller" | "arbiter", ...known: readonly number[]) => {
    const key = hexlify(readKeyFile(join(fleet.folder, `${name}.key`), name));
    const wallet = new InjectedWallet(key, [fleet.home, fleet.away], known);
    wallets.push(wallet);
    return wallet;
  };
  const visit = async (
    wallet: InjectedWallet | undefined,
    hash = "",
    options: BrowserContextOptions = {},
  ): Promise<Visit> => {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(60_000);
    await wallet?.install(context);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(url + hash);
    return { page, complaints };
  };
  const connect = async (page: Page, name = "Test wallet") => {
    await page.locator("header").getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("button", { name }).click();
  };
  const look = async (page: Page, name: string) => {
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    assert.deepEqual(await accessibilityFindings(page), [], name);
  };
  const leave = async ({ page, complaints }: Visit) => {
    assert.deepEqual(complaints, []);
    await page.context().close();
  };
  const untilDelivered = (page: Page) =>
    page.getByRole("heading", { name: "Delivered", exact: true }).waitFor();
  const newestMessage = async () => {
    const answer = await fetch(new URL("/api/v1/messages?limit=1", url));
    return messageList.parse(await answer.json()).messages[0] ?? assert.fail("there is a message");
  };

  it("guards the wrong network: it switches, adds the chain where the wallet does not know it, and follows", async () => {
    const { home, away } = fleet;
    const wallet = walletOn(away.chainId);
    const visited = await visit(wallet);
    const { page } = visited;
    await page.getByRole("heading", { name: "Send to another chain" }).waitFor();
    await look(page, "bridge-empty");
    await page.locator("header").getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("heading", { name: "For this local network only" }).waitFor();
    await look(page, "connect");
    await page.getByRole("button", { name: "Test wallet" }).click();
    await page.getByText("Your wallet is on another network").waitFor();
    await look(page, "wrong-network");
    await page.getByRole("button", { name: `Switch to ${home.name}` }).click();
    // The wallet itself tells the page of its new chain, as wallets do.
    await page.getByRole("button", { name: `Switch to ${home.name}` }).isEnabled();
    await wallet.turnTo(page, home);
    await page.getByText(`DEMO on ${home.name}`).waitFor();
    assert.deepEqual(wallet.asked, [
      "wallet_switchEthereumChain",
      "wallet_addEthereumChain",
      "wallet_switchEthereumChain",
    ]);
    await wallet.turnTo(page, away);
    await page.getByText("Your wallet is on another network").waitFor();
    await leave(visited);
  });

  it("takes a rejection for what it is, then sends, survives a reload, and is watched to the end", async () => {
    const { home, away } = fleet;
    const wallet = walletOn(home.chainId, away.chainId);
    const visited = await visit(wallet);
    const { page } = visited;
    await connect(page);
    await page.getByText(`1,000,000 DEMO on ${home.name}`).waitFor();
    await page.getByLabel("Amount").fill("1000001");
    await page.getByText("You have 1,000,000 DEMO").waitFor();
    await look(page, "amount-refused");
    await page.getByLabel("Amount").fill("12.5");
    await look(page, "amount-ready");
    const before = await fleet.books();
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByRole("heading", { name: "Before you sign" }).waitFor();
    await look(page, "review");
    wallet.isDeclining = true;
    await page.getByRole("button", { name: "Approve and send" }).click();
    const said = page.getByText("You declined in your wallet. Nothing was sent.");
    await said.waitFor();
    assert.equal(await page.locator("dialog [role=alert]").count(), 0, "a rejection is no error");
    assert.deepEqual(await fleet.books(), before);
    await look(page, "declined");
    wallet.isDeclining = false;
    await page.getByRole("button", { name: "Approve and send" }).click();
    await page.getByRole("list", { name: "The way of the transfer" }).waitFor();
    const way = page.url();
    await page.reload();
    assert.equal(page.url(), way);
    await untilDelivered(page);
    await page.getByText("12.5 DEMO").first().waitFor();
    assert.equal(await page.locator('.steps li[data-state="done"]').count(), 5);
    await look(page, "delivered");
    await leave(visited);
    const { transfer, lane } = await newestMessage();
    assert.deepEqual(
      [transfer?.amount, transfer?.recipient, lane.to],
      [125n * 10n ** 17n, wallet.address, away.name],
    );
  });

  it("sends back without an approval, and shows the way to anybody by transaction, by message and by link", async () => {
    const { home, away } = fleet;
    const wallet = walletOn(away.chainId, home.chainId);
    const visited = await visit(wallet);
    const { page } = visited;
    await connect(page);
    await page.getByRole("button", { name: "Swap the two chains" }).click();
    await page.getByText(`12.5 DEMO on ${away.name}`).waitFor();
    await page.getByRole("button", { name: "Max" }).click();
    assert.equal(await page.getByLabel("Amount").inputValue(), "12.5");
    await page.getByLabel("Amount").fill("2.5");
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByRole("button", { name: "Sign and send" }).click();
    await untilDelivered(page);
    assert.deepEqual(wallet.asked, ["eth_sendTransaction"]);
    await leave(visited);

    const { messageId, source } = await newestMessage();
    const stranger = await visit(undefined, "", {
      colorScheme: "dark",
      viewport: { width: 360, height: 740 },
    });
    for (const id of [source.transactionHash, messageId]) {
      await stranger.page.getByLabel("Open by transaction or message").fill(id);
      await stranger.page.getByRole("button", { name: "Open", exact: true }).click();
      await untilDelivered(stranger.page);
      await look(stranger.page, "delivered-dark-phone");
      assert.equal(await stranger.page.evaluate("document.documentElement.scrollWidth"), 360);
      await stranger.page.getByRole("link", { name: "Bridge" }).first().click();
    }
    await stranger.page.getByText("Everybody’s transfers").waitFor();
    await stranger.page.getByText("2.5 DEMO").first().waitFor();
    await look(stranger.page, "bridge-dark-phone");
    assert.equal(await stranger.page.evaluate("document.documentElement.scrollWidth"), 360);
    await stranger.page.goto(`${url}#/transfer/0x${"12".repeat(32)}`);
    await stranger.page.getByRole("heading", { name: "No transfer under this id" }).waitFor();
    await look(stranger.page, "unknown-dark-phone");
    await leave(stranger);
    await fleet.assertExactlyOnce();
  });

  it("plays an escrow from three sides at once: locked by permit, delivered, disputed with evidence, ruled in part", async () => {
    const { home, away } = fleet;
    const buyer = walletOf("wallet", home.chainId, away.chainId);
    const seller = walletOf("seller", home.chainId);
    const arbiter = walletOf("arbiter", away.chainId, home.chainId);
    const buying = await visit(buyer, "#/escrows");
    const { page } = buying;
    await connect(page);
    await page.getByText("None yet in this role").waitFor();
    await look(page, "escrows-empty");
    await page.getByRole("link", { name: "New escrow" }).click();
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByText("Name an amount.").waitFor();
    await look(page, "escrow-form-refused");
    await page.getByLabel("Amount", { exact: true }).fill("10");
    await page.getByLabel("Seller", { exact: true }).fill(seller.address);
    await page.getByLabel("Deliver by").fill("2030-01-01T12:00");
    await page.getByLabel("Arbiter", { exact: true }).fill(arbiter.address);
    await page.getByLabel("Pay by a signed permit").check();
    await page.getByRole("button", { name: "Review" }).click();
    await look(page, "escrow-review");
    await page.getByRole("button", { name: "Lock the money" }).click();
    await page.getByRole("heading", { name: "Waiting for the delivery" }).waitFor();
    assert.deepEqual(buyer.asked, ["eth_signTypedData_v4", "eth_sendTransaction"]);
    await look(page, "escrow-locked");
    const address = new URL(page.url()).hash;

    const selling = await visit(seller, "#/escrows/seller", { viewport: { width: 360, height: 740 } });
    await connect(selling.page);
    await selling.page.getByRole("link", { name: /10 DEMO/ }).click();
    await selling.page.getByRole("heading", { name: "Your turn: deliver" }).waitFor();
    await look(selling.page, "escrow-seller-phone");
    assert.equal(await selling.page.evaluate("document.documentElement.scrollWidth"), 360);
    const act = async (on: Page, label: string, text?: string) => {
      await on.getByRole("button", { name: label, exact: true }).click();
      if (text !== undefined) await on.locator("#action-input").fill(text);
      await on.getByRole("button", { name: "Sign", exact: true }).click();
      await on.locator("dialog").waitFor({ state: "detached" });
    };
    await act(selling.page, "I have delivered");
    await page.getByRole("heading", { name: "Your turn: look at the delivery" }).waitFor();
    await act(page, "Release", "2.5");
    await page.getByText("7.5 DEMO", { exact: true }).waitFor();
    await act(page, "Dispute", "ipfs://what-was-agreed");
    await selling.page.getByRole("heading", { name: "In dispute" }).waitFor();
    await selling.page.getByText("ipfs://what-was-agreed").waitFor();
    await leave(selling);

    const ruling = await visit(arbiter, address, { colorScheme: "dark" });
    await connect(ruling.page);
    await ruling.page.getByRole("button", { name: `Switch to ${home.name}` }).click();
    await arbiter.turnTo(ruling.page, home);
    await ruling.page.getByRole("heading", { name: "Your turn: rule" }).waitFor();
    await look(ruling.page, "escrow-arbiter-dark");
    await act(ruling.page, "Rule", "3");
    await ruling.page.getByText("4.5 DEMO to the payees, 3 DEMO to the buyer").waitFor();
    await look(ruling.page, "escrow-ruled-dark");
    await leave(ruling);
    await page.getByRole("heading", { name: "Paid" }).waitFor();
    await page.goto(`${url}#/escrows`);
    await page.getByRole("searchbox").fill(seller.address.toLowerCase());
    await page.getByRole("link", { name: /10 DEMO/ }).waitFor();
    await look(page, "escrows");
    await page.getByRole("searchbox").fill("0x00");
    await page.getByText("None of those that are listed fits the search.").waitFor();
    await leave(buying);
  });

  it("brings a wallet of its own, plainly labelled, and remembers the one that was used last", async () => {
    const visited = await visit(undefined);
    const { page } = visited;
    await connect(page, "Development wallet");
    await page.getByText("DEMO on A").waitFor();
    await page.reload();
    await page.getByText("DEMO on A").waitFor();
    await page.locator("header").getByRole("button", { name: "Development wallet" }).click();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.equal(
      await page.evaluate("document.activeElement.textContent"),
      "Connect wallet",
      "focus returns",
    );
    await page.reload();
    await page.locator("header").getByRole("button", { name: "Connect wallet" }).waitFor();
    await leave(visited);
  });

  it("gives the keys of the local network to this machine's own pages alone", async () => {
    const wallet = new URL("/api/v1/development-wallet", url);
    assert.equal((await fetch(wallet)).status, 200);
    const foreign = await fetch(wallet, { headers: { "sec-fetch-site": "cross-site" } });
    assert.equal(foreign.status, 403);
    const page = await fetch(url);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /style-src 'self';/);
  });
});
