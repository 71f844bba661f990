import { dirname, resolve } from "node:path";
import { type Network, networkSchema } from "../domain/network.ts";
import { compressNetwork } from "../domain/compressed-network.ts";
import { type Environment, providersIn } from "./environment.ts";
import { asRecord, parseSettings, type Raw, readJsonObject } from "./json-settings.ts";
import { withDeployment } from "./with-deployment.ts";

/**
 * Reads the configuration file and lets the environment override it:
 * `REDIS_URL`, `DATABASE_URL`, `DCHAT_RPC_URL_<CHAIN>` (several with commas between), `DCHAT_API_PORT`, `DCHAT_LOG_LEVEL`,
 * `OTEL_EXPORTER_OTLP_ENDPOINT`.
 * What the file that `deployment` names knows (addresses, and the blocks from which logs are read) need not stand here.
 * Paths in the file are relative to the file, and its times are those of a time scale of 1: what is returned has those that hold.
 *
 * @throws ConfigurationError `CONFIGURATION`, naming each key, what it was and what is right
 */
export function readNetwork(file: string, environment: Environment): Network {
  const written = readJsonObject(
    file,
    "The configuration file",
    'Name another with --config or DCHAT_CONFIG, or run "npm start" for a local network.',
  );
  const raw = withDeployment(override(written, environment), file);
  const network = parseSettings(networkSchema, raw, "The configuration", file);
  const at = (path: string) => resolve(dirname(file), path);
  network.dataFolder = at(network.dataFolder);
  if (network.walletKeyFile !== undefined) network.walletKeyFile = at(network.walletKeyFile);
  for (const [name, file] of Object.entries(network.developmentAccounts ?? {}))
    network.developmentAccounts = { ...network.developmentAccounts, [name]: at(file) };
  if (network.usersFile !== undefined) network.usersFile = at(network.usersFile);
  if (network.tokenFile !== undefined) network.tokenFile = at(network.tokenFile);
  if (network.alerting !== undefined) {
    network.alerting.configFile = at(network.alerting.configFile);
    network.alerting.ruleFiles = network.alerting.ruleFiles.map(at);
  }
  const watchtower = network.home?.watchtower;
  if (watchtower !== undefined) watchtower.keyFile = at(watchtower.keyFile);
  for (const chain of Object.values(network.chains)) {
    chain.senderKeyFile = at(chain.senderKeyFile);
    if (chain.escrow?.keeperKeyFile !== undefined)
      chain.escrow.keeperKeyFile = at(chain.escrow.keeperKeyFile);
  }
  return compressNetwork(network);
}

function override(raw: Raw, environment: Environment): Raw {
  const overridden: Raw = { ...raw };
  if (environment["REDIS_URL"] !== undefined) overridden["redisUrl"] = environment["REDIS_URL"];
  const traces = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (traces !== undefined && traces !== "") overridden["tracesUrl"] = traces;
  if (environment["DATABASE_URL"] !== undefined) overridden["databaseUrl"] = environment["DATABASE_URL"];
  if (environment["DCHAT_LOG_LEVEL"] !== undefined) overridden["logLevel"] = environment["DCHAT_LOG_LEVEL"];
  if (environment["DCHAT_API_PORT"] !== undefined)
    overridden["api"] = { ...asRecord(raw["api"]), port: Number(environment["DCHAT_API_PORT"]) };
  overridden["chains"] = Object.fromEntries(
    Object.entries(asRecord(raw["chains"])).map(([name, chain]) => {
      const urls = providersIn(environment, name);
      return [name, urls === undefined ? chain : withProviders(asRecord(chain), urls)];
    }),
  );
  return overridden;
}

/** One URL, or several with commas between. How many must agree stays as the file says: fewer providers never mean less care. */
function withProviders({ rpcUrl: _one, rpcUrls: _several, ...chain }: Raw, urls: readonly string[]): Raw {
  return { ...chain, ...(urls.length === 1 ? { rpcUrl: urls[0] } : { rpcUrls: urls }) };
}
