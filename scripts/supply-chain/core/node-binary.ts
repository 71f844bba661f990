import type { Lock } from "./manifest.ts";

/** Which Node we mean: SHA-256 of its program in hexadecimal digits, by `platform-arch`. */
export type PinnedNode = { readonly version: string; readonly programs: Readonly<Record<string, string>> };

/**
 * Holds the Node that is installed to the one that we mean.
 * @param system as in `linux-x64`
 * @param found SHA-256 of the installed program; undefined where none is installed
 * @returns a sentence for each fault; none for a system of which we have no hash
 */
export function findNodeFaults(
  { packages }: Lock,
  pinned: PinnedNode,
  system: string,
  found: string | undefined,
): readonly string[] {
  const locked = packages.get("node_modules/node")?.version;
  if (locked !== pinned.version)
    return [
      `The lock file has Node ${locked ?? "not at all"}, and the policy a hash of ${pinned.version}: write the new one's into scripts/supply-chain/policy.ts.`,
    ];
  const expected = pinned.programs[system];
  if (found === undefined || expected === undefined || found === expected) return [];
  return [
    `node_modules/node/bin/node is not the Node ${pinned.version} that we know for ${system} (its SHA-256 is ${found}): do not run it; remove node_modules, and find out where it came from.`,
  ];
}
