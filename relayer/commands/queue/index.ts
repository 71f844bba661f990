import { type Command } from "commander";
import { RetryableError } from "../../domain/errors.ts";
import { redactRedisUrl } from "../../domain/redis-url.ts";
import { orAborted } from "../../platform/abort.ts";
import type { DeadLetter, QueueAdmin, QueueView } from "../../platform/queue-admin.ts";
import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";

/** How long a command may take, in milliseconds. */
const MOST_MILLISECONDS = 15_000;

/** Adds `dchat queue …`: what waits, what failed for good, and what to do about it. */
export function addQueueCommands(dchat: Command, context: () => CommandContext): void {
  const queue = dchat
    .command("queue")
    .description("the queues of the fleet, and what failed for good in them");
  const name = "the queue's name, as dchat queue list prints it";
  const job = "one job, as dchat queue failed prints it; default: all dead letters of the queue";

  queue
    .command("list")
    .description("every queue with its jobs by state")
    .action(() =>
      withAdmin(context(), async (admin, { output }) => {
        const queues = await admin.list();
        output.result({ queues }, describeQueues(queues));
      }),
    );
  queue
    .command("failed")
    .description("dead letters with their reasons")
    .argument("[queue]", `${name}; default: all queues`)
    .action((given: string | undefined) =>
      withAdmin(context(), async (admin, { output }) => {
        const letters = await admin.failed(given);
        output.result({ failed: letters }, describeLetters(letters));
      }),
    );
  queue
    .command("retry")
    .description(
      "give dead letters back to the workers, once the reason is mended; doing it twice does no harm",
    )
    .argument("<queue>", name)
    .argument("[job]", job)
    .action((given: string, id: string | undefined) =>
      withAdmin(context(), async (admin, { output }) => {
        const count = await admin.retry(given, id);
        output.result(
          { queue: given, retried: count },
          `${jobs(count)} of ${given} given back to the workers`,
        );
      }),
    );
  queue
    .command("remove")
    .description("throw dead letters away; what the chains still need is asked for again by the watcher")
    .argument("<queue>", name)
    .argument("[job]", job)
    .action((given: string, id: string | undefined) =>
      withAdmin(context(), async (admin, { output }) => {
        const count = await admin.remove(given, id);
        output.result({ queue: given, removed: count }, `${jobs(count)} of ${given} removed`);
      }),
    );
  addPauseCommands(queue, name, context);
}

function addPauseCommands(queue: Command, name: string, context: () => CommandContext): void {
  for (const [verb, isPaused] of [
    ["pause", true],
    ["resume", false],
  ] as const)
    queue
      .command(verb)
      .description(isPaused ? "stop all workers from taking jobs of a queue" : "let them take jobs again")
      .argument("<queue>", name)
      .action((given: string) =>
        withAdmin(context(), async (admin, { output }) => {
          await admin.setPaused(given, isPaused);
          const text = isPaused
            ? `${given} is paused: what runs ends, nothing more is taken. Go on with "dchat queue resume ${given}"`
            : `${given} goes on`;
          output.result({ queue: given, isPaused }, text);
        }),
      );
}

async function withAdmin(
  context: CommandContext,
  work: (admin: QueueAdmin, context: CommandContext) => Promise<void>,
): Promise<void> {
  // Queues and their friends take longer to load than most commands take to run.
  const [{ QueueAdmin }, { connectRedis, verifyRedis }] = await Promise.all([
    import("../../platform/queue-admin.ts"),
    import("../../platform/redis.ts"),
  ]);
  const { redisUrl } = context.network;
  await verifyRedis(redisUrl);
  const redis = connectRedis(redisUrl, () => undefined);
  const admin = new QueueAdmin(redis);
  const limit = AbortSignal.timeout(MOST_MILLISECONDS);
  try {
    await orAborted(work(admin, context), AbortSignal.any([context.signal, limit]));
    await admin.close();
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new RetryableError(
      "REDIS",
      `Redis at ${redactRedisUrl(redisUrl)} fell silent. What was asked for may be done or not; look with "dchat queue list". No message is lost.`,
    );
  } finally {
    redis.disconnect();
  }
}

function describeQueues(queues: readonly QueueView[]): string {
  if (queues.length === 0) return "There are no queues yet.";
  return table(
    ["queue", "waiting", "active", "delayed", "failed", ""],
    queues.map(({ queue, waiting, active, delayed, failed, isPaused }) => [
      queue,
      ...[waiting, active, delayed, failed].map(String),
      isPaused ? "paused" : "",
    ]),
  );
}

function describeLetters(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return "There are no dead letters.";
  return letters
    .map(({ queue, id, reason, failedAt, attempts }) => {
      const when = failedAt === null ? "" : ` at ${new Date(failedAt).toISOString()}`;
      return `${queue} ${id}\n  failed${when}, attempt ${attempts}: ${reason}\n  retry with  dchat queue retry ${queue} ${id}`;
    })
    .join("\n");
}

const jobs = (count: number) => (count === 1 ? "1 dead letter" : `${count} dead letters`);
