import { UsageError } from "../domain/errors.ts";
import { untilAborted } from "../platform/abort.ts";
import { readHealthPlace, startHealthServer } from "../platform/health-server.ts";
import { announceRole } from "../platform/role-files.ts";
import { type CommandContext, findChain } from "./context.ts";
import { startKeeper } from "./keeper.ts";
import { type CommonParts, openCommonParts, openParts, type Parts } from "./parts.ts";
import type { roles } from "./roles.ts";
import { startSender } from "./sender.ts";
import { type KeyOptions, openKey, startSigner } from "./signer/start.ts";
import { startWatcher } from "./watcher.ts";
import { startWatchtower } from "./watchtower.ts";

/** The options of `dchat relayer start`. */
export type RelayerOptions = {
  readonly role: (typeof roles)[number];
  readonly chain?: string;
  readonly healthHost?: string;
  readonly healthPort?: string;
} & KeyOptions;

/** `dchat relayer start`: plays one role until the process is asked to end. */
export async function startRelayer(options: RelayerOptions, context: CommandContext): Promise<void> {
  const { role, chain } = options;
  // People must be told, and hear of it, when a chain is away, and faults be healed: these roles wait for none.
  if (isIndependent(role)) {
    const start = await starterOf(role);
    const parts = await openCommonParts(role, chain, context.network);
    await play(parts, (opened) => start(opened, context), options, context);
    return;
  }
  const start = await chooseRole({ ...options, role }, context);
  await play(await openParts(role, chain, context), start, options, context);
}

/** Starts a role with what it is built from, shows its health, and ends it when the process is asked to end. */
async function play<P extends CommonParts>(
  parts: P,
  start: (parts: P) => Promise<Stop>,
  { role, chain, healthHost, healthPort }: RelayerOptions,
  { network, signal }: CommandContext,
): Promise<void> {
  try {
    const health = await startHealthServer(readHealthPlace(healthHost, healthPort), parts);
    const { url } = health;
    const withdraw = announceRole(network.dataFolder, { role, chain, pid: process.pid, url });
    try {
      const stop = await start(parts);
      parts.logger.info({ ready: true, health: url }, "ready");
      await untilAborted(signal);
      parts.logger.info("stopping; what is under way is finished first");
      await stop();
    } finally {
      withdraw();
      await health.close();
    }
  } finally {
    await parts.close();
  }
}

type Stop = () => Promise<void>;
/** The roles that work whatever becomes of the chains. */
type IndependentRole = "alerting" | "speech" | "chaos";
/** The roles that read chains. */
type ChainRole = Exclude<RelayerOptions["role"], IndependentRole>;

function isIndependent(role: RelayerOptions["role"]): role is IndependentRole {
  return role === "alerting" || role === "speech" || role === "chaos";
}

async function starterOf(
  role: IndependentRole,
): Promise<(parts: CommonParts, context: CommandContext) => Promise<Stop>> {
  switch (role) {
    case "alerting":
      return (await import("./alerting/start.ts")).startAlerting;
    case "speech":
      return (await import("./speech/role.ts")).startSpeech;
    case "chaos":
      return (await import("./chaos/role.ts")).startChaos;
  }
}

/** Reads the options that a role needs before a connection is opened. @throws UsageError; whatever {@link openKey} throws */
async function chooseRole(
  options: RelayerOptions & { readonly role: ChainRole },
  context: CommandContext,
): Promise<(parts: Parts) => Promise<Stop>> {
  const { role } = options;
  const chain = () => findChain(context.network, required(role, "--chain", options.chain), "--chain");
  switch (role) {
    case "watcher": {
      const origin = chain();
      return (parts) => startWatcher(origin, parts, context);
    }
    case "signer": {
      const opened = await openKey(options);
      return (parts) => startSigner(opened, parts, context.network);
    }
    case "sender": {
      const destination = chain();
      return (parts) => startSender(destination, parts, context);
    }
    case "keeper": {
      const side = chain();
      return (parts) => startKeeper(side, parts, context);
    }
    case "watchtower":
      return (parts) => startWatchtower(parts, context);
    // What no other role loads: a database, and an HTTP server.
    case "indexer": {
      const { startIndexer } = await import("./indexer.ts");
      return (parts) => startIndexer(parts, context);
    }
    case "api": {
      const { startApi } = await import("./api.ts");
      return (parts) => startApi(parts, context);
    }
  }
}

function required(role: string, option: string, value: string | undefined): string {
  if (value === undefined)
    throw new UsageError("USAGE", `The role ${role} needs ${option}. Nothing was started; add it.`);
  return value;
}
