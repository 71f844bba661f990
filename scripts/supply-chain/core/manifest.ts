import { z } from "zod";

const versions = z.record(z.string(), z.string());

/** What of a `package.json` of ours is looked at. */
export const manifestSchema = z.object({
  dependencies: versions.default({}),
  devDependencies: versions.default({}),
  optionalDependencies: versions.default({}),
  peerDependencies: versions.default({}),
  overrides: z.record(z.string(), z.unknown()).default({}),
  /** npm's list of the packages whose install scripts may run. */
  allowScripts: z.record(z.string(), z.boolean()).default({}),
});
/** {@link manifestSchema} */
export type Manifest = z.infer<typeof manifestSchema>;

const lockEntry = z.object({
  version: z.string(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().default(false),
  optional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  license: z.string().optional(),
  dependencies: versions.default({}),
  optionalDependencies: versions.default({}),
});
/** What a lock file says of one package. */
export type LockEntry = z.infer<typeof lockEntry>;

/** A `package-lock.json`; packages by the folder in which they are installed. */
export const lockSchema = z
  .object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), z.unknown()) })
  .transform(({ packages }) => {
    const { "": root, ...others } = packages;
    return {
      root: manifestSchema.parse(root),
      packages: new Map(Object.entries(others).map(([path, entry]) => [path, lockEntry.parse(entry)])),
    };
  });
/** {@link lockSchema} */
export type Lock = z.infer<typeof lockSchema>;

/** What of an installed package's own `package.json` is looked at; `license` and its older forms. */
export const installedSchema = z.object({
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
  scripts: z.record(z.string(), z.string()).default({}),
});
/** {@link installedSchema} */
export type Installed = z.infer<typeof installedSchema>;

/** The name of the package that is installed in a folder: `node_modules/a/node_modules/@b/c` is `@b/c`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}
