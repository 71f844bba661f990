import { fileURLToPath } from "node:url";
import { type ChainReaders, ReadModel } from "../api/read-model.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { ConfigurationError, explain, UsageError } from "../domain/errors.ts";
import { untilAborted } from "../platform/abort.ts";
import { type CommandContext, findChain } from "./context.ts";
import { startKeeper } from "./keeper.ts";
import { openParts, type Parts } from "./parts.ts";
import type { roles } from "./roles.ts";
import { startSender } from "./sender.ts";
import { type KeyOptions, openKey, startSigner } from "./signer/start.ts";
import { startWatcher } from "./watcher.ts";

/** The options of `dchat relayer start`. */
export type RelayerOptions = {
  readonly role: (typeof roles)[number];
  readonly chain?: string;
} & KeyOptions;

/** `dchat relayer start`: plays one role until the process is asked to end. */
export async function startRelayer(options: RelayerOptions, context: CommandContext): Promise<void> {
  const start = await chooseRole(options, context);
  const parts = await openParts(options.role, options.chain, context);
  try {
    const stop = await start(parts);
    parts.logger.info({ ready: true }, "ready");
    await untilAborted(context.signal);
    parts.logger.info("stopping; what is under way is finished first");
    await stop();
  } finally {
    await parts.close();
  }
}

type Stop = () => Promise<void>;

/** Reads the options that a role needs before a connection is opened. @throws UsageError; whatever {@link openKey} throws */
async function chooseRole(
  options: RelayerOptions,
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
    case "api":
      return (parts) => startApi(parts, context);
  }
}

async function startApi(parts: Parts, { network }: CommandContext): Promise<Stop> {
  const { createApi } = await import("../api/server.ts"); // the other roles need no HTTP server
  const readers: ChainReaders[] = parts.chains.map(({ name, chainId, outbox, inbox }) => ({
    name,
    outbox,
    inbox,
    origin: parts.origin(chainId),
    destination: parts.destination(chainId),
  }));
  const app = await createApi({
    readModel: new ReadModel(readers, new RedisAttestations(parts.redis)),
    registry: parts.registry,
    logger: parts.logger,
    ready: parts.verify,
    pages: fileURLToPath(new URL("../../web/dashboard", import.meta.url)),
  });
  const { host, port } = network.api;
  await app.listen({ host, port }).catch((error: unknown) => {
    throw new ConfigurationError(
      "API_PORT",
      `The API cannot listen on ${host}:${port}: ${explain(error)}. Messages are carried without it. End what listens there, or set api.port (or DCHAT_API_PORT) to a free one.`,
      {},
      error,
    );
  });
  return () => app.close();
}

function required(role: string, option: string, value: string | undefined): string {
  if (value === undefined)
    throw new UsageError("USAGE", `The role ${role} needs ${option}. Nothing was started; add it.`);
  return value;
}
