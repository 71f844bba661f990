// The server of proxies as a process of its own: node toxiproxy-program.ts. It prints its URL.
import { startToxiproxy } from "../../../relayer/chaos/adapters/toxiproxy/api.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { exitWithParent } from "../../../relayer/platform/parent-watch.ts";

const { url } = await startToxiproxy(0, { random: Math.random, logger: createLogger("silent", {}) });
exitWithParent(() => process.exit(), process.env);
console.log(url);
