import type { Logger } from "../../../platform/log.ts";
import { explain } from "../../../domain/errors.ts";
import type { Toxic } from "../../core/toxic.ts";
import { Proxy, type ProxySettings } from "./proxy.ts";

/** How long until a port that somebody else took is tried again, in milliseconds. */
const RETRY_MILLISECONDS = 100;

/** All proxies of a server, and what of them heals by itself. Time to live is counted by this process's monotonic clock. */
export class Proxies {
  readonly #proxies = new Map<string, Proxy>();
  /** What heals later, by the toxic or the proxy that it heals. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #random: () => number;
  readonly #logger: Logger;

  /** @param random from 0 to 1 */
  constructor({ random, logger }: { readonly random: () => number; readonly logger: Logger }) {
    this.#random = random;
    this.#logger = logger;
  }

  all(): readonly Proxy[] {
    return [...this.#proxies.values()];
  }

  get(name: string): Proxy | undefined {
    return this.#proxies.get(name);
  }

  /** @throws RetryableError `PROXY_PORT` when it cannot listen; there is no such proxy then */
  async create(settings: ProxySettings, isEnabled: boolean): Promise<Proxy> {
    const proxy = new Proxy(settings, this.#random);
    if (this.#proxies.has(settings.name)) throw new Error(`there is a proxy ${settings.name} already`);
    this.#proxies.set(settings.name, proxy);
    try {
      if (isEnabled) await proxy.enable();
    } catch (error) {
      this.#proxies.delete(settings.name);
      throw error;
    }
    return proxy;
  }

  async remove(proxy: Proxy): Promise<void> {
    for (const { name } of proxy.toxics) this.#forget(toxicKey(proxy, name));
    this.#forget(proxyKey(proxy));
    this.#proxies.delete(proxy.name);
    await proxy.close();
  }

  /**
   * Enables or disables a proxy.
   * @param ttl after so many milliseconds a proxy that was disabled is enabled again
   */
  async enable(proxy: Proxy, isEnabled: boolean, ttl: number | undefined): Promise<void> {
    this.#forget(proxyKey(proxy));
    if (isEnabled) return proxy.enable();
    await proxy.disable();
    if (ttl !== undefined)
      this.#later(proxyKey(proxy), ttl, () => {
        this.#enableAgain(proxy);
      });
  }

  /** Lays a toxic on a proxy, in place of the one of that name; it goes by itself after its `ttl`. */
  put(proxy: Proxy, toxic: Toxic): void {
    proxy.put(toxic);
    this.#forget(toxicKey(proxy, toxic.name));
    const { ttl } = toxic.attributes;
    if (ttl !== undefined)
      this.#later(toxicKey(proxy, toxic.name), ttl, () => {
        proxy.remove(toxic.name);
      });
  }

  /** @returns whether there was such a toxic */
  removeToxic(proxy: Proxy, name: string): boolean {
    this.#forget(toxicKey(proxy, name));
    return proxy.remove(name);
  }

  /** Heals everything: no toxics, all enabled. */
  async reset(): Promise<void> {
    for (const proxy of this.all()) {
      for (const { name } of proxy.toxics) this.removeToxic(proxy, name);
      await this.enable(proxy, true, undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map((proxy) => this.remove(proxy)));
  }

  #enableAgain(proxy: Proxy): void {
    proxy.enable().catch((error: unknown) => {
      this.#logger.error(
        { proxy: proxy.name, reason: explain(error) },
        "a proxy cannot be enabled again yet",
      );
      this.#later(proxyKey(proxy), RETRY_MILLISECONDS, () => {
        this.#enableAgain(proxy);
      });
    });
  }

  #later(key: string, milliseconds: number, act: () => void): void {
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        act();
      }, milliseconds),
    );
  }

  #forget(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}

// No name holds a slash.
const toxicKey = (proxy: Proxy, name: string) => `${proxy.name}/${name}`;
const proxyKey = (proxy: Proxy) => proxy.name;
