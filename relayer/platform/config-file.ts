import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { ConfigurationError, explain } from "../domain/errors.ts";
import { type Network, networkSchema } from "../domain/network.ts";
import { compressNetwork } from "../domain/compressed-network.ts";

/** The variables of the environment that a configuration reads. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration file and lets the environment override it:
 * `REDIS_URL`, `DATABASE_URL`, `DCHAT_RPC_URL_<CHAIN>` (several with commas between), `DCHAT_API_PORT`, `DCHAT_LOG_LEVEL`,
 * `OTEL_EXPORTER_OTLP_ENDPOINT`.
 * Paths in the file are relative to the file, and its times are those of a time scale of 1: what is returned has those that hold.
 *
 * @throws ConfigurationError `CONFIGURATION`, naming each key, what it was and what is right
 */
export function readNetwork(file: string, environment: Environment): Network {
  const raw = override(readJson(file), environment);
  const parsed = networkSchema.safeParse(raw);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `  ${nameOf(issue)}: ${issue.message}${found(raw, issue.path)}`,
    );
    throw new ConfigurationError(
      "CONFIGURATION",
      `The configuration in ${file} cannot be used; mend these keys and start again:\n${lines.join("\n")}`,
    );
  }
  const at = (path: string) => resolve(dirname(file), path);
  const network = parsed.data;
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

function readJson(file: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new ConfigurationError(
      "CONFIGURATION",
      `The configuration file ${file} cannot be read as a JSON object: ${explain(error)}. Name another with --config or DCHAT_CONFIG, or run "npm start" for a local network.`,
    );
  }
}

function override(raw: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  const overridden: Record<string, unknown> = { ...raw };
  if (environment["REDIS_URL"] !== undefined) overridden["redisUrl"] = environment["REDIS_URL"];
  const traces = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (traces !== undefined && traces !== "") overridden["tracesUrl"] = traces;
  if (environment["DATABASE_URL"] !== undefined) overridden["databaseUrl"] = environment["DATABASE_URL"];
  if (environment["DCHAT_LOG_LEVEL"] !== undefined) overridden["logLevel"] = environment["DCHAT_LOG_LEVEL"];
  if (environment["DCHAT_API_PORT"] !== undefined)
    overridden["api"] = { ...asRecord(raw["api"]), port: Number(environment["DCHAT_API_PORT"]) };
  overridden["chains"] = Object.fromEntries(
    Object.entries(asRecord(raw["chains"])).map(([name, chain]) => {
      const url = environment[`DCHAT_RPC_URL_${name.toUpperCase()}`];
      return [name, url === undefined ? chain : withProviders(asRecord(chain), url)];
    }),
  );
  return overridden;
}

/** One URL, or several with commas between. How many must agree stays as the file says: fewer providers never mean less care. */
function withProviders(
  { rpcUrl: _one, rpcUrls: _several, ...chain }: Record<string, unknown>,
  text: string,
): Record<string, unknown> {
  const urls = text.split(",").map((url) => url.trim());
  return { ...chain, ...(urls.length === 1 ? { rpcUrl: urls[0] } : { rpcUrls: urls }) };
}

function asRecord(value: unknown): Record<string, unknown> {
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  return record.success ? record.data : {};
}

function nameOf({ path, code, ...issue }: z.core.$ZodIssue): string {
  const extra = code === "unrecognized_keys" && "keys" in issue ? issue.keys : [];
  return [...path, ...extra].map(String).join(".") || "(the file)";
}

/** What stands at a key now, shortened; passwords inside URLs are hidden. */
function found(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (at, key) => (Array.isArray(at) ? (at as unknown[])[Number(key)] : asRecord(at)[String(key)]),
    raw,
  );
  if (value === undefined) return ", but it is missing";
  const text = JSON.stringify(value).replace(/\/\/[^@/"]*@/g, "//…@");
  return `, but it is ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}
