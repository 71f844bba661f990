import { globSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import type { Network } from "../../domain/network.ts";

/** What becomes of a store when a backup is restored. */
export type Restoring =
  /** The copy takes its place. */
  | "copied"
  /** Signing records: what the copy holds is known again, and everything that may have been signed since is closed. */
  | "closed";

/** A kind of SQLite file that a backup holds. */
type StoreKind = { readonly what: string; readonly pattern: string; readonly restoring: Restoring };

/**
 * What roles keep under `dataFolder` and cannot get from the chains. Not among it: the embedded index, which is read from the chains again;
 * senders' journals, which are older than their key's nonce the moment they are copied; locks, and the faults that chaos has to heal.
 */
const KINDS: readonly StoreKind[] = [
  { what: "signing records", pattern: "signer-*/signing-records.sqlite", restoring: "closed" },
  { what: "record of the watchtower", pattern: "watchtower/record.sqlite", restoring: "copied" },
  { what: "memory of alerting", pattern: "alerting/alerting.sqlite", restoring: "copied" },
  { what: "audit log of operators", pattern: "api/audit.sqlite", restoring: "copied" },
  { what: "queue of speech", pattern: "speech/queue.sqlite", restoring: "copied" },
];
/** What chaos remembers of experiments; in a folder of its own. */
const CHAOS = { what: "reports of chaos", path: "chaos/chaos.sqlite", restoring: "copied" } as const;

/** A store that is there. */
export type Store = Omit<StoreKind, "pattern"> & {
  readonly file: string;
  /** Where a backup has its copy, relative to its folder; with slashes on every system. */
  readonly path: string;
};

/** The stores that there are on this machine. */
export function storesOf({ dataFolder, chaos }: Pick<Network, "dataFolder" | "chaos">): readonly Store[] {
  const found = KINDS.flatMap(({ pattern, what, restoring }) =>
    globSync(pattern, { cwd: dataFolder }).map((name) => {
      const path = name.replaceAll("\\", "/");
      return { what, restoring, path, file: join(dataFolder, path) };
    }),
  );
  const reports = chaos === undefined ? [] : globSync("chaos.sqlite", { cwd: chaos.folder });
  return [
    ...found.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ...reports.map((name) => ({ ...CHAOS, file: join(chaos?.folder ?? "", name) })),
  ];
}

/** Where a store of a backup belongs on this machine; undefined for one that has no place here. */
export function placeOf(
  path: string,
  { dataFolder, chaos }: Pick<Network, "dataFolder" | "chaos">,
): string | undefined {
  if (path === CHAOS.path) return chaos && join(chaos.folder, "chaos.sqlite");
  return KINDS.some(({ pattern }) => matchesGlob(path, pattern)) ? join(dataFolder, path) : undefined;
}
