import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Passes bytes to a server and back, at once or after a while, or swallows them without a word as a partition does. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isParted = false;
  /** How long bytes take each way, in milliseconds. */
  delay = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (near) => {
      const far = connect(target, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("data", (bytes) => {
          if (this.#isParted) return;
          if (this.delay === 0) to.write(bytes);
          else setTimeout(() => to.write(bytes), this.delay);
        });
        from.on("error", () => undefined);
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async inFrontOf(target: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(server, target);
  }

  /** From now on no byte passes; what is sent meanwhile is lost, and connections stay open. */
  part(): void {
    this.#isParted = true;
  }

  /** Bytes pass again. What was lost stays lost, so a connection that lost some is good for nothing. */
  heal(): void {
    this.#isParted = false;
  }

  /** Ends every connection and refuses new ones, as where the server is gone. */
  async shut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Takes connections again. */
  async open(): Promise<void> {
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.shut();
  }
}
