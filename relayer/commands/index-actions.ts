import { randomUUID } from "node:crypto";
import { ApiClient } from "../api/client.ts";
import { indexView, type IndexView, messageList } from "../api/list-schema.ts";
import { explain, InterruptedError, RetryableError } from "../domain/errors.ts";
import { RedisRebuilds } from "../indexer/adapters/redis-rebuilds.ts";
import { systemClock } from "../platform/clock.ts";
import { connectRedis, verifyRedis } from "../platform/redis.ts";
import type { CommandContext } from "./context.ts";
import { apiUrl, describeMessage } from "./follow.ts";

/** How often a rebuild is looked at. */
const POLL_MILLISECONDS = 200;

/** The options of `dchat message list`: those of `GET /api/v1/messages`. */
export type MessageListOptions = Readonly<Record<string, string>>;

/** `dchat message list`: messages from the index, newest first. */
export async function listMessages(
  options: MessageListOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const list = await new ApiClient(apiUrl(network)).messages(options);
  const late = list.index.filter(({ lagBlocks }) => lagBlocks === null || lagBlocks > 1);
  const lines = [
    ...list.messages.map((message) => describeMessage(message)),
    ...(list.messages.length === 0 ? ["The index has no such message."] : []),
    ...late.map(describeChain),
    ...(list.next === null ? [] : [`more with --after ${list.next}`]),
  ];
  output.result(messageList.encode(list), lines.join("\n"));
}

/** `dchat index status`. */
export async function showIndex({ network, output }: CommandContext): Promise<void> {
  const { index } = await new ApiClient(apiUrl(network)).status();
  output.result(indexView.encode(index), describeIndex(index));
}

/** `dchat index rebuild`. */
export async function rebuildIndex(
  { wait }: { readonly wait: boolean },
  context: CommandContext,
): Promise<void> {
  const { network, output, signal } = context;
  const api = new ApiClient(apiUrl(network));
  await verifyRedis(network.redisUrl);
  const redis = connectRedis(network.redisUrl, () => undefined);
  const id = randomUUID();
  try {
    await new RedisRebuilds(redis).ask(id);
  } catch (error) {
    throw new RetryableError(
      "REDIS",
      `The rebuild could not be asked for: ${explain(error)}. The index was not touched; try again.`,
      {},
      error,
    );
  } finally {
    redis.disconnect();
  }
  if (!wait) {
    output.result({ rebuild: id }, `asked for: rebuild ${id}; follow it with: dchat index status`);
    return;
  }
  // Chains go on meanwhile: it is done when it has come to where they were when it began.
  let goal: ReadonlyMap<string, number> | undefined;
  for (;;) {
    const { index } = await api.status();
    if (index.rebuild === id) goal ??= headsOf(index);
    if (goal !== undefined && hasReached(index, goal)) {
      output.result(indexView.encode(index), describeIndex(index));
      return;
    }
    if (index.rebuild === id) output.step("the index is filled from the chains", shareOf(index));
    else output.step("waiting for the indexer to begin");
    await systemClock.sleep(POLL_MILLISECONDS, signal).catch(() => {
      throw new InterruptedError(
        "INTERRUPTED",
        `Interrupted. The rebuild ${id} goes on without this command; follow it with "dchat index status".`,
      );
    });
  }
}

/** The newest block of each chain; undefined while one of them is not known. */
function headsOf({ chains }: IndexView): ReadonlyMap<string, number> | undefined {
  const heads = chains.flatMap(({ chain, head }) => (head === null ? [] : [[chain, head] as const]));
  return heads.length === chains.length ? new Map(heads) : undefined;
}

function hasReached({ chains }: IndexView, goal: ReadonlyMap<string, number>): boolean {
  return chains.every(({ chain, block }) => block !== null && block >= (goal.get(chain) ?? Infinity));
}

/** How much of all chains is indexed. */
function shareOf({ chains }: IndexView): number {
  const sum = (of: "block" | "head") => chains.reduce((blocks, chain) => blocks + (chain[of] ?? 0), 0);
  return sum("block") / Math.max(1, sum("head"));
}

function describeIndex({ database, chains }: IndexView): string {
  return [`index in ${database === "pglite" ? "PGlite" : "PostgreSQL"}`, ...chains.map(describeChain)].join(
    "\n",
  );
}

function describeChain({ chain, block, head, lagBlocks, lagSeconds }: IndexView["chains"][number]): string {
  return block === null
    ? `chain ${chain}: nothing is indexed yet`
    : `chain ${chain}: indexed up to block ${block} of ${head ?? "?"}, ${lagBlocks ?? "?"} blocks and ${lagSeconds ?? "?"} s behind`;
}
