import { type Lock, type LockEntry, type Manifest, nameOf } from "./manifest.ts";

const INTEGRITY = /^sha512-[A-Za-z0-9+/]{86}==$/;

/**
 * The lock file says of every package which bytes it is, fits the manifest, and sends npm nowhere but to the registry that it is set to.
 * @param unhashed packages that may be without a hash; see the policy
 * @returns a sentence for each fault
 */
export function findLockFaults(
  manifest: Manifest,
  lock: Lock,
  unhashed: readonly string[],
): readonly string[] {
  const names = new Set([...lock.packages.keys()].map(nameOf));
  return [
    ...differences(manifest, lock.root),
    ...[...lock.packages].flatMap(([path, entry]) => faultsOf(path, entry, unhashed)),
    ...[...lock.packages].flatMap(([path, entry]) => missingBelow(lock, path, entry)),
    ...missingBelow(lock, "", {
      dependencies: { ...manifest.dependencies, ...manifest.devDependencies },
      optionalDependencies: manifest.optionalDependencies,
    }),
    ...unhashed
      .filter((name) => !names.has(name))
      .map((name) => `${name} may be without a hash, and is not in the lock file: take it off the policy.`),
  ];
}

function differences(manifest: Manifest, root: Manifest): readonly string[] {
  const parts = ["dependencies", "devDependencies", "optionalDependencies"] as const;
  return parts.flatMap((part) => {
    const names = new Set([...Object.keys(manifest[part]), ...Object.keys(root[part])]);
    return [...names]
      .filter((name) => manifest[part][name] !== root[part][name])
      .map(
        (name) =>
          `${name} is ${manifest[part][name] ?? "not there"} in package.json and ${root[part][name] ?? "not there"} in its lock file: run npm install.`,
      );
  });
}

function faultsOf(path: string, entry: LockEntry, unhashed: readonly string[]): readonly string[] {
  const name = nameOf(path);
  const faults: string[] = [];
  if (entry.link || entry.resolved !== undefined)
    faults.push(
      `${path} comes from ${entry.resolved ?? "a link"}: only packages of the registry, and no address, belong in the lock file.`,
    );
  if (entry.integrity === undefined && !(unhashed.includes(name) && entry.optional))
    faults.push(
      `${path} has no hash: npm would take whatever it is given. Run npm install, or see the policy.`,
    );
  if (entry.integrity !== undefined && !INTEGRITY.test(entry.integrity))
    faults.push(`${path} has a hash that is no SHA-512: remove its entry and run npm install.`);
  if (entry.integrity !== undefined && unhashed.includes(name))
    faults.push(`${path} has a hash by now: take ${name} off the policy.`);
  return faults;
}

type Needs = Pick<LockEntry, "dependencies" | "optionalDependencies">;

/** What a package needs and finds nowhere on its way up to the top. */
function missingBelow({ packages }: Lock, path: string, needs: Needs): readonly string[] {
  return Object.keys({ ...needs.dependencies, ...needs.optionalDependencies })
    .filter((name) => !placesOf(path, name).some((place) => packages.has(place)))
    .map(
      (name) =>
        `${path === "" ? "package.json" : path} needs ${name}, which the lock file lacks: run npm install, then node scripts/complete-lock.mjs.`,
    );
}

function placesOf(path: string, name: string): readonly string[] {
  if (path === "") return [`node_modules/${name}`];
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("node_modules/") - 1));
  return [`${path}/node_modules/${name}`, ...placesOf(parent, name)];
}
