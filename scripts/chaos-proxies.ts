// node scripts/chaos-proxies.ts PORT: the proxies through which the links of a local network lead, with Toxiproxy's HTTP API on PORT.
import { createLogger } from "../relayer/platform/log.ts";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";
import { startToxiproxy } from "../relayer/chaos/adapters/toxiproxy/api.ts";

const logger = createLogger("info", { role: "chaos-proxies" });
const server = await startToxiproxy(Number(process.argv[2]), { random: Math.random, logger });
const stop = () => {
  void server.close().then(() => process.exit());
};
exitWithParent(stop, process.env);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
process.stdout.write(`${JSON.stringify({ ready: true, url: server.url })}\n`);
