import { join } from "node:path";
import { JsonRpcProvider } from "ethers";
import { chainId, chainName } from "../../relayer/domain/ids.ts";
import type { Supervisor } from "../../relayer/platform/supervisor.ts";
import { startOnFreePort } from "./free-port.ts";

const program = join(import.meta.dirname, "../chain-node.ts");

/** The two local chains, and the ports that they take if nobody else has them. */
export const CHAINS = [
  { name: chainName.parse("A"), chainId: chainId.parse(31_337), preferredPort: 8_545 },
  { name: chainName.parse("B"), chainId: chainId.parse(31_338), preferredPort: 8_546 },
] as const;

/** One of them, and where it answers. */
export type RunningChain = (typeof CHAINS)[number] & {
  readonly port: number;
  readonly provider: JsonRpcProvider;
};

type ChainOptions = {
  /** Holds everything of the run. */
  readonly folder: string;
  /** Seconds between empty blocks. */
  readonly blockSeconds: number;
  /** Added to the port that is tried first. */
  readonly portOffset?: number;
};

/** Starts a node, on the first port that is free. */
export async function startChain(
  chain: (typeof CHAINS)[number],
  { folder, blockSeconds, portOffset = 0 }: ChainOptions,
  start: Supervisor["start"],
): Promise<RunningChain> {
  const data = join(folder, `chain-${chain.name}`);
  const port = await startOnFreePort(chain.preferredPort + portOffset, (candidate) => {
    const settings = ["--chain-id", chain.chainId, "--port", candidate, "--block-seconds", blockSeconds];
    return start({
      name: `chain-${chain.name}`,
      command: process.execPath,
      args: [program, ...settings.map(String), "--data", data],
      ready: "line",
      infrastructure: true,
    });
  });
  const provider = new JsonRpcProvider(`http://127.0.0.1:${port}`, chain.chainId, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 50,
  });
  return { ...chain, port, provider };
}
