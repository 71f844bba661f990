import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { holdFile, holdRestarts } from "../../../relayer/platform/restart-holds.ts";
import type { Supervisor } from "../../../relayer/platform/supervisor.ts";
import { until } from "../../relayer/support/processes.ts";

const order = z.object({ verb: z.enum(["stop", "start", "restart"]), units: z.array(z.string()).min(1) });
/** Units of the distribution, and what plays them in a local network. */
const FOREIGN: Readonly<Record<string, string>> = { "redis-server": "redis", postgresql: "database" };
const HOUR = 3_600_000;

/**
 * Plays systemd for the processes of a local network: a command `systemctl` in a folder of its own, which stops and starts what deploy/systemd
 * calls so. What is stopped stays so until it is started.
 */
export class ServiceManager {
  /** The folder with the command, for a PATH. */
  readonly bin: string;
  readonly #supervisor: Supervisor;
  readonly #holds: string;
  readonly #server: Server;

  private constructor(supervisor: Supervisor, folder: string) {
    this.#supervisor = supervisor;
    this.#holds = join(folder, "holds");
    this.bin = join(folder, "bin");
    this.#server = createServer((request, response) => {
      text(request)
        .then((body) => this.#obey(order.parse(JSON.parse(body))))
        .then(
          () => response.end(),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
    });
  }

  /** @param folder that of a local network with holds */
  static async start(supervisor: Supervisor, folder: string): Promise<ServiceManager> {
    const manager = new ServiceManager(supervisor, folder);
    manager.#server.listen(0, "127.0.0.1");
    await once(manager.#server, "listening");
    const { port } = manager.#server.address() as AddressInfo;
    mkdirSync(manager.bin);
    const command = join(manager.bin, "systemctl");
    writeFileSync(
      command,
      `#!${process.execPath}
const [verb, ...units] = process.argv.slice(2);
const answer = await fetch("http://127.0.0.1:${port}", { method: "POST", body: JSON.stringify({ verb, units }) });
if (!answer.ok) throw new Error(await answer.text());
`,
    );
    writeFileSync(join(manager.bin, "package.json"), '{ "type": "module" }');
    chmodSync(command, 0o755);
    return manager;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #obey({ verb, units }: z.infer<typeof order>): Promise<void> {
    const names = units.map((unit) => FOREIGN[unit] ?? unit.replace(/^dchat-/, "").replace("@", "-"));
    if (verb !== "start") await Promise.all(names.map((name) => this.#stop(name)));
    if (verb !== "stop") await Promise.all(names.map((name) => this.#start(name)));
  }

  async #stop(name: string): Promise<void> {
    const pid = this.#supervisor.pid(name);
    holdRestarts(holdFile(this.#holds, name), Date.now() + HOUR);
    if (pid !== undefined) process.kill(pid, "SIGTERM");
    await until(`${name} has ended`, () => this.#supervisor.pid(name) === undefined);
  }

  async #start(name: string): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      const onReady = (child: { readonly name: string }) => {
        if (child.name === name) settle(resolve);
      };
      const onWrong = (failure: Error & { readonly child: string }) => {
        if (failure.child === name)
          settle(() => {
            reject(failure);
          });
      };
      const settle = (end: () => void) => {
        this.#supervisor.off("ready", onReady).off("misconfigured", onWrong);
        end();
      };
      this.#supervisor.on("ready", onReady).on("misconfigured", onWrong);
    });
    rmSync(holdFile(this.#holds, name));
    await ready;
  }
}
