import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hexlify, Wallet } from "ethers";
import type { ChainName } from "../../relayer/domain/ids.ts";
import type { Network, NetworkInput } from "../../relayer/domain/network.ts";
import { compressed } from "../../relayer/domain/time-scale.ts";
import { readNetwork } from "../../relayer/platform/config-file.ts";
import type { Backoff } from "../../relayer/platform/backoff.ts";
import { orAborted } from "../../relayer/platform/abort.ts";
import { networkFileOf } from "../../relayer/platform/local-runs.ts";
import type { Logger } from "../../relayer/platform/log.ts";
import { prepareRedisServer } from "../../relayer/platform/redis-server.ts";
import { type ChildSpec } from "../../relayer/platform/child.ts";
import { Supervisor } from "../../relayer/platform/supervisor.ts";
import { LocalSigningKey } from "../../relayer/bridge/adapters/local-key.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { deployBridge, type Deployment } from "./deploy/index.ts";
import { demoToken } from "./deploy/tokens.ts";
import { CHAINS, type RunningChain, startChain } from "./chains.ts";
import { COMPILE_CACHE } from "../compile-cache.ts";
import { ChaosLinks, holdFolderOf, inspectable } from "./chaos-links.ts";
import { startDatabase } from "./database.ts";
import { placeEmptyDatabase } from "./empty-database.ts";
import { alertingFiles, createUser } from "./files.ts";
import { startOnFreePort } from "./free-port.ts";
import { createAccountKey, createValidatorKey } from "./keys.ts";
import { type RoleProgram, roleSpec, roleSpecs, serverSpecs } from "./role-specs.ts";

const repository = join(import.meta.dirname, "../..");

/** The folder, in that of a run, where roles keep what they must not lose. */
const DATA = "signers";

/** How many validators the local network has, and which share of them must sign (in hundredths of a percent): 2 of 3. */
const VALIDATORS = 3;
const THRESHOLD_BPS = 6_666;

/** How long a local message may stand still before its attestations are asked for again. */
const REDRIVE_MILLISECONDS = 3_000;

/** Where the API, alerting and speech listen if nobody else does. */
const API_PORT = 8_080;
const SPEECH_PORT = 8_090;
const ALERTING_PORT = 9_093;
const CHAOS_PORT = 8_095;
/** The name that faults are refused to. */
const CHAOS_CONTROLLER = "chaos-controller";
/** Blocks do not come faster than this in any time, and crashed processes wait no longer than this at a time scale of 1. */
const LEAST_BLOCK_MILLISECONDS = 200;
const BACKOFF: Backoff = { firstMs: 50, longestMs: 5_000 };
/** Often enough for people who look on, and seldom enough for a laptop. */
const ALERTING_SCRAPE_MILLISECONDS = 5_000;

/** Who deals with the wallet in escrows; each has a key file of that name beside the configuration. */
const PARTIES = ["seller", "arbiter"] as const;

/** How a local network is to be run. */
export type LocalNetworkOptions = {
  /** Holds everything of this run: chains, Redis, signing records, keys, logs. */
  readonly folder: string;
  /** The path of a redis-server or valkey-server. */
  readonly redisServer: string;
  /** Seconds between empty blocks, at a time scale of 1. */
  readonly blockSeconds: number;
  /** Changes the configuration of one role, so that it goes other ways than the rest, as over a slow line. */
  readonly configure?: (role: string, network: NetworkInput) => Promise<NetworkInput>;
  /**
   * Whether faults shall be possible: every link leads through a proxy then, the database of the index is a process of its own, and Node's
   * inspector may be opened in every process.
   */
  readonly chaos?: boolean;
  /**
   * Added to the ports that are tried first. While a process is down, whoever starts another network at the usual ports may take its port: two
   * networks of which one has faults keep out of each other's way by it.
   */
  readonly portOffset?: number;
  /** How long crashed processes wait before they are started again; left out, longer each time. */
  readonly backoff?: Backoff;
  /** How many times as short all time-outs and intervals are, blocks and restarts with them; 1 if left out. */
  readonly timeScale?: number;
  /** The program that plays the roles, such as that of a build; that of the sources if left out. */
  readonly main?: string;
  /** Aborting it stops everything. */
  readonly signal: AbortSignal;
};

type Services = {
  /** Told what is under way. */
  readonly onStep: (text: string) => void;
  readonly logger: Logger;
};

/** Two chains, Redis and the whole fleet as processes of this machine, kept running by a supervisor. */
export type LocalNetwork = {
  readonly network: Network;
  readonly networkFile: string;
  readonly supervisor: Supervisor;
  /** The names under which the supervisor knows the relayer roles. */
  readonly roles: readonly string[];
};

/**
 * Brings a local network up, from nothing to a fleet that is ready.
 * @throws ChildFailure when a process does not become ready, with its last words
 */
export async function startLocalNetwork(
  options: LocalNetworkOptions,
  { onStep, logger }: Services,
): Promise<LocalNetwork> {
  const { folder, signal, timeScale = 1 } = options;
  const longestMs = compressed(BACKOFF.longestMs, timeScale, BACKOFF.firstMs);
  // The children read their configuration from the run's file alone.
  const own = Object.entries(process.env).filter(([name]) => !/^(REDIS_URL|DATABASE_URL|DCHAT_)/.test(name));
  // A dozen processes load much the same code: what one has compiled the next need not.
  const env = { ...Object.fromEntries(own), NODE_COMPILE_CACHE: COMPILE_CACHE };
  const isChaotic = options.chaos === true;
  const supervisor = new Supervisor(
    {
      ...{ logFolder: join(folder, "logs"), signal, backoff: options.backoff ?? { ...BACKOFF, longestMs } },
      env: isChaotic ? inspectable(env) : env,
      ...(isChaotic && { holdFolder: holdFolderOf(folder) }),
    },
    { logger },
  );
  try {
    onStep("starting two chains and Redis");
    const links = isChaotic ? await ChaosLinks.start(supervisor, folder, repository) : undefined;
    const guard = [process.execPath, join(repository, "scripts/guard.ts")] as const;
    const redis = await prepareRedisServer({
      binary: options.redisServer,
      folder: join(folder, "redis"),
      guard: [...guard],
      // Otherwise Redis does not feel a slow disk.
      ...(links?.hasDiskShim === true && { appendFsync: "always" }),
    });
    const start = (spec: ChildSpec) => supervisor.start(links?.onFaultyDisk(spec) ?? spec);
    const { portOffset = 0 } = options;
    const blockMilliseconds = compressed(options.blockSeconds * 1_000, timeScale, LEAST_BLOCK_MILLISECONDS);
    const chainOptions = { folder, portOffset, blockSeconds: blockMilliseconds / 1_000 };
    const [chains, databaseUrl] = await Promise.all([
      Promise.all(CHAINS.map((chain) => startChain(chain, chainOptions, start))),
      isChaotic ? startDatabase({ folder: join(folder, "database"), portOffset }, start, signal) : undefined,
      start(redis.spec),
      ...(isChaotic ? [] : [placeEmptyDatabase(join(folder, DATA, "index"), signal)]),
    ]);
    onStep("deploying the contracts on both");
    const { network: plain, validatorKeyFiles } = await deploy(chains, redis.url, options);
    const network = { ...plain, ...(links && { chaos: links.config }), ...(databaseUrl && { databaseUrl }) };
    onStep("starting the relayers");
    const networkFile = networkFileOf(folder);
    writeNetwork(networkFile, network);
    const configure = (spec: ChildSpec) => configured(spec, network, options, links);
    const program = { networkFile, main: options.main };
    const specs = [
      ...roleSpecs(program, CHAINS, validatorKeyFiles),
      // Where the index is in a database of its own, the API leaves it to this role to fill it.
      ...(databaseUrl === undefined ? [] : [roleSpec(program, "indexer", "--role", "indexer")]),
    ];
    const roles = await Promise.all(specs.map(configure));
    const servers = await Promise.all(serverSpecs(program).map(configure));
    await Promise.all([
      ...roles.map(({ spec }) => supervisor.start(spec)),
      startServers({ program, network, servers, portOffset: options.portOffset ?? 0 }, supervisor),
    ]);
    return {
      network: readNetwork(networkFile, {}),
      networkFile,
      supervisor,
      roles: [...roles, ...servers].map(({ spec }) => spec.name),
    };
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

type ServersToStart = {
  readonly program: RoleProgram;
  readonly network: NetworkInput;
  readonly servers: readonly RoleConfig[];
  readonly portOffset: number;
};

/** Starts the API, alerting and speech. Where each listens stands in the configuration, for those who ask them. */
async function startServers(
  { program, network, servers, portOffset }: ServersToStart,
  supervisor: Supervisor,
): Promise<void> {
  const { networkFile } = program;
  let known = network;
  const { alerting } = network;
  if (alerting === undefined) throw new Error("a local network has alerting");
  const places: readonly (readonly [
    preferred: number,
    at: (before: NetworkInput, port: number) => NetworkInput,
  ])[] = [
    [API_PORT, (before, port) => ({ ...before, api: { ...before.api, port } })],
    [ALERTING_PORT, (before, port) => ({ ...before, alerting: { ...alerting, api: { port } } })],
    [SPEECH_PORT, (before, port) => ({ ...before, speech: { ...before.speech, port } })],
  ];
  const add = (at: (before: NetworkInput, port: number) => NetworkInput, port: number) => {
    known = at(known, port);
    writeNetwork(networkFile, known);
  };
  await Promise.all(
    places.map(([preferred, at], i) => {
      const server = pick(servers, i);
      return startOnFreePort(preferred + portOffset, (port) => {
        add(at, port);
        if (server.file !== networkFile) writeNetwork(server.file, at(server.network, port));
        return supervisor.start(server.spec);
      });
    }),
  );
  const { chaos } = network;
  if (chaos === undefined) return;
  // Past every proxy, and once it stands where alerts are found.
  await startOnFreePort(CHAOS_PORT + portOffset, (port) => {
    add((before) => ({ ...before, chaos: { ...chaos, port } }), port);
    return supervisor.start(roleSpec(program, CHAOS_CONTROLLER, "--role", "chaos"));
  });
}

/** Makes the keys, deploys the contracts and puts the configuration together. */
async function deploy(
  chains: readonly RunningChain[],
  redisUrl: string,
  { folder, signal, timeScale }: LocalNetworkOptions,
) {
  const [home, away] = chains;
  if (home === undefined || away === undefined) throw new Error("two chains were started");
  const validators = Array.from({ length: VALIDATORS }, (_, i) =>
    createValidatorKey(folder, `validator-${i + 1}`),
  );
  const wallet = createAccountKey(folder, "wallet");
  const senders = chains.map(({ name }) => createAccountKey(folder, `sender-${name}`));
  const keepers = chains.map(({ name }) => createAccountKey(folder, `keeper-${name}`));
  const watchtower = createAccountKey(folder, "watchtower");
  // So that a newcomer can play all sides of an escrow; the wallet is the buyer.
  const parties = PARTIES.map((name) => createAccountKey(folder, name));
  const deploying = deployBridge(home, away, {
    validators: validators.map(({ file }, i) => ({
      key: new LocalSigningKey(readKeyFile(file, "the validator")),
      operator: operatorWallet(folder, `operator-${i + 1}`, home),
    })),
    thresholdBps: THRESHOLD_BPS,
    wallet: wallet.public,
    senders: [...senders, ...keepers, watchtower, ...parties].map((key) => key.public),
  });
  // A chain that ends in the middle is waited for without an end.
  const { sides, validators: contracts } = await orAborted(deploying, signal).finally(() => {
    for (const { provider } of chains) provider.destroy();
  });

  const modes = ["lock", "mint"] as const;
  const entries = chains.map((chain, i) => ({
    chain,
    deployment: pick(sides, i),
    senderKeyFile: pick(senders, i).file,
    keeperKeyFile: pick(keepers, i).file,
    mode: pick(modes, i),
  }));
  const network: NetworkInput = {
    chains: record(entries, ({ chain, deployment, senderKeyFile, keeperKeyFile }) =>
      chainEntry(chain, deployment, { senderKeyFile, keeperKeyFile }),
    ),
    home: { chain: home.name, ...contracts, watchtower: { keyFile: watchtower.file } },
    tokens: {
      [demoToken.symbol]: {
        decimals: demoToken.decimals,
        sides: record(entries, ({ deployment: { token, bridge }, mode }) => ({ token, bridge, mode })),
      },
    },
    redisUrl,
    dataFolder: join(folder, DATA),
    api: { host: "127.0.0.1", port: API_PORT },
    alerting: { ...alertingFiles(folder), scrapeMilliseconds: ALERTING_SCRAPE_MILLISECONDS },
    speech: { port: SPEECH_PORT },
    ...createUser(folder),
    walletKeyFile: wallet.file,
    // The page's own wallet, for those who have none yet; nothing of worth is on these chains.
    developmentAccounts: Object.fromEntries([
      ["wallet", wallet.file],
      ...PARTIES.map((name, i) => [name, pick(parties, i).file] as const),
    ]),
    redriveMilliseconds: REDRIVE_MILLISECONDS,
    timeScale,
    logLevel: "info",
  };
  return { network, validatorKeyFiles: validators.map(({ file }) => file) };
}

/** A new account that joins with a validator; its key is beside the others, for "dchat validator". */
function operatorWallet(folder: string, name: string, { provider }: RunningChain): Wallet {
  return new Wallet(hexlify(readKeyFile(createAccountKey(folder, name).file, "the operator")), provider);
}

function chainEntry(
  { chainId: id, port }: RunningChain,
  { outbox, inbox, witness, escrow }: Deployment,
  { senderKeyFile, keeperKeyFile }: { readonly senderKeyFile: string; readonly keeperKeyFile: string },
) {
  const rpcUrl = `http://127.0.0.1:${port}`;
  return {
    chainId: id,
    rpcUrl,
    wallets: { rpcUrl },
    finality: { depth: 1 },
    pollMilliseconds: 200,
    outbox,
    inbox,
    witness,
    deploymentBlock: 0,
    senderKeyFile,
    escrow: { contract: escrow, keeperKeyFile },
  };
}

/** Writes the configuration so that whoever reads it meanwhile finds all of it, the old or the new one. */
function writeNetwork(file: string, network: NetworkInput): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(network, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** A role with its configuration: the shared one, or one of its own. */
type RoleConfig = { readonly spec: ChildSpec; readonly network: NetworkInput; readonly file: string };

/** Gives a role a configuration of its own, if it shall have one. */
async function configured(
  spec: ChildSpec,
  network: NetworkInput,
  { folder, configure }: LocalNetworkOptions,
  links: ChaosLinks | undefined,
): Promise<RoleConfig> {
  const shared = networkFileOf(folder);
  if (configure === undefined && links === undefined) return { spec, network, file: shared };
  const changed = (await configure?.(spec.name, network)) ?? network;
  const own = (await links?.through(spec.name, changed)) ?? changed;
  const file = join(folder, `network-${spec.name}.json`);
  writeNetwork(file, own);
  const args = spec.args.map((argument) => (argument === shared ? file : argument));
  const placed = { ...spec, args };
  return { spec: links?.onFaultyDisk(placed) ?? placed, network: own, file };
}

function record<T extends { readonly chain: RunningChain }, V>(
  entries: readonly T[],
  value: (entry: T) => V,
): Record<ChainName, V> {
  return Object.fromEntries(entries.map((entry) => [entry.chain.name, value(entry)]));
}

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}
