import assert from "node:assert/strict";
import { JsonRpcProvider, parseEther } from "ethers";
import type { Page } from "playwright-core";
import type { WalletScene } from "../support/wallet-scene.ts";

/** How often the local network makes empty blocks under test, in milliseconds. */
const BLOCK_MILLISECONDS = 200;

/** Transactions that wait for a block, and what their owner, or the chain, does with them meanwhile. */
export async function replace(scene: WalletScene): Promise<void> {
  const { home, away } = scene.fleet;
  await scene.fleet.send(home, away, 1, parseEther("5"));
  await scene.fleet.untilAllArrived();
  const node = new JsonRpcProvider(away.rpcUrl, away.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const halt = async () => {
    await node.send("evm_setAutomine", [false]);
    await node.send("evm_setIntervalMining", [0]);
  };
  const goOn = async () => {
    await node.send("evm_setAutomine", [true]);
    await node.send("evm_setIntervalMining", [BLOCK_MILLISECONDS]);
    await node.send("evm_mine", []);
  };
  // Back there no approval comes first.
  const wallet = scene.walletOf("wallet", away.chainId, home.chainId);
  const visited = await scene.visit(wallet);
  const { page } = visited;
  await scene.connect(page);
  try {
    await halt();
    await sendBack(scene, page);
    const other = await wallet.speedUp();
    await goOn();
    await scene.untilDelivered(page);
    await page.getByText("sent it again with another fee").waitFor();
    assert.equal(await page.locator(`[title="${other}"]`).count(), 1, "what counts is shown");
    await scene.look(page, "sped-up");
    await page.reload();
    await page.getByText("sent it again with another fee").waitFor();

    await halt();
    await sendBack(scene, page);
    await wallet.cancel();
    await goOn();
    await page.getByRole("heading", { name: "Cancelled in your wallet" }).waitFor();
    await page.getByText("nothing was transferred").waitFor();
    await scene.look(page, "cancelled");

    await halt();
    await sendBack(scene, page);
    assert.equal(await node.send("hardhat_dropTransaction", [wallet.lastHash]), true);
    await page.getByRole("heading", { name: "Not known to the chain" }).waitFor();
    await scene.look(page, "dropped");
    await wallet.sendAgain();
    await page.getByRole("heading", { name: `Waiting for ${away.name}` }).waitFor();
    await goOn();
    await scene.untilDelivered(page);
  } finally {
    await goOn();
    node.destroy();
  }
  assert.deepEqual(wallet.asked, Array<string>(3).fill("eth_sendTransaction"));
  await scene.leave(visited);
}

/** Sends one DEMO home, in a transaction that waits for a block. */
async function sendBack(scene: WalletScene, page: Page): Promise<void> {
  const { home, away } = scene.fleet;
  await page.goto(`${scene.url}#/bridge`);
  if ((await page.getByLabel("From", { exact: true }).inputValue()) === home.name)
    await page.getByRole("button", { name: "Swap the two chains" }).click();
  await page.getByLabel("Amount").fill("1");
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("button", { name: "Sign and send" }).click();
  await page.getByRole("heading", { name: `Waiting for ${away.name}` }).waitFor();
}
