import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkInput } from "../../relayer/domain/network.ts";

/** Lines to nodes that are far away: everything passes, and takes some milliseconds longer. */
export class SlowLines {
  readonly #milliseconds: number;
  readonly #servers: Server[] = [];

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** The same network, with a slow line to each of its nodes. */
  async lengthen(network: NetworkInput): Promise<NetworkInput> {
    const chains = Object.entries(network.chains).map(
      async ([name, chain]) =>
        [
          name,
          chain.rpcUrl === undefined ? chain : { ...chain, rpcUrl: await this.#to(chain.rpcUrl) },
        ] as const,
    );
    return { ...network, chains: Object.fromEntries(await Promise.all(chains)) };
  }

  close(): void {
    for (const server of this.#servers) server.close().closeAllConnections();
  }

  async #to(url: string): Promise<string> {
    const server = createServer((asked, answer) => {
      const forward = request(url, { method: asked.method, headers: asked.headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      forward.on("error", () => answer.destroy());
      void sleep(this.#milliseconds).then(() => asked.pipe(forward));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#servers.push(server);
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }
}
