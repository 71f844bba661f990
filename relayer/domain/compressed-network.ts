import type { Network } from "./network.ts";
import { compressed } from "./time-scale.ts";

/** Below this an interval would only keep processors busy with asking: at 50, a fleet on two slow cores fell behind its own experiments. In milliseconds. */
const LEAST_POLL = 100;
/** Below this a machine that is busy looks like one that is gone, in milliseconds. */
const LEAST_TIMEOUT = 1_000;
/** Below this the holder of a sending key, who renews its lock five times as often, loses it for being busy, in milliseconds. */
const LEAST_KEY_LOCK = 2_000;

/** The same configuration with the times that its time scale makes of those that it names. */
export function compressNetwork(network: Network): Network {
  const { timeScale: scale } = network;
  const interval = (milliseconds: number) => compressed(milliseconds, scale, LEAST_POLL);
  const timeout = (milliseconds: number) => compressed(milliseconds, scale, LEAST_TIMEOUT);
  return {
    ...network,
    chains: Object.fromEntries(
      Object.entries(network.chains).map(([name, chain]) => [
        name,
        {
          ...chain,
          pollMilliseconds: interval(chain.pollMilliseconds),
          rpcTimeoutMilliseconds: timeout(chain.rpcTimeoutMilliseconds),
          batch: chain.batch && { ...chain.batch, ageMilliseconds: interval(chain.batch.ageMilliseconds) },
        },
      ]),
    ),
    redriveMilliseconds: timeout(network.redriveMilliseconds),
    replaceMilliseconds: timeout(network.replaceMilliseconds),
    keyLockMilliseconds: compressed(network.keyLockMilliseconds, scale, LEAST_KEY_LOCK),
  };
}
