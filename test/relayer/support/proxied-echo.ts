import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Toxic } from "../../../relayer/chaos/core/toxic.ts";
import { toxicSchema } from "../../../relayer/chaos/core/toxic.ts";
import { Proxy } from "../../../relayer/chaos/adapters/toxiproxy/proxy.ts";

/** A server behind a proxy, and the means to look at both. It echoes, unless it is told to keep silent. */
export class ProxiedEcho implements AsyncDisposable {
  readonly proxy: Proxy;
  /** What the server has received, of all connections. */
  received = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, proxy: Proxy, sockets: Set<Socket>) {
    this.#server = server;
    this.proxy = proxy;
    this.#sockets = sockets;
    server.on("connection", (socket) => {
      socket.on("data", (bytes: Buffer) => (this.received += bytes.length));
    });
  }

  static async start(random: () => number = () => 0.5, isSilent = false): Promise<ProxiedEcho> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket.on("error", () => undefined));
      if (!isSilent) socket.pipe(socket);
      else
        socket.on("end", () => {
          socket.end();
        });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const bound = server.address();
    assert(bound !== null && typeof bound === "object");
    const upstream = { host: "127.0.0.1", port: bound.port };
    const proxy = new Proxy({ name: "echo", listen: { host: "127.0.0.1", port: 0 }, upstream }, random);
    await proxy.enable();
    return new ProxiedEcho(server, proxy, sockets);
  }

  /** Connects through the proxy; what it is reset by meanwhile, its end tells. */
  async connect(): Promise<Socket> {
    const socket = connect({ host: "127.0.0.1", port: this.proxy.listen.port, noDelay: true });
    socket.on("error", () => undefined);
    await once(socket, "connect").catch(() => undefined);
    return socket;
  }

  /** Lays a toxic on the proxy, under its type as its name. */
  put(type: Toxic["type"], attributes: object, rest: object = {}): void {
    this.proxy.put(toxicSchema.parse({ name: type, type, attributes, ...rest }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** The next `length` bytes of a socket. */
export async function take(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  for (;;) {
    if (got >= length) return Buffer.concat(chunks);
    const chunk: unknown = socket.read();
    if (chunk instanceof Buffer) {
      chunks.push(chunk);
      got += chunk.length;
    } else await once(socket, "readable");
  }
}
