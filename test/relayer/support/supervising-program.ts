// A process with a supervisor, to be killed by tests: node supervising-program.ts FOLDER PORT REDIS_PORT
// Its children are a server of ours on PORT, and a private Redis on REDIS_PORT. It prints their pids, then waits.
import { join } from "node:path";
import { pino } from "pino";
import { prepareRedisServer } from "../../../relayer/platform/redis-server.ts";
import { Supervisor } from "../../../relayer/platform/supervisor.ts";

const [folder = "", port = "", redisPort = ""] = process.argv.slice(2);
const supervisor = new Supervisor(
  { logFolder: folder, env: process.env },
  { logger: pino({ level: "silent" }) },
);
const redis = await prepareRedisServer({
  binary: process.env["DCHAT_REDIS_SERVER"] ?? "redis-server",
  folder: join(folder, "redis"),
  guard: [process.execPath, join(import.meta.dirname, "../../../scripts/guard.ts")],
  port: Number(redisPort),
});
const program = join(import.meta.dirname, "child-program.ts");
await Promise.all([
  supervisor.start(redis.spec),
  supervisor.start({
    name: "server",
    command: process.execPath,
    args: [program, "serve", port],
    ready: "line",
  }),
]);
console.log(JSON.stringify([supervisor.pid("redis"), supervisor.pid("server")]));
process.once("SIGTERM", () => void supervisor.stop());
