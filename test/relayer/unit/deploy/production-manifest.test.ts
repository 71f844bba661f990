import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { productionManifest } from "../../../../scripts/build/manifest.ts";
import { repository } from "../../support/processes.ts";

const record = z.record(z.string(), z.string());
const built = z.object({
  manifest: z.looseObject({ dependencies: record, engines: z.object({ node: z.string() }) }),
  lock: z.looseObject({ packages: z.record(z.string(), z.looseObject({})) }),
});
/** The package in an import, static or not, and in what resolves a file of a package. */
const IMPORT = /(?:\bfrom |\bimport\(|\bresolve\()"((?:@[a-z0-9-]+\/)?[a-z][a-z0-9.:_-]*)(?:\/[^"]*)?"/g;
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(repository, name), "utf8"));

describe("what npm installs beside a build", () => {
  it("is what the lock file has, without what only the checkout needs", () => {
    const lock = {
      lockfileVersion: 3,
      packages: {
        "": { devDependencies: { tool: "1.0.0" } },
        "node_modules/library": {
          version: "2.0.0",
          dependencies: { part: "2.0.0" },
          optionalDependencies: { native: "1.0.0", "for-another-system": "1.0.0" },
          peerDependencies: { peer: "1.0.0", types: "1.0.0" },
          peerDependenciesMeta: { types: { optional: true } },
        },
        "node_modules/library/node_modules/part": { version: "2.0.0" },
        "node_modules/part": { version: "1.0.0", dev: true },
        "node_modules/peer": { version: "1.0.0" },
        // A tool of ours that a library would take, too.
        "node_modules/types": { version: "1.0.0", devOptional: true },
        "node_modules/tool": { version: "1.0.0", dev: true },
        "node_modules/tool/node_modules/part": { version: "1.0.0", dev: true },
        "node_modules/native": { version: "1.0.0", optional: true },
      },
    };
    const given = {
      name: "x",
      version: "1.0.0",
      description: "d",
      license: "MIT",
      dependencies: { library: "2.0.0" },
      scripts: { a: "b" },
    };
    const { manifest, lock: made } = built.parse(productionManifest(given, lock));
    assert.deepEqual(Object.keys(made.packages), [
      "",
      "node_modules/library",
      "node_modules/library/node_modules/part",
      "node_modules/peer",
      "node_modules/native",
    ]);
    assert.deepEqual(manifest.dependencies, { library: "2.0.0" });
    // What npm compares before it installs.
    assert.deepEqual(made.packages[""]?.["dependencies"], manifest.dependencies);
    assert(!("scripts" in manifest) && !("devDependencies" in manifest));
  });

  it("has every package that the relayer imports, and nothing that compiles or shows", () => {
    const { dependencies } = built.parse(
      productionManifest(readJson("package.json"), readJson("package-lock.json")),
    ).manifest;
    // Contracts are deployed from a checkout, with its Hardhat; elsewhere "dchat deploy" says so.
    const files = globSync("relayer/**/*.ts", { cwd: repository }).filter(
      (file) => !file.startsWith("relayer/deployment/adapters/"),
    );
    const imported = files.flatMap((file) =>
      [...readFileSync(join(repository, file), "utf8").matchAll(IMPORT)].map(([, name = ""]) => name),
    );
    const packages = new Set(imported.filter((name) => !isBuiltin(name)));
    assert(packages.size > 20, "imports were found");
    assert.deepEqual(
      [...packages].filter((name) => !(name in dependencies)),
      [],
    );
    for (const name of ["hardhat", "solc", "node", "preact", "uplot", "@openzeppelin/contracts"])
      assert(!(name in dependencies), name);
  });
});
