import { join } from "node:path";
import type { Supervisor } from "../../relayer/platform/supervisor.ts";
import { placeEmptyDatabase } from "./empty-database.ts";
import { startOnFreePort } from "./free-port.ts";

const PORT = 5_432;
const program = join(import.meta.dirname, "../database.ts");

/**
 * Starts the database of the index as a process of its own, under the name `database`, so that it can be stopped or killed without the API.
 * @param place its folder, and what is added to the port that is tried first
 * @returns its `databaseUrl`
 */
export async function startDatabase(
  { folder, portOffset }: { readonly folder: string; readonly portOffset: number },
  start: Supervisor["start"],
  signal: AbortSignal,
): Promise<string> {
  await placeEmptyDatabase(folder, signal);
  const port = await startOnFreePort(PORT + portOffset, (candidate) =>
    start({
      name: "database",
      command: process.execPath,
      args: [program, folder, String(candidate)],
      ready: "line",
      infrastructure: true,
    }),
  );
  return `postgresql://dchat@127.0.0.1:${port}/postgres`;
}
