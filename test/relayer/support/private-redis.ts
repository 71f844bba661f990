import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createLogger } from "../../../relayer/platform/log.ts";
import { prepareRedisServer } from "../../../relayer/platform/redis-server.ts";
import { Supervisor } from "../../../relayer/platform/supervisor.ts";
import { repository } from "./processes.ts";

/** A Redis of the test's own, on a free port and in a folder of its own. */
export class PrivateRedis {
  readonly url: string;
  readonly #supervisor: Supervisor;
  readonly #folder: string;
  readonly #connections: Redis[] = [];

  private constructor(url: string, supervisor: Supervisor, folder: string) {
    this.url = url;
    this.#supervisor = supervisor;
    this.#folder = folder;
  }

  static async start(): Promise<PrivateRedis> {
    const binary = process.env["DCHAT_REDIS_SERVER"];
    assert(binary !== undefined, 'run the tests with "npm test", which finds a Redis server');
    const folder = mkdtempSync(join(tmpdir(), "dchat-redis-"));
    const supervisor = new Supervisor(
      { logFolder: folder, env: process.env },
      { logger: createLogger("silent", {}) },
    );
    const { url, spec } = await prepareRedisServer({
      binary,
      folder,
      guard: [process.execPath, join(repository, "scripts/guard.ts")],
    });
    await supervisor.start(spec);
    return new PrivateRedis(url, supervisor, folder);
  }

  /** A connection that {@link stop} closes. */
  connect(): Redis {
    const redis = new Redis(this.url, { maxRetriesPerRequest: null });
    this.#connections.push(redis);
    return redis;
  }

  async stop(): Promise<void> {
    for (const redis of this.#connections) redis.disconnect();
    await this.#supervisor.stop();
    rmSync(this.#folder, { recursive: true });
  }
}
