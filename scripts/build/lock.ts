import { z } from "zod";

const versions = z.record(z.string(), z.string()).default({});

/** What npm's lock file (version 3) says of each package, by the path where it lies; more than this is kept as it is. */
export const lockSchema = z.looseObject({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.looseObject({
      dependencies: versions.optional(),
      optionalDependencies: versions.optional(),
      peerDependencies: versions.optional(),
      peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).optional(),
    }),
  ),
});
/** {@link lockSchema}, read. */
export type Lock = z.infer<typeof lockSchema>;

/**
 * Packages with all that they need, but not what only some of their users bring.
 * @param names those to begin with, at the top
 * @param isWanted left out, with what only they need, when it says no
 * @returns the paths where they lie
 */
export function reachable(
  { packages }: Pick<Lock, "packages">,
  names: readonly string[],
  isWanted: (name: string) => boolean = () => true,
): ReadonlySet<string> {
  const paths = new Set(names.map((name) => `node_modules/${name}`));
  for (const path of paths)
    for (const name of neededBy(packages[path]).filter(isWanted)) {
      const place = placeOf(name, path, packages);
      if (place !== undefined) paths.add(place);
    }
  return paths;
}

function neededBy(entry: Lock["packages"][string] | undefined): readonly string[] {
  const peers = Object.keys(entry?.peerDependencies ?? {});
  return [
    ...Object.keys({ ...entry?.dependencies, ...entry?.optionalDependencies }),
    ...peers.filter((name) => entry?.peerDependenciesMeta?.[name]?.optional !== true),
  ];
}

/** Where a package at `from` finds another: nested in it, or on the way up; undefined for one that was not installed. */
function placeOf(name: string, from: string, packages: Lock["packages"]): string | undefined {
  const nested = `${from}/node_modules/${name}`;
  if (nested in packages) return nested;
  const up = from.lastIndexOf("/node_modules/");
  if (up >= 0) return placeOf(name, from.slice(0, up), packages);
  return `node_modules/${name}` in packages ? `node_modules/${name}` : undefined;
}
