import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { giveToNobody, NOBODY } from "./nobody.ts";
import { type Running, start, until, isListening } from "./processes.ts";

const ROOT = "/usr/lib/postgresql";

/** Where this machine has a PostgreSQL server; undefined when it has none. */
export function findPostgres(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT) : [];
  return versions.map((version) => join(ROOT, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

/** A PostgreSQL server of the test's own, on a free port and in a folder of its own, run by somebody else than root. */
export class PrivatePostgres {
  readonly url: string;
  readonly #server: Running;
  readonly #folder: string;

  private constructor(url: string, server: Running, folder: string) {
    this.url = url;
    this.#server = server;
    this.#folder = folder;
  }

  static async start(bin: string): Promise<PrivatePostgres> {
    const folder = mkdtempSync(join(tmpdir(), "dchat-postgres-"));
    giveToNobody(folder);
    const data = join(folder, "data");
    const made = spawnSync(
      ...asNobody(join(bin, "initdb"), "-D", data, "-U", "dchat", "-A", "trust", "--no-sync", "-E", "UTF8"),
      { encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const port = await getPort();
    const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "fsync=off"];
    const server = start(
      ...asNobody(
        join(bin, "postgres"),
        ...["-D", data, "-p", String(port)],
        ...settings.flatMap((setting) => ["-c", setting]),
      ),
    );
    await until("PostgreSQL is ready", () => server.stderr().includes("ready to accept connections"));
    await until("it listens", () => isListening(port));
    return new PrivatePostgres(`postgresql://dchat@127.0.0.1:${port}/postgres`, server, folder);
  }

  async stop(): Promise<void> {
    this.#server.child.kill("SIGINT"); // the fast way down
    await this.#server.ended;
    rmSync(this.#folder, { recursive: true });
  }
}

/** PostgreSQL refuses to be run by root. */
function asNobody(command: string, ...args: readonly string[]): [command: string, args: string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]];
  const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
  return ["setpriv", [...drop, command, ...args]];
}
