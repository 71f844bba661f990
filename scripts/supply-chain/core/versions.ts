import type { Manifest } from "./manifest.ts";

/** A version and nothing else, perhaps of a package that goes by another name here. */
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;

/**
 * Every version that we ask for is one version, so that an installation depends on nothing but our own files.
 * @returns a sentence for each that is not
 */
export function findInexact({
  dependencies,
  devDependencies,
  optionalDependencies,
  peerDependencies,
  overrides,
}: Manifest): readonly string[] {
  const asked = { ...peerDependencies, ...optionalDependencies, ...devDependencies, ...dependencies };
  return [...Object.entries(asked), ...flatten(overrides)]
    .filter(([, version]) => !EXACT.test(version) && !isReference(version, asked))
    .map(
      ([name, version]) =>
        `${name} is asked for as "${version}": name one version, as in "1.2.3", with npm install --save-exact.`,
    );
}

/** npm's way to say in `overrides`: the version that is asked for above. */
function isReference(version: string, asked: Readonly<Record<string, string>>): boolean {
  return version.startsWith("$") && asked[version.slice(1)] !== undefined;
}

function flatten(overrides: Readonly<Record<string, unknown>>): readonly [string, string][] {
  return Object.entries(overrides).flatMap(([name, value]): readonly [string, string][] => {
    if (typeof value === "string") return [[name, value]];
    if (typeof value === "object" && value !== null)
      return flatten({ ...value }).map(([below, version]) => [`${name} > ${below}`, version]);
    return [[name, String(value)]];
  });
}
