import { z } from "zod";

/** The folder of the disk shim with which processes were started, each under its name; or why they were not. */
const diskShimSchema = z.union([
  z.strictObject({ folder: z.string().min(1) }),
  z.strictObject({ whyNot: z.string().min(1) }),
]);
/** {@link diskShimSchema}, read. */
export type DiskShimPlace = z.infer<typeof diskShimSchema>;

/** How faults reach a fleet. */
export const chaosConfigSchema = z.strictObject({
  /** Holds the journal of faults that are to be healed, and what became of experiments. */
  folder: z.string().min(1),
  /** The file that tells which processes and links there are now; whoever keeps the fleet running keeps it true. */
  inventoryFile: z.string().min(1),
  /** Where files hold crashed processes back from being started again; whoever keeps the fleet running looks there. */
  holdFolder: z.string().min(1),
  /** The logs of all processes, in which jobs that failed for good are found. */
  logFolder: z.string().min(1),
  /** Where the controller serves its API, on 127.0.0.1. */
  port: z.number().int().min(1).max(65_535).default(8_095),
  /** Where the proxies of the links take orders (Toxiproxy's HTTP API). */
  proxyApi: z.url({ protocol: /^http$/ }),
  diskShim: diskShimSchema.default({ whyNot: "chaos.diskShim of the configuration names no folder" }),
});
/** {@link chaosConfigSchema}, read. */
export type ChaosConfig = z.infer<typeof chaosConfigSchema>;
/** {@link chaosConfigSchema}, as it is written to a file. */
export type ChaosConfigInput = z.input<typeof chaosConfigSchema>;
