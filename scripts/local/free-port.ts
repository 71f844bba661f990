import getPort, { portNumbers } from "get-port";
import { ChildFailure } from "../../relayer/platform/supervisor.ts";

/** How many ports are tried after the preferred one. */
const PORTS = 100;

/**
 * Starts what listens on the first free port from `preferred` on. Between finding a port and listening there, another start on
 * this machine may have taken it; then it is the next one's turn.
 */
export async function startOnFreePort(
  preferred: number,
  start: (port: number) => Promise<void>,
): Promise<number> {
  const taken: number[] = [];
  for (;;) {
    const port = await getPort({ port: portNumbers(preferred, preferred + PORTS), exclude: taken });
    try {
      await start(port);
      return port;
    } catch (error) {
      const words = error instanceof ChildFailure ? (error.ending?.stderr ?? []) : [];
      if (!words.some((line) => line.includes("EADDRINUSE"))) throw error;
      taken.push(port);
    }
  }
}
