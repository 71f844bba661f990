// Takes the pictures of the pages that the README shows: starts a local network with chaos, has some transfers sent, drives both pages in
// Chromium, and writes each view in the light and in the dark to docs/pictures. Run it by "npm run pictures".
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { hexlify, Wallet } from "ethers";
import { chromium, type Page } from "playwright-core";
import { statusView } from "../relayer/api/schema.ts";
import { sendTransfer } from "../relayer/bridge/adapters/wallet.ts";
import { address } from "../relayer/domain/ids.ts";
import { type ChainConfig, chainsOf, type Network } from "../relayer/domain/network.ts";
import { readKeyFile } from "../relayer/platform/key-file.ts";
import { createLogger } from "../relayer/platform/log.ts";
import { Rpc } from "../relayer/platform/rpc.ts";
import { startLocalNetwork } from "./local/network.ts";

const FOLDER = join(import.meta.dirname, "../docs/pictures");
const VIEWPORT = { width: 1_280, height: 800 };
/** A picture is no larger, in bytes: all of them are in the repository. */
const MOST_BYTES = 120_000;
/** How many transfers are sent before, so that there is something to be seen. */
const TRANSFERS = { there: 8, back: 3 };
const LOOK_MILLISECONDS = 500;

const { DCHAT_REDIS_SERVER: redisServer, DCHAT_CHROMIUM: executablePath = "/usr/bin/chromium" } = process.env;
if (redisServer === undefined)
  throw new Error('DCHAT_REDIS_SERVER names no Redis server: take pictures with "npm run pictures"');

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stopping.abort();
  });
const folder = mkdtempSync(join(tmpdir(), "dchat-pictures-"));
const logger = createLogger("silent", {});
const local = await startLocalNetwork(
  { folder, redisServer, blockSeconds: 0.5, signal: stopping.signal, chaos: true },
  { onStep: () => undefined, logger },
);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--mute-audio"],
});
try {
  mkdirSync(FOLDER, { recursive: true });
  const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce" });
  const page = await context.newPage();
  const { host, port } = local.network.api;
  const url = `http://${host}:${port}`;
  await sendSome(local.network);
  await picturesOfWallet(page, url);
  await picturesOfDashboard(page, url, local.network);
} finally {
  await browser.close();
  stopping.abort();
  await local.supervisor.stop();
  rmSync(folder, { recursive: true });
}

/** One view, in the light and in the dark. */
async function picture(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate("scrollTo(0, 0)");
    const path = join(FOLDER, `${name}-${colorScheme}.png`);
    await page.screenshot({ path, animations: "disabled" });
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, and may have ${MOST_BYTES}`);
    process.stdout.write(`${path} ${size} bytes\n`);
  }
}

async function picturesOfWallet(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/wallet/`);
  await page.locator("header").getByRole("button", { name: "Connect wallet" }).click();
  await page.getByRole("button", { name: "Development wallet" }).first().click();
  await page.getByText("DEMO on A").waitFor();
  await page.getByLabel("Amount").fill("12.5");
  await picture(page, "wallet-bridge");
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("button", { name: "Approve and send" }).click();
  await page.getByRole("heading", { name: "Delivered", exact: true }).waitFor({ timeout: 120_000 });
  await picture(page, "wallet-transfer");
}

async function picturesOfDashboard(page: Page, url: string, network: Network): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign in as the local operator" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await fireDrill(network);
  await page.goto(`${url}/#/alerts`);
  await page.locator("li.alert").first().waitFor();
  await picture(page, "dashboard-alerts");
  await page.goto(`${url}/#/chaos`);
  await page.getByRole("button", { name: "Run: High Latency" }).click();
  await page.getByLabel("How fast").selectOption("30");
  await page.getByRole("button", { name: /^Run, and hit/ }).click();
  await page.locator(".timeline .fault.bites, .timeline .fault.dud").first().waitFor({ timeout: 120_000 });
  await picture(page, "dashboard-chaos");
  await page
    .getByRole("button", { name: "Stop everything" })
    .waitFor({ state: "detached", timeout: 120_000 });
  // By now there is something to be seen over time.
  await page.goto(`${url}/#/health`);
  await page.getByText("Everything minted is covered").waitFor({ timeout: 60_000 });
  await page.locator("canvas").first().waitFor();
  await picture(page, "dashboard-health");
}

/** An alert that says of itself that it is a drill. */
async function fireDrill({ alerting, tokenFile }: Network): Promise<void> {
  if (alerting === undefined || tokenFile === undefined) throw new Error("a local network has alerting");
  const { host, port } = alerting.api;
  const answer = await fetch(`http://${host}:${port}/api/v2/alerts`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}`,
      "content-type": "application/json",
    },
    body: JSON.stringify([
      {
        labels: { alertname: "FireDrill", severity: "warning", from: "A", to: "B" },
        annotations: {
          summary: "A drill: the lane from A to B has not moved for 5 minutes.",
          description: "Were it real, its messages would be locked on A, not lost.",
        },
      },
    ]),
  });
  if (!answer.ok) throw new Error(`alerting took no alert: ${answer.status} ${await answer.text()}`);
}

/** Has the wallet of the local network send tokens, one transfer after the other: it has one order of nonces. */
async function sendSome(network: Network): Promise<void> {
  const [home, away] = chainsOf(network);
  const token = network.tokens["DEMO"];
  const { walletKeyFile } = network;
  if (home === undefined || away === undefined || token === undefined || walletKeyFile === undefined)
    throw new Error("a local network has two chains, a token and a wallet");
  const wallet = new Wallet(hexlify(readKeyFile(walletKeyFile, "the wallet")));
  const recipient = address.parse(wallet.address);
  const send = async (from: ChainConfig, to: ChainConfig) => {
    const rpc = new Rpc(from);
    try {
      const request = { from, to, symbol: "DEMO", token, amount: 10n ** 18n, recipient };
      const context = { onStep: () => undefined, signal: stopping.signal };
      await sendTransfer(request, rpc, wallet.connect(rpc.provider), context);
    } finally {
      rpc.close();
    }
  };
  for (let i = 0; i < TRANSFERS.there; i++) await send(home, away);
  // What goes back must have come.
  await untilAllArrived(network);
  for (let i = 0; i < TRANSFERS.back; i++) await send(away, home);
}

async function untilAllArrived({ api: { host, port } }: Network): Promise<void> {
  for (;;) {
    const status = statusView.parse(await (await fetch(`http://${host}:${port}/api/v1/status`)).json());
    if (status.lanes.every(({ sent, accepted }) => sent === accepted)) return;
    await setTimeout(LOOK_MILLISECONDS, undefined, { signal: stopping.signal });
  }
}
