import assert from "node:assert/strict";
import type { NetworkInput } from "../../../relayer/domain/network.ts";
import { Tap } from "./tap.ts";

/** A tap on every line from the roles of a fleet to Redis and to the nodes. */
export class Taps {
  readonly #taps = new Map<string, Tap>();

  /** The configuration of a role whose every line leads through a tap. */
  async onLinesOf(role: string, network: NetworkInput): Promise<NetworkInput> {
    const redisUrl = await this.#open(`${role} redis`, network.redisUrl);
    const chains = Object.entries(network.chains).map(async ([name, chain]) => {
      assert(chain.rpcUrl !== undefined);
      return [name, { ...chain, rpcUrl: await this.#open(`${role} ${name}`, chain.rpcUrl) }] as const;
    });
    return { ...network, redisUrl, chains: Object.fromEntries(await Promise.all(chains)) };
  }

  /** The tap on one line of a role: to "redis", or to a chain by its name. */
  of(role: string, line: string): Tap {
    return this.#taps.get(`${role} ${line}`) ?? assert.fail(`${role} has no line ${line}`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#taps.values()].map((tap) => tap.close()));
  }

  async #open(name: string, target: string): Promise<string> {
    const url = new URL(target);
    const tap = await Tap.open(Number(url.port));
    this.#taps.set(name, tap);
    url.port = String(tap.port);
    return url.href.replace(/\/$/, "");
  }
}
