import { join } from "node:path";
import getPort from "get-port";
import { type FleetInventory, writeInventory } from "../../relayer/chaos/adapters/inventory-file.ts";
import { reasonAgainst } from "../../relayer/chaos/adapters/linux/commands.ts";
import { buildDiskShim, diskShimEnv } from "../../relayer/chaos/adapters/linux/disk-shim.ts";
import { startTimeOf } from "../../relayer/chaos/adapters/processes.ts";
import { listProxies, populate } from "../../relayer/chaos/adapters/toxiproxy/client.ts";
import type { ChaosConfigInput, DiskShimPlace } from "../../relayer/domain/chaos-config.ts";
import type { ChildSpec } from "../../relayer/platform/child.ts";
import type { Supervisor } from "../../relayer/platform/supervisor.ts";
import type { NetworkInput } from "../../relayer/domain/network.ts";

const REGION = "local";
/** Which half of the network a process belongs to; what serves both is in a zone of its own. */
const ZONES: readonly (readonly [zone: string, names: RegExp])[] = [
  ["zone-a", /-A$|^signer-1$/],
  ["zone-b", /-B$|^signer-2$/],
  ["zone-control", /^chaos-/],
  ["zone-c", /^/],
];
/** Who asks the database. */
const DATABASE_CLIENTS = ["api", "indexer"];
/** Where the proxies and their program stand, no fault reaches. */
const PROXIES = "chaos-proxies";

/** Where files hold crashed processes of a local network back from being started again. */
export function holdFolderOf(folder: string): string {
  return join(folder, "holds");
}

/** The environment of processes in which Node's inspector may be opened, each on a port of its own. */
export function inspectable(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: `${env["NODE_OPTIONS"] ?? ""} --inspect-port=0`.trim() };
}

/**
 * Makes a local network one that faults can be done to: every link from a role to Redis, a node or the database leads through a proxy of its
 * own, a file tells which processes and links there are, and where there is a compiler they can have a slow or full disk.
 */
export class ChaosLinks {
  /** What the configuration says of it. */
  readonly config: ChaosConfigInput;
  readonly #diskShim: DiskShimPlace;
  readonly #links: FleetInventory["links"][number][] = [];
  readonly #processes = new Map<string, FleetInventory["processes"][number]>();

  private constructor(config: ChaosConfigInput, diskShim: DiskShimPlace) {
    this.config = { ...config, diskShim };
    this.#diskShim = diskShim;
  }

  /** Starts the proxies' program, and follows what the supervisor starts. */
  static async start(supervisor: Supervisor, folder: string, repository: string): Promise<ChaosLinks> {
    const port = await getPort();
    const config = {
      folder: join(folder, "chaos"),
      inventoryFile: join(folder, "inventory.json"),
      holdFolder: holdFolderOf(folder),
      logFolder: join(folder, "logs"),
      proxyApi: `http://127.0.0.1:${port}`,
    };
    const links = new ChaosLinks(config, await placeDiskShim(join(folder, "disk-shim")));
    supervisor.on("started", ({ name, pid }) => {
      links.#note(name, pid);
    });
    await supervisor.start({
      name: PROXIES,
      command: process.execPath,
      args: [join(repository, "scripts/chaos-proxies.ts"), String(port)],
      ready: "line",
      infrastructure: true,
    });
    return links;
  }

  /** Whether a slow disk can be done to processes that are started by {@link onFaultyDisk}. */
  get hasDiskShim(): boolean {
    return "folder" in this.#diskShim;
  }

  /** The same process on a disk that can be slow or full, where that can be had. */
  onFaultyDisk(spec: ChildSpec): ChildSpec {
    if (!("folder" in this.#diskShim)) return spec;
    return { ...spec, env: { ...spec.env, ...diskShimEnv(this.#diskShim.folder, spec.name) } };
  }

  /** The same network as a role sees it, through proxies. */
  async through(role: string, network: NetworkInput): Promise<NetworkInput> {
    const redis = new URL(network.redisUrl);
    redis.host = await this.#proxy(role, "redis", redis.host);
    const chains = Object.entries(network.chains).map(async ([name, chain]) => {
      if (chain.rpcUrl === undefined) return [name, chain] as const;
      const node = new URL(chain.rpcUrl);
      node.host = await this.#proxy(role, `chain-${name}`, node.host);
      return [name, { ...chain, rpcUrl: node.href }] as const;
    });
    return {
      ...network,
      redisUrl: redis.href,
      chains: Object.fromEntries(await Promise.all(chains)),
      databaseUrl: await this.#databaseUrl(role, network),
    };
  }

  async #databaseUrl(role: string, { databaseUrl }: NetworkInput): Promise<string | undefined> {
    if (databaseUrl === undefined || !DATABASE_CLIENTS.includes(role)) return databaseUrl;
    const url = new URL(databaseUrl);
    url.host = await this.#proxy(role, "database", url.host);
    return url.href;
  }

  /** @returns host and port of the proxy */
  async #proxy(client: string, server: string, upstream: string): Promise<string> {
    const name = `${client}>${server}`;
    await populate(this.config.proxyApi, [{ name, listen: "127.0.0.1:0", upstream }]);
    const listen = (await listProxies(this.config.proxyApi))[name]?.listen ?? "";
    this.#links.push({ name, client, server, port: Number(listen.split(":")[1]) });
    this.#write();
    return listen;
  }

  #note(name: string, pid: number): void {
    const startTime = startTimeOf(pid);
    if (name === PROXIES || startTime === undefined) return;
    const zone = ZONES.find(([, names]) => names.test(name))?.[0] ?? "";
    // "sender-B" is a sender; "chaos-controller" is itself.
    const service = name.replace(/-[A-Z0-9]+$/, "");
    this.#processes.set(name, { name, pid, startTime, zone, region: REGION, service });
    this.#write();
  }

  #write(): void {
    writeInventory(this.config.inventoryFile, {
      processes: [...this.#processes.values()],
      links: this.#links,
    });
  }
}

async function placeDiskShim(folder: string): Promise<DiskShimPlace> {
  if (process.platform !== "linux") return { whyNot: "this is no Linux" };
  const whyNot = await reasonAgainst(() => buildDiskShim(folder));
  return whyNot === undefined ? { folder } : { whyNot: `the disk shim cannot be compiled: ${whyNot}` };
}
