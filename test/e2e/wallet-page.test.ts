import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chromiumPath } from "./support/browser.ts";
import { WalletScene } from "./support/wallet-scene.ts";
import { playEscrow } from "./wallet-page/escrow.ts";
import { replace } from "./wallet-page/replace.ts";
import { pushOn } from "./wallet-page/push.ts";

const reason = "no Chromium (Debian: apt-get install chromium)";
const title = chromiumPath === undefined ? `the wallet page: left out, ${reason}` : "the wallet page";

describe(title, { skip: chromiumPath === undefined ? reason : false }, () => {
  let scene: WalletScene;

  before(async () => {
    scene = await WalletScene.start();
  });
  after(() => scene.stop());

  it("guards the wrong network: it switches, adds the chain where the wallet does not know it, and follows", async () => {
    const { home, away } = scene.fleet;
    const wallet = scene.walletOf("wallet", away.chainId);
    const visited = await scene.visit(wallet);
    const { page } = visited;
    await page.getByRole("heading", { name: "Send to another chain" }).waitFor();
    await scene.look(page, "bridge-empty");
    await page.locator("header").getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("heading", { name: "For this local network only" }).waitFor();
    await scene.look(page, "connect");
    await page.getByRole("button", { name: "Test wallet" }).click();
    await page.getByText("Your wallet is on another network").waitFor();
    await scene.look(page, "wrong-network");
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
    await scene.leave(visited);
  });

  it("takes a rejection for what it is, then sends, survives a reload, and is watched to the end", async () => {
    const { home, away } = scene.fleet;
    const wallet = scene.walletOf("wallet", home.chainId, away.chainId);
    const visited = await scene.visit(wallet);
    const { page } = visited;
    await scene.connect(page);
    await page.getByText(`1,000,000 DEMO on ${home.name}`).waitFor();
    await page.getByLabel("Amount").fill("1000001");
    await page.getByText("You have 1,000,000 DEMO").waitFor();
    await scene.look(page, "amount-refused");
    await page.getByLabel("Amount").fill("12.5");
    await scene.look(page, "amount-ready");
    const before = await scene.fleet.books();
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByRole("heading", { name: "Before you sign" }).waitFor();
    await scene.look(page, "review");
    wallet.isDeclining = true;
    await page.getByRole("button", { name: "Approve and send" }).click();
    const said = page.getByText("You declined in your wallet. Nothing was sent.");
    await said.waitFor();
    assert.equal(await page.locator("dialog [role=alert]").count(), 0, "a rejection is no error");
    assert.deepEqual(await scene.fleet.books(), before);
    await scene.look(page, "declined");
    wallet.isDeclining = false;
    await page.getByRole("button", { name: "Approve and send" }).click();
    await page.getByRole("list", { name: "The way of the transfer" }).waitFor();
    const way = page.url();
    await page.reload();
    assert.equal(page.url(), way);
    await scene.untilDelivered(page);
    await page.getByText("12.5 DEMO").first().waitFor();
    assert.equal(await page.locator('.steps li[data-state="done"]').count(), 5);
    await scene.look(page, "delivered");
    await scene.leave(visited);
    const { transfer, lane } = await scene.newestMessage();
    assert.deepEqual(
      [transfer?.amount, transfer?.recipient, lane.to],
      [125n * 10n ** 17n, wallet.address, away.name],
    );
  });

  it("sends by a signed permit, in one transaction", async () => {
    const { home, away } = scene.fleet;
    const wallet = scene.walletOf("wallet", home.chainId, away.chainId);
    const visited = await scene.visit(wallet);
    const { page } = visited;
    await scene.connect(page);
    await page.getByLabel("Send by a signed permit: one transaction instead of two").check();
    await page.getByLabel("Amount").fill("1");
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByText("A permit for 1 DEMO, and no more: a signature that costs no fee.").waitFor();
    await scene.look(page, "permit");
    await page.getByRole("button", { name: "Sign and send" }).click();
    await scene.untilDelivered(page);
    assert.deepEqual(wallet.asked, ["eth_signTypedData_v4", "eth_sendTransaction"]);
    await scene.leave(visited);
  });

  it("sends back without an approval, and shows the way to anybody by transaction, by message and by link", async () => {
    const { home, away } = scene.fleet;
    const wallet = scene.walletOf("wallet", away.chainId, home.chainId);
    const visited = await scene.visit(wallet);
    const { page } = visited;
    await scene.connect(page);
    await page.getByRole("button", { name: "Swap the two chains" }).click();
    await page.getByText(`13.5 DEMO on ${away.name}`).waitFor();
    await page.getByRole("button", { name: "Max" }).click();
    assert.equal(await page.getByLabel("Amount").inputValue(), "13.5");
    await page.getByLabel("Amount").fill("2.5");
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByRole("button", { name: "Sign and send" }).click();
    await scene.untilDelivered(page);
    assert.deepEqual(wallet.asked, ["eth_sendTransaction"]);
    await scene.leave(visited);

    const { messageId, source } = await scene.newestMessage();
    const stranger = await scene.visit(undefined, "", {
      colorScheme: "dark",
      viewport: { width: 360, height: 740 },
    });
    for (const id of [source.transactionHash, messageId]) {
      await stranger.page.getByLabel("Open by transaction or message").fill(id);
      await stranger.page.getByRole("button", { name: "Open", exact: true }).click();
      await scene.untilDelivered(stranger.page);
      await scene.look(stranger.page, "delivered-dark-phone");
      await scene.assertFits(stranger.page, 360);
      await stranger.page.getByRole("link", { name: "Bridge" }).first().click();
    }
    await stranger.page.getByText("Everybody’s transfers").waitFor();
    await stranger.page.getByText("2.5 DEMO").first().waitFor();
    await scene.look(stranger.page, "bridge-dark-phone");
    await scene.assertFits(stranger.page, 360);
    await stranger.page.goto(`${scene.url}#/transfer/0x${"12".repeat(32)}`);
    await stranger.page.getByRole("heading", { name: "No transfer under this id" }).waitFor();
    await scene.look(stranger.page, "unknown-dark-phone");
    await scene.leave(stranger);
    await scene.fleet.assertExactlyOnce();
  });

  it("plays an escrow in three browsers at once, as buyer, seller and arbiter: locked by permit, delivered, released in part by signatures that others send, disputed with evidence, ruled in part", () =>
    playEscrow(scene));

  it("brings a wallet of its own, plainly labelled, and remembers the one that was used last", async () => {
    const visited = await scene.visit(undefined);
    const { page } = visited;
    await scene.connect(page, "Development wallet");
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
    await scene.leave(visited);
  });

  it("tries a failed message again and has a large transfer paid once its wait is over, by whoever looks", () =>
    pushOn(scene));

  it("follows a transaction that is sped up, taken back, or forgotten by the chain", () => replace(scene));

  it("gives the keys of the local network to this machine's own pages alone", async () => {
    const wallet = new URL("/api/v1/development-wallet", scene.url);
    assert.equal((await fetch(wallet)).status, 200);
    const foreign = await fetch(wallet, { headers: { "sec-fetch-site": "cross-site" } });
    assert.equal(foreign.status, 403);
    const page = await fetch(scene.url);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /style-src 'self';/);
  });
});
