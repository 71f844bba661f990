import { join } from "node:path";
import type { ConfigurationVariable } from "hardhat/types/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import { z } from "zod";
import type { DeploymentChain } from "../../domain/deployment-file.ts";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { address, type Address, type ChainName } from "../../domain/ids.ts";

const CONFIG = join(import.meta.dirname, "../../../hardhat.config.ts");

/** The configuration variables that Hardhat's keystore holds. */
export const DEPLOYER_KEY = "DCHAT_DEPLOYER_KEY";
const EXPLORER_KEY = "DCHAT_EXPLORER_KEY";

/** A chain to connect to with the deployer's key. */
export type HardhatChain = {
  readonly name: ChainName;
  readonly entry: DeploymentChain;
  readonly url: string;
};

/** Asks the operator for the keystore's password. */
export type AskPassword = (question: string) => Promise<string>;

/** Hardhat, connected to one chain; it signs with the deployer's key, which leaves it nowhere. */
export type HardhatSession = {
  readonly hre: HardhatRuntimeEnvironment;
  readonly connection: NetworkConnection;
  readonly close: () => Promise<void>;
};

/**
 * Starts Hardhat for one chain.
 * @throws ConfigurationError `HARDHAT` where it is not installed
 */
export async function openHardhat(chain: HardhatChain, ask: AskPassword): Promise<HardhatSession> {
  const [{ createHardhatRuntimeEnvironment, importUserConfig }, config] = await Promise.all([
    installed(() => import("hardhat/hre")),
    installed(() => import("hardhat/config")),
  ]);
  const { name, entry, url } = chain;
  const shared = await installed(() => importUserConfig(CONFIG));
  const hre = await createHardhatRuntimeEnvironment(
    {
      ...shared,
      networks: {
        [name]: {
          type: "http",
          chainId: entry.chainId,
          url,
          accounts: [config.configVariable(DEPLOYER_KEY)],
        },
      },
      ...(entry.explorer === undefined ? {} : explorerConfig(chain, config.configVariable(EXPLORER_KEY))),
    },
    { config: CONFIG, network: name },
    join(CONFIG, ".."),
  );
  hre.hooks.registerHandlers("userInterruptions", {
    requestSecretInput: (_context, _asker, question) => ask(question),
  });
  const connection = await hre.network.create(name);
  return { hre, connection, close: () => connection.close() };
}

/**
 * The account that Hardhat signs with: the one whose key the keystore holds.
 * @throws ConfigurationError `DEPLOYER_KEY`
 */
export async function signingAccount({ connection }: HardhatSession): Promise<Address> {
  try {
    const accounts = z.array(z.string()).parse(await connection.provider.request({ method: "eth_accounts" }));
    return address.parse(accounts[0]);
  } catch (error) {
    throw new ConfigurationError(
      "DEPLOYER_KEY",
      `The deployer's key cannot be had from Hardhat's keystore: ${explain(error)}. Nothing was sent. Put it there with "npx hardhat keystore set ${DEPLOYER_KEY}"; it belongs into no file and no command line.`,
      {},
      error,
    );
  }
}

function explorerConfig({ name, entry: { explorer, chainId } }: HardhatChain, apiKey: ConfigurationVariable) {
  if (explorer === undefined) return {};
  const { kind, place } = explorer;
  return {
    verify: {
      ...(kind === "etherscan" ? { etherscan: { apiKey } } : {}),
      blockscout: { enabled: kind === "blockscout" },
    },
    ...(place === undefined
      ? {}
      : { chainDescriptors: { [chainId]: { name, blockExplorers: { [kind]: { name, ...place } } } } }),
  };
}

/** Deploying takes what only a checkout has. @throws ConfigurationError `HARDHAT` */
async function installed<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new ConfigurationError(
      "HARDHAT",
      `Hardhat and its plugins cannot be loaded: ${explain(error)}. Nothing was sent. Deploying takes a checkout with its development packages: run "npm install" there.`,
      {},
      error,
    );
  }
}
