import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import {
  SPEECH_QUEUE,
  type UtteranceRequest,
  utteranceRequestSchema,
} from "../../relayer/domain/speech-jobs.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { Queues } from "../../relayer/platform/queues.ts";
import { connectRedis, verifyRedis } from "../../relayer/platform/redis.ts";
import { silentPlayer } from "../../relayer/speech/worker/silent-player.ts";
import type { Speaker } from "../../relayer/speech/worker/speaker.ts";
import { alertsOf, quantile, round1, speakerScene } from "./scene.ts";

const ROUNDS = 10;

/** From a job's being added to its queue in Redis to the first samples on their way to the device. */
export async function measureFirstSound(): Promise<Record<string, number>> {
  const redis = await startRedis();
  const connection = connectRedis(redis.url, () => undefined);
  const queues = new Queues(connection, createLogger("warn", { role: "bench" }));
  const { speaker, store, close } = await speakerScene(silentPlayer);
  try {
    const accept = async (request: Parameters<typeof speaker.accept>[0]) => {
      speaker.accept(request);
      await store.flushed();
    };
    queues.work(SPEECH_QUEUE, utteranceRequestSchema, accept, { concurrency: 4 });
    const time = async (name: string, texts: readonly string[]) => {
      const times: number[] = [];
      for (const [index, text] of texts.entries())
        times.push(
          await timeOne(speaker, queues, utteranceRequestSchema.parse({ id: `${name}-${index}`, text })),
        );
      return times;
    };
    // Nothing that was heard before; and then the same openings again.
    const fresh = Array.from({ length: ROUNDS }, (_, round) => alertsOf(round + 10)).flat();
    const times = await time("first", fresh);
    const again = await time("again", fresh);
    return {
      firstPcmMsP95: round1(quantile(times, 0.95)),
      firstPcmByClauseMsP50: round1(quantile(times, 0.5)),
      firstPcmKnownOpeningMsP50: round1(quantile(again, 0.5)),
    };
  } finally {
    await queues.close();
    await close();
    connection.disconnect();
    await redis.stop();
  }
}

/** Adds a job, waits for its first samples, and ends it. @returns milliseconds */
async function timeOne(speaker: Speaker, queues: Queues, request: UtteranceRequest): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const forget = speaker.listen(() => {
    resolve(performance.now());
  });
  const began = performance.now();
  await queues.add(SPEECH_QUEUE, request.id, utteranceRequestSchema, request);
  const milliseconds = (await promise) - began;
  forget();
  const ended = Promise.withResolvers<undefined>();
  const unwatch = speaker.watch(({ kind }) => {
    if (kind === "ended") ended.resolve(undefined);
  });
  speaker.command("skip");
  await ended.promise;
  unwatch();
  return milliseconds;
}

async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "dchat-bench-redis-"));
  const port = await getPort();
  const words = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"];
  const child = spawn(process.env["DCHAT_REDIS_SERVER"] ?? "redis-server", words, { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    try {
      await verifyRedis(url);
      break;
    } catch (error) {
      if (attempt > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}
