import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { Redis } from "ioredis";
import { type Running, start, until } from "./processes.ts";

/** What a cluster's servers talk to each other on is this much above their ports. */
const BUS = 10_000;

/**
 * A port that is free together with its cluster bus. Both are below 32768, where Linux begins to take ports for outgoing connections: one of
 * those may come at any time and keep a server from starting.
 */
async function portWithBus(): Promise<number> {
  const first = 11_000 + 500 * (process.pid % 20);
  for (let port = first; port < first + 500; port++) {
    const free = [
      await getPort({ host: "127.0.0.1", port }),
      await getPort({ host: "127.0.0.1", port: port + BUS }),
    ];
    if (free[0] === port && free[1] === port + BUS) return port;
  }
  throw new Error(`No port from ${first} to ${first + 499} is free together with the one ${BUS} above it`);
}

/** Several servers of the test's own: redis-server processes on free ports of this machine, each with a folder. */
class Servers {
  readonly #folder = mkdtempSync(join(tmpdir(), "dchat-redis-group-"));
  readonly #running = new Map<number, Running>();

  /** Starts a server and waits until it answers. @returns its port */
  async start(lines: readonly string[], options: readonly string[] = []): Promise<number> {
    const binary = process.env["DCHAT_REDIS_SERVER"];
    assert(binary !== undefined, 'run the tests with "npm test", which finds a Redis server');
    const port = await portWithBus();
    const folder = join(this.#folder, String(port));
    mkdirSync(folder);
    const file = join(folder, "redis.conf");
    const own = [`port ${port}`, "bind 127.0.0.1", `dir ${folder}`, 'save ""'];
    writeFileSync(file, `${[...own, ...lines].join("\n")}\n`);
    chmodSync(file, 0o600);
    this.#running.set(port, start(binary, [file, ...options]));
    await this.ask(port, (redis) => redis.ping());
    return port;
  }

  /** Asks one server something, over and over until it answers. @throws Error when it ends instead */
  async ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 20, maxRetriesPerRequest: null });
    redis.on("error", () => undefined);
    const ended = this.#running.get(port)?.ended.then(({ stdout, stderr }) => {
      throw new Error(`The Redis server on port ${port} has ended: ${stdout}${stderr}`);
    });
    try {
      return await Promise.race([question(redis), ...(ended === undefined ? [] : [ended])]);
    } finally {
      redis.disconnect();
    }
  }

  async kill(port: number): Promise<void> {
    const server = this.#running.get(port);
    server?.child.kill("SIGKILL");
    await server?.ended;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((port) => this.kill(port)));
    rmSync(this.#folder, { recursive: true });
  }
}

/** A master with a replica, under three Sentinels. */
export class SentinelGroup {
  readonly url: string;
  readonly #servers: Servers;
  readonly #master: number;
  readonly #sentinels: readonly number[];

  private constructor(servers: Servers, master: number, sentinels: readonly number[]) {
    this.#servers = servers;
    this.#master = master;
    this.#sentinels = sentinels;
    this.url = `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(",")}/dchat`;
  }

  static async start(): Promise<SentinelGroup> {
    const servers = new Servers();
    const master = await servers.start([]);
    const replica = await servers.start([`replicaof 127.0.0.1 ${master}`]);
    await until("the replica follows", async () =>
      (await servers.ask(replica, (redis) => redis.info("replication"))).includes("master_link_status:up"),
    );
    const watch = [
      `sentinel monitor dchat 127.0.0.1 ${master} 2`,
      "sentinel down-after-milliseconds dchat 500",
      "sentinel failover-timeout dchat 2000",
    ];
    const sentinels: number[] = [];
    for (let i = 0; i < 3; i++) sentinels.push(await servers.start(watch, ["--sentinel"]));
    const group = new SentinelGroup(servers, master, sentinels);
    await until("the Sentinels know each other and the replica", () => group.#isComplete());
    return group;
  }

  /** Kills the master with SIGKILL, and waits until the Sentinels have another. */
  async failOver(): Promise<void> {
    await this.#servers.kill(this.#master);
    await until("there is another master", async () => (await this.#masterPort()) !== String(this.#master));
  }

  stop(): Promise<void> {
    return this.#servers.stop();
  }

  async #isComplete(): Promise<boolean> {
    const texts = await Promise.all(
      this.#sentinels.map((port) => this.#servers.ask(port, (redis) => redis.info("sentinel"))),
    );
    return texts.every((text) => text.includes("slaves=1,sentinels=3"));
  }

  async #masterPort(): Promise<unknown> {
    const [first] = this.#sentinels;
    assert(first !== undefined);
    const answer = await this.#servers.ask(first, (redis) =>
      redis.call("SENTINEL", "get-master-addr-by-name", "dchat"),
    );
    return Array.isArray(answer) ? answer[1] : undefined;
  }
}

/** A cluster of three masters. */
export class RedisCluster {
  readonly url: string;
  readonly ports: readonly number[];
  readonly #servers: Servers;

  private constructor(servers: Servers, ports: readonly number[]) {
    this.#servers = servers;
    this.ports = ports;
    this.url = `redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
  }

  static async start(): Promise<RedisCluster> {
    const servers = new Servers();
    const ports: number[] = [];
    for (let i = 0; i < 3; i++)
      ports.push(await servers.start(["cluster-enabled yes", "cluster-node-timeout 2000"]));
    const [first = 0] = ports;
    const bounds = [0, 5_461, 10_923, 16_384];
    for (const [i, port] of ports.entries()) {
      const range = [
        "CLUSTER",
        "ADDSLOTSRANGE",
        String(bounds[i]),
        String((bounds[i + 1] ?? 0) - 1),
      ] as const;
      await servers.ask(port, (redis) => redis.call(...range));
      await servers.ask(port, (redis) => redis.call("CLUSTER", "MEET", "127.0.0.1", String(first)));
    }
    const cluster = new RedisCluster(servers, ports);
    await until("every node knows the whole cluster", async () => {
      const texts = await Promise.all(
        ports.map((port) => servers.ask(port, (redis) => redis.cluster("INFO"))),
      );
      return texts.every((text) => /cluster_state:ok[^]*cluster_known_nodes:3/.test(text));
    });
    return cluster;
  }

  /** Sends a command to one node alone. */
  ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#servers.ask(port, question);
  }

  stop(): Promise<void> {
    return this.#servers.stop();
  }
}
