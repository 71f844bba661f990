import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { SPEECH_QUEUE, utteranceRequestSchema } from "../../relayer/domain/speech-jobs.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { Queues } from "../../relayer/platform/queues.ts";
import { connectRedis, verifyRedis } from "../../relayer/platform/redis.ts";
import { silentPlayer } from "../../relayer/speech/adapters/process-player.ts";
import { ALERTS, quantile, round1, speakerScene } from "./scene.ts";

const UTTERANCES = 60;

/** From a job's being added to its queue in Redis to the first samples on their way to the device. */
export async function measureFirstSound(): Promise<Record<string, number>> {
  const redis = await startRedis();
  const connection = connectRedis(redis.url, () => undefined);
  const queues = new Queues(connection, createLogger("warn", { role: "bench" }));
  const { speaker, close } = await speakerScene(silentPlayer);
  try {
    const accept = (request: Parameters<typeof speaker.accept>[0]) =>
      Promise.resolve(void speaker.accept(request));
    queues.work(SPEECH_QUEUE, utteranceRequestSchema, accept, { concurrency: 4 });
    const times: number[] = [];
    for (let index = 0; index < UTTERANCES; index++) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const forget = speaker.listen(() => {
        resolve(performance.now());
      });
      const request = utteranceRequestSchema.parse({
        id: `first-${index}`,
        text: ALERTS[index % ALERTS.length],
      });
      const began = performance.now();
      await queues.add(SPEECH_QUEUE, request.id, utteranceRequestSchema, request);
      times.push((await promise) - began);
      forget();
      const ended = Promise.withResolvers<undefined>();
      const unwatch = speaker.watch(({ kind }) => {
        if (kind === "ended") ended.resolve(undefined);
      });
      speaker.command("skip");
      await ended.promise;
      unwatch();
    }
    return {
      firstPcmMsP95: round1(quantile(times, 0.95)),
      firstPcmByClauseMsP50: round1(quantile(times, 0.5)),
    };
  } finally {
    await queues.close();
    await close();
    connection.disconnect();
    await redis.stop();
  }
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
