import { z } from "zod";
import { explain, FatalError } from "../../domain/errors.ts";
import { parseRedisUrl } from "../../domain/redis-url.ts";
import { askRedis } from "../../platform/redis-ping.ts";

const addressSchema = z.tuple([z.string(), z.string()]);

/** The Sentinels that a Redis URL names, and the master that they look after; undefined where it names none. */
export class Sentinels {
  readonly #urls: readonly string[];
  readonly #master: string;

  private constructor(urls: readonly string[], master: string) {
    this.#urls = urls;
    this.#master = master;
  }

  static of(redisUrl: string): Sentinels | undefined {
    const place = parseRedisUrl(redisUrl);
    if (place?.kind !== "sentinel") return undefined;
    const urls = place.nodes.map(({ host, port }) => `redis://${host}:${port}`);
    return new Sentinels(urls, place.master);
  }

  /** Where the master is now: host and port. @throws FatalError `SENTINEL` when no Sentinel says so in time */
  async master(patienceMilliseconds: number): Promise<string> {
    const answer = await this.#ask("get-master-addr-by-name", patienceMilliseconds);
    return addressSchema.parse(answer).join(":");
  }

  /** Has a replica made the master; the one before follows it then. @throws FatalError `SENTINEL` when none of them does */
  async failOver(patienceMilliseconds: number): Promise<void> {
    await this.#ask("failover", patienceMilliseconds);
  }

  /** Asks one after the other until one answers. */
  async #ask(question: string, patienceMilliseconds: number): Promise<unknown> {
    const reasons: string[] = [];
    for (const url of this.#urls)
      try {
        return await askRedis(url, patienceMilliseconds, (redis) =>
          redis.call("SENTINEL", question, this.#master),
        );
      } catch (error) {
        reasons.push(`${url}: ${explain(error)}`);
      }
    throw new FatalError(
      "SENTINEL",
      `No Sentinel does "${question} ${this.#master}". Nothing was changed. They say: ${reasons.join("; ")}.`,
    );
  }
}
