import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import getPort from "get-port";
import type { ChildSpec } from "./child.ts";
import { pingRedis } from "./redis-ping.ts";

const PROBE_TIMEOUT_MS = 1_000;

/** A private Redis, to be started by a supervisor. */
export interface RedisServer {
  readonly spec: ChildSpec;
  readonly url: string;
}

/** Where a private Redis lives. */
export interface RedisServerOptions {
  /** The path of redis-server or valkey-server. */
  readonly binary: string;
  /** Its configuration and data; created if it is missing. */
  readonly folder: string;
  /** The command that runs a foreign program and ends it with this process: Node and the path of scripts/guard.ts. */
  readonly guard: readonly [string, ...string[]];
  /** A free port if not given. */
  readonly port?: number;
  /** When the log is on the disk: within a second if not given, or before each answer. */
  readonly appendFsync?: "everysec" | "always";
}

/**
 * Writes the configuration of a private Redis: on loopback alone, without eviction, every write in a log that is synced
 * each second unless something else is asked for. A crash of the process loses nothing; one of the machine loses up to the last second, which the relayer
 * gets back from the chains.
 *
 * @throws the system's error if the folder cannot be written
 */
export async function prepareRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const folder = resolve(options.folder);
  const port = options.port ?? (await getPort({ host: "127.0.0.1" }));
  const file = join(folder, "redis.conf");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, configuration(folder, port, options.appendFsync ?? "everysec"));
  const url = `redis://127.0.0.1:${port}`;
  const [command, ...args] = options.guard;
  return {
    url,
    spec: {
      name: "redis",
      command,
      args: [...args, options.binary, file],
      ready: { probe: () => pingRedis(url, PROBE_TIMEOUT_MS).then(() => true) },
      infrastructure: true,
    },
  };
}

function configuration(folder: string, port: number, appendFsync: string): string {
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    "protected-mode yes",
    "daemonize no",
    `dir ${JSON.stringify(folder)}`,
    "appendonly yes",
    `appendfsync ${appendFsync}`,
    'save ""',
    "maxmemory-policy noeviction",
  ];
  return `${lines.join("\n")}\n`;
}
