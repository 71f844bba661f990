/** A process of the fleet, as it was when it was chosen. */
export type ProcessTarget = {
  readonly kind: "process";
  /** The name under which it is supervised: `signer-1`, `redis`, `chain-A`. */
  readonly name: string;
  readonly pid: number;
  /** When the process began, in the system's own count; another process with the same pid has another. */
  readonly startTime: string;
  readonly zone: string;
  readonly region: string;
  readonly service: string;
};

/** A link from a role to what it talks to. It goes through a proxy, so that it can be faulted by itself. */
export type LinkTarget = {
  readonly kind: "link";
  /** The name of its proxy: `sender-B>redis`, `watcher-A>chain-A`. */
  readonly name: string;
  /** Who talks, and to whom, by the names of their processes. */
  readonly client: string;
  readonly server: string;
  /** Where the proxy listens, on loopback; a port of its own for each link. */
  readonly port: number;
};

export type Target = ProcessTarget | LinkTarget;

/**
 * By what means faults are done. `portable`: proxies, signals, threads and the inspector, on any system. `linux`: the kernel's own (nft,
 * cgroups, stress-ng, a shim below the program). `kubernetes`: chaos-mesh, by manifests.
 */
export type Tier = "portable" | "linux" | "kubernetes";
