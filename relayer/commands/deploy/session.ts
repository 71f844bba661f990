import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Addresses } from "../../domain/addresses-file.ts";
import { type DeploymentChain, type DeploymentFile, deploymentSchema } from "../../domain/deployment-file.ts";
import { ConfigurationError } from "../../domain/errors.ts";
import { type ChainName, chainName } from "../../domain/ids.ts";
import type { ChainConfig } from "../../domain/network.ts";
import { ChainReader } from "../../deployment/adapters/chain-reader.ts";
import { placeOf } from "../../deployment/core/create3.ts";
import { type Environment, providersIn } from "../../platform/environment.ts";
import { parseSettings, readJsonObject } from "../../platform/json-settings.ts";
import { Rpc } from "../../platform/rpc.ts";
import { readAddresses } from "../../platform/with-deployment.ts";

/** The options of every `dchat deploy` command. */
export type DeployOptions = {
  /** The file with the addresses; default: `deployments/<name>.json`. */
  readonly addresses?: string;
};

/** One chain of a deployment, with a connection to it. */
export type OpenChain = {
  readonly name: ChainName;
  readonly entry: DeploymentChain;
  readonly url: string;
  readonly reader: ChainReader;
};

/** A deployment file, what an earlier run has written, and connections to its chains. */
export type DeploySession = {
  readonly file: DeploymentFile;
  readonly chains: readonly OpenChain[];
  readonly addressesFile: string;
  /** Undefined before the first run. */
  readonly recorded: Addresses | undefined;
};

/** How long a chain may take to answer: deploying is in no hurry. In milliseconds. */
const PATIENCE = 30_000;

/**
 * Reads the deployment file, opens its chains, and closes them after `work`.
 * @throws ConfigurationError `CONFIGURATION` for a file that cannot be used, `RPC_URL` for a chain without a provider
 */
export async function withDeploySession<T>(
  path: string,
  { addresses }: DeployOptions,
  environment: Environment,
  work: (session: DeploySession) => Promise<T>,
): Promise<T> {
  const raw = readJsonObject(path, "The deployment file", "networks/ has some to begin with.");
  const file = parseSettings(deploymentSchema, raw, "The deployment", path);
  const addressesFile = resolve(addresses ?? join("deployments", `${file.name}.json`));
  const recorded = existsSync(addressesFile) ? readAddresses(addressesFile) : undefined;
  const chains = Object.entries(file.chains).map(([name, entry]) =>
    open(file, [chainName.parse(name), entry], recorded, environment),
  );
  try {
    return await work({ file, chains, addressesFile, recorded });
  } finally {
    for (const { reader } of chains) reader.rpc.close();
  }
}

function open(
  file: DeploymentFile,
  [name, entry]: readonly [ChainName, DeploymentChain],
  recorded: Addresses | undefined,
  environment: Environment,
): OpenChain {
  const urls = providersIn(environment, name) ?? (entry.rpcUrl === undefined ? [] : [entry.rpcUrl]);
  const [url] = urls;
  if (url === undefined)
    throw new ConfigurationError(
      "RPC_URL",
      `Chain ${name}: there is no provider. Nothing was read or sent. Set DCHAT_RPC_URL_${name.toUpperCase()}, or chains.${name}.rpcUrl in the deployment file.`,
      { chain: name },
    );
  const place = (contract: string) => placeOf(file.deployer, `${file.name} ${file.salt} ${contract}`).address;
  const config: ChainConfig = {
    name,
    chainId: entry.chainId,
    rpcUrl: url,
    rpcUrls: urls.length > 1 ? [...urls] : undefined,
    finality: entry.finality,
    pollMilliseconds: 1_000,
    rpcTimeoutMilliseconds: PATIENCE,
    outbox: place("outbox"),
    inbox: place("inbox"),
    deploymentBlock: recorded?.chains[name]?.deploymentBlock ?? 0,
    senderKeyFile: "",
  };
  return { name, entry, url, reader: new ChainReader(new Rpc(config)) };
}
