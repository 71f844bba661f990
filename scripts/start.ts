// The local network, the fleet and a first transfer each way; stays up until it is interrupted, or with --once ends after them. With
// --chaos faults can be done to it; with --rootless it runs in a network namespace of its own; with --time-scale N its time-outs, and the
// experiments on it, are N times as short.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Wallet, hexlify } from "ethers";
import ora from "ora";
import { InboxReader } from "../relayer/bridge/adapters/destination.ts";
import { sendTransfer } from "../relayer/bridge/adapters/wallet.ts";
import { apiUrl, describeMessage, follow } from "../relayer/commands/follow.ts";
import { parseAmount } from "../relayer/domain/amount.ts";
import { explain } from "../relayer/domain/errors.ts";
import { address } from "../relayer/domain/ids.ts";
import { type ChainConfig, chainsOf, type Network } from "../relayer/domain/network.ts";
import { timeScale } from "../relayer/domain/time-scale.ts";
import { orAborted, untilAborted } from "../relayer/platform/abort.ts";
import { exitCodes } from "../relayer/platform/exit-codes.ts";
import { readKeyFile } from "../relayer/platform/key-file.ts";
import { createRun, removeRun } from "../relayer/platform/local-runs.ts";
import { createLogger } from "../relayer/platform/log.ts";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";
import { Rpc } from "../relayer/platform/rpc.ts";
import type { Supervisor } from "../relayer/platform/supervisor.ts";
import { commandInside } from "../relayer/platform/namespaces.ts";
import { type LocalNetwork, startLocalNetwork } from "./local/network.ts";
import { isInside, runRootless, whyNotRootless } from "./local/rootless.ts";

const RUNS = join(import.meta.dirname, "../.dchat/runs");
const SYMBOL = "DEMO";
const BLOCK_SECONDS = 1;

/** One transfer of the demonstration, from the wallet's transaction to its execution. */
type Demonstration = {
  readonly lane: string;
  readonly messageId: string;
  readonly sourceTx: string;
  readonly destinationTx: string;
  readonly milliseconds: number;
  readonly executions: number;
};

/** How it was asked to start. */
type Wishes = {
  readonly once: boolean;
  readonly chaos: boolean;
  readonly rootless: boolean;
  readonly timeScale: number;
};

const stopping = new AbortController();
const stop = () => {
  stopping.abort();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
exitWithParent(stop, process.env);

process.exitCode = await main();

function main(): Promise<number> {
  const redisServer = process.env["DCHAT_REDIS_SERVER"];
  if (redisServer === undefined)
    return refuse(
      'DCHAT_REDIS_SERVER names no Redis server: start with "npm start", which finds one',
      exitCodes.configuration,
    );
  try {
    const flag = { type: "boolean", default: false } as const;
    const { "time-scale": scale, ...flags } = parseArgs({
      options: { once: flag, chaos: flag, rootless: flag, "time-scale": { type: "string", default: "1" } },
    }).values;
    const wishes = { ...flags, timeScale: readTimeScale(scale) };
    return wishes.rootless && !isInside(process.env) ? startInside() : run(redisServer, wishes);
  } catch (error) {
    return refuse(
      `${explain(error)}. Nothing was started: "npm start" stays up, "npm start -- --once" ends after two transfers`,
      exitCodes.usage,
    );
  }
}

/** @throws Error */
function readTimeScale(text: string): number {
  const parsed = timeScale.safeParse(Number(text));
  if (text.trim() !== "" && parsed.success) return parsed.data;
  throw new Error(`--time-scale ${text}: expected a number from 1 to 100`);
}

function refuse(why: string, code: number): Promise<number> {
  process.stderr.write(`error: ${why}.\n`);
  return Promise.resolve(code);
}

/** Starts again in namespaces of its own, where this may be had. */
function startInside(): Promise<number> {
  const reason = whyNotRootless();
  const program = [process.execPath, ...process.argv.slice(1)];
  if (reason === undefined) return runRootless(program, process.env, stopping.signal);
  return refuse(
    `--rootless needs a user and a network namespace of its own, which are not to be had here: ${reason}. Nothing was started. Where the system forbids them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a container its seccomp profile), have them allowed, or start as root without --rootless`,
    exitCodes.configuration,
  );
}

async function run(
  redisServer: string,
  { once, chaos, rootless, timeScale: scale }: Wishes,
): Promise<number> {
  const spinner = ora({ stream: process.stderr });
  const onStep = (text: string) =>
    process.stderr.isTTY ? spinner.start(text) : process.stderr.write(`${text}\n`);
  const folder = createRun(RUNS, process.pid);
  const began = performance.now();
  let local: LocalNetwork | undefined;
  let keepFolder = false;
  try {
    const logger = createLogger("silent", { role: "start" });
    local = await startLocalNetwork(
      {
        ...{ folder, redisServer, blockSeconds: BLOCK_SECONDS, timeScale: scale, chaos },
        signal: stopping.signal,
      },
      { onStep, logger },
    );
    tellOfCrashes(local.supervisor);
    const transfers = await orAborted(demonstrate(local.network, onStep), stopping.signal);
    spinner.stop();
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    process.stderr.write(`${describe(local, folder)}\n\nUp after ${seconds} s.\n`);
    if (once) return reportOnce(transfers, local);
    if (rootless) process.stderr.write(`${describeInside()}\n`);
    process.stderr.write(
      "Stop with Ctrl-C. Send more with: npm run dchat -- transfer --from A --to B --amount 12.5 --token DEMO\n",
    );
    await untilAborted(stopping.signal);
    return exitCodes.success;
  } catch (error) {
    spinner.stop();
    if (stopping.signal.aborted) return exitCodes.interrupted;
    process.stderr.write(
      `error: ${explain(error)}\nThe logs are in ${join(folder, "logs")} until the next start.\n`,
    );
    keepFolder = true;
    return exitCodes.failure;
  } finally {
    await local?.supervisor.stop();
    if (!keepFolder) removeRun(folder);
  }
}

/** Sends a transfer each way, as a wallet would, and follows both to the end. */
async function demonstrate(
  network: Network,
  onStep: (text: string) => void,
): Promise<readonly Demonstration[]> {
  const [home, away] = chainsOf(network);
  if (home === undefined || away === undefined) throw new Error("a local network has two chains");
  return [
    await transferOnce(network, home, away, "100", onStep),
    await transferOnce(network, away, home, "40", onStep),
  ];
}

async function transferOnce(
  network: Network,
  from: ChainConfig,
  to: ChainConfig,
  amount: string,
  onStep: (text: string) => void,
): Promise<Demonstration> {
  const token = network.tokens[SYMBOL];
  if (token === undefined || network.walletKeyFile === undefined)
    throw new Error("a local network has a token and a wallet");
  const [rpc, destination] = [new Rpc(from), new Rpc(to)];
  try {
    const wallet = new Wallet(hexlify(readKeyFile(network.walletKeyFile, "the wallet")), rpc.provider);
    const request = {
      from,
      to,
      symbol: SYMBOL,
      token,
      amount: parseAmount(amount, token.decimals),
      recipient: address.parse(wallet.address),
    };
    const began = performance.now();
    const sent = await sendTransfer(request, rpc, wallet, { onStep, signal: stopping.signal });
    const view = await follow(network, sent.messageId, stopping.signal, onStep);
    const milliseconds = Math.round(performance.now() - began);
    process.stderr.write(`${describeMessage(view)}\n`);
    const executions = await new InboxReader(destination).executions(sent.messageId);
    return {
      lane: `${from.name}-${to.name}`,
      ...sent,
      destinationTx: view.destination?.transactionHash ?? "",
      milliseconds,
      executions,
    };
  } finally {
    rpc.close();
    destination.close();
  }
}

/** The last line of --once, and the exit code that it stands for. */
function reportOnce(transfers: readonly Demonstration[], { network }: LocalNetwork): number {
  const chains = Object.fromEntries(
    chainsOf(network).map(({ name, chainId, outbox, inbox }) => [name, { chainId, outbox, inbox }]),
  );
  process.stdout.write(`${JSON.stringify({ transfers, chains })}\n`);
  return transfers.every(({ executions }) => executions === 1) ? exitCodes.success : exitCodes.failure;
}

/** Where everything is. */
function describe({ network, networkFile }: LocalNetwork, folder: string): string {
  const chains = chainsOf(network).flatMap(({ name, chainId, rpcUrl, outbox, inbox }) => [
    `chain ${name}       ${rpcUrl} (chain id ${chainId})`,
    `  Outbox      ${outbox}`,
    `  Inbox       ${inbox}`,
    ...Object.entries(network.tokens).flatMap(([symbol, { sides }]) => {
      const side = sides[name];
      return side === undefined ? [] : [`  ${symbol.padEnd(11)} ${side.token}, bridged by ${side.bridge}`];
    }),
  ]);
  return [
    "",
    ...chains,
    `wallets       ${["wallet", "seller", "arbiter"].map((name) => join(folder, `${name}.key`)).join(", ")}`,
    `page          ${apiUrl(network)}/`,
    `wallet page   ${apiUrl(network)}/wallet/`,
    `sign in       as the local operator, by a click on the page; scripts with the token in ${network.tokenFile ?? ""}`,
    `configuration ${networkFile}`,
    `logs          ${join(folder, "logs")}`,
  ].join("\n");
}

/** How what listens in there is reached from outside. */
function describeInside(): string {
  return [
    "It runs in a network namespace of its own: nothing of it listens outside, and faults by the kernel stay inside.",
    `"npm run dchat" finds its way in by itself; others by: ${commandInside(process.pid, ["COMMAND"]).join(" ")}`,
  ].join("\n");
}

/** Says what becomes of the processes once all of them were ready. */
function tellOfCrashes(supervisor: Supervisor): void {
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  const crashed = new Set<string>();
  supervisor.on("crashed", ({ name, ending: { code, signal, stderr } }) => {
    crashed.add(name);
    const words = stderr.length === 0 ? "" : `: ${stderr.join("\n")}`;
    tell(`${name} ended (${signal ?? `exit code ${code ?? "unknown"}`}) and is started again${words}`);
  });
  supervisor.on("ready", ({ name }) => {
    if (crashed.delete(name)) tell(`${name} runs again`);
  });
  supervisor.on("misconfigured", ({ message }) => {
    tell(`${message}\nIt is not started again: mend that, and start anew.`);
  });
}
