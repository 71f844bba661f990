import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** A moment on a line: what is about to be said, or what was just answered. */
export type Moment = {
  /** What the side that asks says. */
  readonly says: RegExp;
  /** `asking`: it is on the way and not there. `answered`: it was done, and who asked does not know it. */
  readonly when: "asking" | "answered";
};

/** Stands on a line of one process to a server, passes everything on, and strikes at a moment that it was told. */
export class Tap {
  readonly port: number;
  readonly #server: Server;
  #waiting: { readonly moment: Moment; readonly strike: () => "pass" | "drop" } | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Opens a line to the server on `port`. */
  static async open(port: number): Promise<Tap> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const tap = new Tap(server);
    server.on("connection", (from) => {
      tap.#join(from, connect(port, "127.0.0.1"));
    });
    return tap;
  }

  /**
   * Strikes once, the next time that the moment comes.
   * @param strike says whether what was about to be passed on is, or gets lost
   */
  next(moment: Moment, strike: () => "pass" | "drop"): void {
    this.#waiting = {
      moment,
      strike: () => {
        this.#waiting = undefined;
        return strike();
      },
    };
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(from: Socket, to: Socket): void {
    let isAsked = false;
    from.on("data", (chunk) => {
      const waiting = this.#waiting;
      const isMoment = waiting?.moment.says.test(chunk.toString("latin1")) === true;
      isAsked ||= isMoment && waiting.moment.when === "answered";
      if (isMoment && waiting.moment.when === "asking" && waiting.strike() === "drop") return;
      to.write(chunk);
    });
    to.on("data", (chunk) => {
      const isDropped = isAsked && this.#waiting?.strike() === "drop";
      isAsked = false;
      if (!isDropped) from.write(chunk);
    });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }
}
