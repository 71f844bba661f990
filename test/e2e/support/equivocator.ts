import { dirname, join } from "node:path";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { digestOf } from "../../../relayer/domain/attestation.ts";
import type { Point } from "../../../relayer/domain/bridge.ts";
import type { Hash } from "../../../relayer/domain/ids.ts";
import { attestationQueue, attestationSchema } from "../../../relayer/domain/jobs.ts";
import { readKeyFile } from "../../../relayer/platform/key-file.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { Queues } from "../../../relayer/platform/queues.ts";
import { connectRedis } from "../../../relayer/platform/redis.ts";
import type { Fleet } from "./fleet.ts";

/** One validator of a fleet gone bad: it signs with its real key whatever it likes, past its signer's records. */
export class Equivocator {
  readonly key: LocalSigningKey;
  readonly #redis;
  readonly #queues: Queues;

  constructor(fleet: Fleet, name: string) {
    const file = join(dirname(fleet.local.networkFile), `${name}.key`);
    this.key = new LocalSigningKey(readKeyFile(file, "the validator"));
    this.#redis = connectRedis(fleet.local.network.redisUrl, () => undefined);
    this.#queues = new Queues(this.#redis, createLogger("silent", {}));
  }

  /** Attests to a point under a domain and epoch, and brings that to the destination's aggregator as a signer does. */
  async attest(point: Point, domain: Hash, epoch = 1n): Promise<void> {
    const { lane, nonce, accumulator, destinationChainId } = point;
    const { publicKey: validator } = this.key;
    const signature = await this.key.sign(digestOf({ domain, lane, nonce, accumulator, epoch }));
    const id = `equivocation-${accumulator}-${epoch}`;
    const attestation = { point, domain, epoch, validator, signature };
    await this.#queues.add(attestationQueue(destinationChainId), id, attestationSchema, attestation);
  }

  async close(): Promise<void> {
    await this.#queues.close();
    this.#redis.disconnect();
  }
}
