import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { WalletScene } from "../support/wallet-scene.ts";

/** One escrow from its terms to a ruling, with buyer, seller and arbiter in browsers of their own. */
export async function playEscrow(scene: WalletScene): Promise<void> {
  const { home, away } = scene.fleet;
  const buyer = scene.walletOf("wallet", home.chainId, away.chainId);
  const seller = scene.walletOf("seller", home.chainId);
  const arbiter = scene.walletOf("arbiter", away.chainId, home.chainId);
  const buying = await scene.visit(buyer, "#/escrows");
  const { page } = buying;
  await scene.connect(page);
  await page.getByText("None yet in this role").waitFor();
  await scene.look(page, "escrows-empty");
  await page.getByRole("link", { name: "New escrow" }).click();
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByText("Name an amount.").waitFor();
  await scene.look(page, "escrow-form-refused");
  await page.getByLabel("Amount", { exact: true }).fill("10");
  await page.getByLabel("Seller", { exact: true }).fill(seller.address);
  await page.getByLabel("Deliver by").fill("2030-01-01T12:00");
  await page.getByLabel("Arbiter", { exact: true }).fill(arbiter.address);
  await page.getByLabel("Tip, per cent").fill("0.5");
  const agreement = { name: "offer.txt", mimeType: "text/plain", buffer: Buffer.from("ten of them, blue") };
  await page.getByLabel("Agreement", { exact: true }).setInputFiles(agreement);
  await page.getByText("Its digest is").waitFor();
  await page.getByLabel("Pay by a signed permit").check();
  await page.getByRole("button", { name: "Review" }).click();
  await scene.look(page, "escrow-review");
  await page.getByRole("button", { name: "Lock the money" }).click();
  await page.getByRole("heading", { name: "Waiting for the delivery" }).waitFor();
  assert.deepEqual(buyer.asked, ["eth_signTypedData_v4", "eth_sendTransaction"]);
  await scene.look(page, "escrow-locked");
  const address = new URL(page.url()).hash;

  const selling = await scene.visit(seller, "#/escrows/seller", { viewport: { width: 360, height: 740 } });
  await scene.connect(selling.page);
  await selling.page.getByRole("link", { name: /10 DEMO/ }).click();
  await selling.page.getByRole("heading", { name: "Your turn: deliver" }).waitFor();
  await scene.look(selling.page, "escrow-seller-phone");
  await scene.assertFits(selling.page, 360);
  const act = async (on: Page, label: string, text?: string) => {
    await on.getByRole("button", { name: label, exact: true }).click();
    if (text !== undefined) await on.locator("#action-input").fill(text);
    await on.getByRole("button", { name: "Sign", exact: true }).click();
    await on.locator("dialog").waitFor({ state: "detached" });
  };
  const check = selling.page.getByLabel("The file");
  await check.setInputFiles({ ...agreement, buffer: Buffer.from("ten of them, red") });
  await selling.page.getByText("offer.txt is not the file").waitFor();
  await check.setInputFiles(agreement);
  await selling.page.getByText("offer.txt is the very file").waitFor();
  await selling.page.getByText("0.5 % to whoever carries a time-out out").waitFor();
  await scene.look(selling.page, "escrow-agreement-phone");
  await scene.assertFits(selling.page, 360);
  await act(selling.page, "I have delivered");
  await page.getByRole("heading", { name: "Your turn: look at the delivery" }).waitFor();
  await handOver(scene, page, selling.page, address.replace("#/escrow/", ""));
  await act(page, "Dispute", "ipfs://what-was-agreed");
  await selling.page.getByRole("heading", { name: "In dispute" }).waitFor();
  await selling.page.getByText("ipfs://what-was-agreed").waitFor();
  await scene.leave(selling);

  const ruling = await scene.visit(arbiter, address, { colorScheme: "dark" });
  await scene.connect(ruling.page);
  await ruling.page.getByRole("button", { name: `Switch to ${home.name}` }).click();
  await arbiter.turnTo(ruling.page, home);
  await ruling.page.getByRole("heading", { name: "Your turn: rule" }).waitFor();
  await scene.look(ruling.page, "escrow-arbiter-dark");
  await act(ruling.page, "Rule", "3");
  await ruling.page.getByText("4 DEMO to the payees, 3 DEMO to the buyer").waitFor();
  await scene.look(ruling.page, "escrow-ruled-dark");
  await scene.leave(ruling);
  await page.getByRole("heading", { name: "Paid" }).waitFor();
  await page.goto(`${scene.url}#/escrows`);
  await page.getByRole("searchbox").fill(seller.address.toLowerCase());
  await page.getByRole("link", { name: /10 DEMO/ }).waitFor();
  await scene.look(page, "escrows");
  await page.getByRole("searchbox").fill("0x00");
  await page.getByText("None of those that are listed fits the search.").waitFor();
  await scene.leave(buying);
}

/** The buyer signs releases in the page and on the command line; each is sent by the other. */
async function handOver(scene: WalletScene, buying: Page, selling: Page, id: string): Promise<void> {
  await buying.getByRole("button", { name: "Release", exact: true }).click();
  await buying.locator("#action-input").fill("2.5");
  await buying.getByLabel("Only sign it, for somebody else to send").check();
  await buying.getByLabel("Good until").fill("2020-01-01T12:00");
  await buying.getByRole("button", { name: "Sign, and send nothing" }).click();
  await buying.getByText("Name a day and a time ahead").waitFor();
  await buying.getByLabel("Good until").fill("2040-01-01T12:00");
  await scene.look(buying, "escrow-sign");
  await buying.getByRole("button", { name: "Sign, and send nothing" }).click();
  const text = await buying.getByLabel("The text").inputValue();
  const link = (await buying.getByRole("link", { name: "this page" }).getAttribute("href")) ?? "";
  await scene.look(buying, "escrow-signed");
  await buying.getByRole("button", { name: "Close" }).click();

  await selling.goto(scene.url + link);
  await selling.getByRole("heading", { name: "A signed release of a part" }).waitFor();
  await selling.getByText("goes through").waitFor();
  await scene.look(selling, "signed-phone");
  await selling.emulateMedia({ colorScheme: "dark" });
  await scene.look(selling, "signed-dark-phone");
  await scene.assertFits(selling, 360);
  const file = join(scene.fleet.folder, "release.json");
  writeFileSync(file, text);
  const sender = join(scene.fleet.folder, "seller.key");
  assert.equal((await scene.fleet.dchat(["escrow", "execute", file, "--key-file", sender]).ended).code, 0);
  await selling.getByText("was taken back").waitFor();
  await scene.look(selling, "signed-used-phone");
  await buying.getByText("7.5 DEMO", { exact: true }).waitFor();

  const part = ["release", "--amount", "0.5", "--deadline", "+1d"];
  const printed = await scene.fleet.dchat(["escrow", "sign", id, ...part]).ended;
  await selling.goto(`${scene.url}#/signed`);
  await selling.getByLabel("What was signed").fill("{}");
  await selling.getByRole("button", { name: "Open" }).click();
  await selling.getByText("That is no signed action").waitFor();
  await scene.look(selling, "signed-open-phone");
  await selling.getByLabel("What was signed").fill(printed.stdout);
  await selling.getByRole("button", { name: "Open" }).click();
  await selling.getByRole("button", { name: "Send it" }).click();
  await selling.getByRole("heading", { name: "The buyer is looking at it" }).waitFor();
  await buying.getByText("7 DEMO", { exact: true }).waitFor();
}
