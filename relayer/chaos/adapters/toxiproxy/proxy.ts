import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { RetryableError } from "../../../domain/errors.ts";
import type { Toxic } from "../../core/toxic.ts";
import { type Address, Connection } from "./connection.ts";
import { RpcRewriter } from "./rpc-rewriter.ts";

/** What a proxy is made of. */
export type ProxySettings = { readonly name: string; readonly listen: Address; readonly upstream: Address };

/** More connections than that are not taken: each costs descriptors and memory. */
const MOST_CONNECTIONS = 1_024;

/** Listens, and passes connections on to an upstream through toxics. */
export class Proxy {
  readonly name: string;
  readonly #random: () => number;
  readonly #toxics = new Map<string, Toxic>();
  /** What is open, and whether it goes through the rewriter; that passes everything as it is once its toxics are gone. */
  readonly #connections = new Map<Connection, boolean>();
  #listen: Address;
  #upstream: Address;
  #server: Server | undefined;
  #changed = new AbortController();
  #rewriter: RpcRewriter | undefined;

  /** @param random from 0 to 1: draws which connections a toxic bites, and jitter */
  constructor({ name, listen, upstream }: ProxySettings, random: () => number) {
    this.name = name;
    this.#listen = listen;
    this.#upstream = upstream;
    this.#random = random;
  }

  get isEnabled(): boolean {
    return this.#server !== undefined;
  }

  /** Where it listens; the port is 0 until it has for the first time. */
  get listen(): Address {
    return this.#listen;
  }

  get upstream(): Address {
    return this.#upstream;
  }

  get toxics(): readonly Toxic[] {
    return [...this.#toxics.values()];
  }

  /** How many connections are open, and how many bytes are held of all of them. */
  get load(): { readonly connections: number; readonly held: number } {
    const held = [...this.#connections.keys()].reduce((sum, connection) => sum + connection.held, 0);
    return { connections: this.#connections.size, held };
  }

  /** @throws RetryableError `PROXY_PORT` when it cannot listen there */
  async enable(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.maxConnections = MOST_CONNECTIONS;
    server.on("connection", (socket) => {
      this.#accept(socket).catch(() => socket.destroy());
    });
    const { host, port } = this.#listen;
    this.#server = server;
    server.listen(port, host);
    await once(server, "listening").catch((error: unknown) => {
      this.#server = undefined;
      throw new RetryableError(
        "PROXY_PORT",
        `The proxy ${this.name} cannot listen on ${host}:${port}. Its link is down until it can; end what listens there, or give it another port.`,
        { proxy: this.name, port },
        error,
      );
    });
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");
    // It keeps its port, so that it comes back under the same address.
    this.#listen = { host, port: bound.port };
  }

  /** Listens no more and ends what is connected. */
  async disable(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const open = [...this.#connections.keys()];
    for (const connection of open) connection.reset();
    if (server !== undefined) {
      server.close();
      await once(server, "close");
    }
    await Promise.all(open.map(({ closed }) => closed));
  }

  /** Goes elsewhere from now on, enabled or not as before. */
  async move(listen: Address, upstream: Address): Promise<void> {
    const isEnabled = this.isEnabled;
    await this.close();
    this.#listen = listen;
    this.#upstream = upstream;
    if (isEnabled) await this.enable();
  }

  async close(): Promise<void> {
    await this.disable();
    await this.#rewriter?.close();
    this.#rewriter = undefined;
  }

  toxic(name: string): Toxic | undefined {
    return this.#toxics.get(name);
  }

  /** Lays a toxic on the proxy, in place of the one of that name. */
  put(toxic: Toxic): void {
    this.#change(() => this.#toxics.set(toxic.name, toxic));
  }

  /** @returns whether there was one of that name */
  remove(name: string): boolean {
    return this.#toxics.has(name) && this.#change(() => this.#toxics.delete(name));
  }

  #change<T>(change: () => T): T {
    const result = change();
    const before = this.#changed;
    this.#changed = new AbortController();
    before.abort();
    for (const [connection, isRewritten] of this.#connections) {
      // Requests cannot be told apart from the middle of a connection on: clients connect again.
      if (this.#isRpc && !isRewritten) connection.close();
      else connection.onChange();
    }
    return result;
  }

  get #isRpc(): boolean {
    return this.toxics.some(({ type }) => type === "rpc_lie" || type === "rpc_lag");
  }

  async #accept(socket: Socket): Promise<void> {
    // Until there is somebody to tell, a client that is gone already is no matter.
    socket.on("error", () => undefined);
    const isRewritten = this.#isRpc;
    const upstream = isRewritten ? await this.#rewriting() : this.#upstream;
    if (!this.isEnabled || socket.destroyed) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, upstream, {
      toxics: () => this.toxics,
      changed: () => this.#changed.signal,
      random: this.#random,
    });
    this.#connections.set(connection, isRewritten);
    await connection.closed;
    this.#connections.delete(connection);
  }

  async #rewriting(): Promise<Address> {
    this.#rewriter ??= new RpcRewriter({
      upstream: this.#upstream,
      toxics: () => this.toxics,
      random: this.#random,
    });
    return this.#rewriter.address();
  }
}
