import { z } from "zod";
import { lockSchema, reachable } from "./lock.ts";

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  dependencies: z.record(z.string(), z.string()),
});
/** The Node that the build is made for: what it uses (SQLite, for one) is not in older ones. */
const ENGINE = ">=24";

/**
 * What `npm ci` installs beside a build: the checkout's dependencies, at the versions of its lock file, without what only the checkout needs.
 *
 * @param manifest the checkout's package.json, parsed as JSON
 * @param lock its package-lock.json
 * @returns both files for the build
 * @throws ZodError when they are not of npm's shape
 */
export function productionManifest(
  manifest: unknown,
  lock: unknown,
): { readonly manifest: unknown; readonly lock: unknown } {
  const { name, version, description, license, dependencies } = manifestSchema.parse(manifest);
  const { packages, ...rest } = lockSchema.parse(lock);
  const needed = reachable({ packages }, Object.keys(dependencies));
  const own = { name, version, license, bin: { dchat: "relayer/main.js" }, engines: { node: ENGINE } };
  const installed = Object.entries(packages).filter(([path]) => needed.has(path));
  return {
    manifest: { ...own, description, private: true, type: "module", dependencies },
    lock: { ...rest, packages: { "": { ...own, dependencies }, ...Object.fromEntries(installed) } },
  };
}
