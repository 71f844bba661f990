import { installedSchema, lockSchema, manifestSchema } from "../../scripts/supply-chain/core/manifest.ts";

export const HASH = `sha512-${"A".repeat(86)}==`;
export const manifest = (content: object) => manifestSchema.parse(content);
export const entry = (content: object = {}) => ({
  version: "1.0.0",
  integrity: HASH,
  license: "MIT",
  ...content,
});

export const lockOf = (packages: Readonly<Record<string, object>>, root: object = {}) =>
  lockSchema.parse({
    lockfileVersion: 3,
    packages: {
      "": root,
      ...Object.fromEntries(
        Object.entries(packages).map(([path, content]) => [`node_modules/${path}`, content]),
      ),
    },
  });
export const installedOf = (packages: Readonly<Record<string, object>>) =>
  new Map(
    Object.entries(packages).map(([path, content]) => [
      `node_modules/${path}`,
      installedSchema.parse({ version: "1.0.0", ...content }),
    ]),
  );
