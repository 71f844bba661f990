import assert from "node:assert/strict";
import { JsonRpcProvider, parseEther } from "ethers";
import { TokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/TokenBridge__factory.ts";
import type { Visit, WalletScene } from "../support/wallet-scene.ts";

/** From so much on, a transfer waits a day on a local network: deploy/tokens.ts. */
const LARGE = parseEther("10000");
const DAY = 86_400;

/** Transfers that do not get on by themselves, and a stranger who pushes them. */
export async function pushOn(scene: WalletScene): Promise<void> {
  const { home, away } = scene.fleet;
  const side = scene.fleet.local.network.tokens["DEMO"]?.sides[away.name];
  assert(side !== undefined);
  // The guardian is the account that deploys; a local node signs for it.
  const provider = new JsonRpcProvider(away.rpcUrl, away.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const bridge = TokenBridge__factory.connect(side.bridge, await provider.getSigner());
  const wallet = scene.walletOf("arbiter", home.chainId, away.chainId);
  const visited = await scene.visit(wallet, "", { viewport: { width: 360, height: 740 } });
  try {
    await (await bridge.pause()).wait();
    await retryPaused(scene, visited, async () => {
      await (await bridge.unpause()).wait();
    });
    await payLarge(scene, visited, provider);
  } finally {
    provider.destroy();
  }
  assert.deepEqual(wallet.asked, [
    "wallet_switchEthereumChain",
    "eth_sendTransaction",
    "eth_sendTransaction",
  ]);
  await scene.leave(visited);
}

/** The bridge is paused when a transfer arrives: it is tried again in vain, and then again. */
async function retryPaused(scene: WalletScene, { page }: Visit, unpause: () => Promise<void>): Promise<void> {
  const { home, away } = scene.fleet;
  const [id = ""] = await scene.fleet.send(home, away, 1);
  await page.goto(`${scene.url}#/transfer/${id}`);
  await page.getByRole("heading", { name: `Not paid on ${away.name} yet` }).waitFor();
  await page.getByText("The bridge is paused until").waitFor();
  await scene.look(page, "failed-phone");
  await scene.assertFits(page, 360);
  await page.getByRole("button", { name: "Try again" }).click(); // without a wallet
  await page.getByRole("button", { name: "Test wallet" }).click();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: `Switch to ${away.name}` }).click();
  await page.evaluate(`globalThis.tellPage("chainChanged", "0x${away.chainId.toString(16)}")`);
  await page.getByText("The retry would be refused. The bridge is paused").waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign and send" }).isDisabled(), true);
  await scene.look(page, "retry-refused-phone");
  await page.getByRole("button", { name: "Not now" }).click();
  await unpause();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("goes through").waitFor();
  await scene.look(page, "retry-phone");
  await page.getByRole("button", { name: "Sign and send" }).click();
  await scene.untilDelivered(page);
  await page.getByText("at another try").waitFor();
}

/** A large transfer waits for a day, which passes at once. */
async function payLarge(scene: WalletScene, { page }: Visit, provider: JsonRpcProvider): Promise<void> {
  const { home, away } = scene.fleet;
  const [id = ""] = await scene.fleet.send(home, away, 1, LARGE);
  await page.goto(`${scene.url}#/transfer/${id}`);
  await page.getByRole("heading", { name: `Waiting on ${away.name}` }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Have it paid" }).count(), 0);
  await scene.look(page, "large-waits-phone");
  await page.clock.setSystemTime(Date.now() + (DAY + 60) * 1_000);
  await page.getByRole("heading", { name: "Ready to be paid" }).waitFor();
  await page.getByRole("button", { name: "Have it paid" }).click();
  // The page's clock is not the chain's, which has the last word.
  await page.getByText("The payment would be refused. It is paid from").waitFor();
  await page.getByRole("button", { name: "Not now" }).click();
  await provider.send("evm_increaseTime", [DAY]);
  await provider.send("evm_mine", []);
  await page.getByRole("button", { name: "Have it paid" }).click();
  await page.getByText("goes through").waitFor();
  await page.emulateMedia({ colorScheme: "dark" });
  await scene.look(page, "large-pay-dark-phone");
  await page.getByRole("button", { name: "Sign and send" }).click();
  await scene.untilDelivered(page);
}
