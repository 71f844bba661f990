import { connect, type Socket } from "node:net";
import { ofType, type Toxic } from "../../core/toxic.ts";
import { Direction } from "./direction.ts";

/** What a connection asks of its proxy. */
export interface ConnectionView {
  toxics(): readonly Toxic[];
  changed(): AbortSignal;
  random(): number;
}

/** Where a proxy connects to. */
export type Address = { readonly host: string; readonly port: number };

/** One client of a proxy, and its connection to the upstream. */
export class Connection {
  /** Resolves when nothing is left of it. */
  readonly closed: Promise<void>;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #view: ConnectionView;
  readonly #over = new AbortController();
  readonly #directions: readonly Direction[];
  /** Whether each toxic bites this connection: drawn once, as in Toxiproxy. */
  readonly #bites = new WeakMap<Toxic, boolean>();
  /** Time-outs that have swallowed something: when they go, the connection is of no use. */
  #swallowing: ReadonlySet<Toxic> = new Set();
  readonly #timers = new Map<Toxic, NodeJS.Timeout>();

  constructor(near: Socket, upstream: Address, view: ConnectionView) {
    this.#near = near;
    this.#view = view;
    this.#far = connect({ ...upstream, noDelay: true, allowHalfOpen: true });
    const open = [near, this.#far];
    this.closed = Promise.all(open.map(untilClosed)).then(() => {
      this.#end();
    });
    for (const socket of open) {
      socket.setNoDelay(true).on("error", () => {
        this.#lose();
      });
    }
    this.#directions = [
      this.#direction("upstream", near, this.#far),
      this.#direction("downstream", this.#far, near),
    ];
    // A limit closes both ways, as in Toxiproxy; the error is that the connection is gone.
    for (const direction of this.#directions) {
      direction.run().then(
        (how) => {
          if (how === "limited") this.close();
        },
        () => undefined,
      );
    }
    this.onChange();
  }

  /** Bytes that are held of both directions at the moment. */
  get held(): number {
    return this.#directions.reduce((sum, { held }) => sum + held, 0);
  }

  /** Arms and disarms what ends connections, after the toxics have changed. */
  onChange(): void {
    const toxics = this.#biting();
    const swallowing = new Set<Toxic>(ofType(toxics, "timeout"));
    const isHealed = [...this.#swallowing].some((toxic) => !swallowing.has(toxic));
    this.#swallowing = swallowing;
    if (isHealed) this.close();
    for (const [toxic, timer] of this.#timers) {
      if (toxics.includes(toxic)) continue;
      clearTimeout(timer);
      this.#timers.delete(toxic);
    }
    for (const toxic of toxics) this.#arm(toxic);
    if (toxics.every(({ type }) => type !== "stall") && (this.#near.errored ?? this.#far.errored) !== null)
      this.close();
  }

  /** Ends both sides; what was written still goes out. */
  close(): void {
    for (const socket of [this.#near, this.#far]) socket.destroySoon();
    this.#end();
  }

  /** Ends both sides at once with a reset. */
  reset(): void {
    this.#end();
    resetAtOnce(this.#far);
    resetAtOnce(this.#near);
  }

  #arm(toxic: Toxic): void {
    if (this.#timers.has(toxic) || this.#over.signal.aborted) return;
    if (toxic.type === "timeout" && toxic.attributes.timeout > 0) {
      this.#after(toxic, toxic.attributes.timeout, () => {
        this.close();
      });
    }
    // At once, or a short word and its answer would still pass.
    if (toxic.type === "reset_peer" && toxic.attributes.timeout === 0) this.reset();
    else if (toxic.type === "reset_peer") {
      this.#after(toxic, toxic.attributes.timeout, () => {
        this.reset();
      });
    }
  }

  #after(toxic: Toxic, milliseconds: number, act: () => void): void {
    this.#timers.set(toxic, setTimeout(act, milliseconds));
  }

  /** One side is gone. The other learns it now, or when a stall is over. */
  #lose(): void {
    if (this.#biting().some(({ type }) => type === "stall")) return;
    this.reset();
  }

  #end(): void {
    this.#over.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #direction(stream: Toxic["stream"], from: Socket, to: Socket): Direction {
    const view = {
      toxics: () => this.#biting().filter((toxic) => toxic.stream === stream),
      changed: () => this.#view.changed(),
      random: () => this.#view.random(),
    };
    return new Direction(from, to, view, this.#over.signal);
  }

  #biting(): readonly Toxic[] {
    return this.#view.toxics().filter((toxic) => {
      const drawn = this.#bites.get(toxic) ?? this.#view.random() < toxic.toxicity;
      this.#bites.set(toxic, drawn);
      return drawn;
    });
  }
}

/**
 * A socket that is ending already, with bytes that its peer does not take, cannot be reset: Node 24 would wait for ever for its close
 * (libuv refuses uv_tcp_close_reset then). What is left of it is thrown away instead, which the peer sees as an end.
 */
function resetAtOnce(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => {
      resolve();
    });
  });
}
