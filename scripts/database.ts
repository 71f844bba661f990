// node scripts/database.ts FOLDER PORT: the PGlite database in FOLDER as a process of its own, which speaks PostgreSQL's protocol on loopback.
import { PGlite } from "@electric-sql/pglite";
import { createLogger } from "../relayer/platform/log.ts";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";
import { serveDatabase } from "./database/server.ts";

const [folder, port] = process.argv.slice(2);
if (folder === undefined || port === undefined) throw new Error("usage: database FOLDER PORT");
const pglite = await PGlite.create(folder);
await serveDatabase(pglite, Number(port), createLogger("info", { role: "database" }));
const stop = () => {
  void pglite.close().finally(() => process.exit());
};
exitWithParent(stop, process.env);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
process.stdout.write(
  `${JSON.stringify({ ready: true, url: `postgresql://dchat@127.0.0.1:${port}/postgres` })}\n`,
);
