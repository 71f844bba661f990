import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findScriptFaults } from "../../scripts/supply-chain/core/install-scripts.ts";
import { findLockFaults } from "../../scripts/supply-chain/core/lock.ts";
import { lockSchema } from "../../scripts/supply-chain/core/manifest.ts";
import { findInexact } from "../../scripts/supply-chain/core/versions.ts";
import { entry, HASH, installedOf, lockOf, manifest } from "./supply-chain-files.ts";

describe("supply chain: versions", () => {
  it("are exact, also of aliases, previews and overrides", () => {
    const exact = {
      dependencies: { a: "1.2.3", b: "npm:@scope/b@0.8.24", c: "1.0.0-rc.1+x" },
      devDependencies: { d: "10.20.30" },
      overrides: { a: "$a", e: { f: "1.0.0" } },
    };
    assert.deepEqual(findInexact(manifest(exact)), []);
  });

  for (const version of ["^1.2.3", "~1.2.3", "1.2", "1.2.x", ">=1.2.3", "*", "latest", "", "1.2.3 || 2.0.0"])
    it(`are not "${version}"`, () => {
      for (const part of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]) {
        const [fault, ...more] = findInexact(manifest({ [part]: { a: version, b: "1.0.0" } }));
        assert(fault?.startsWith(`a is asked for as "${version}"`));
        assert.deepEqual(more, []);
      }
    });

  for (const version of [
    "npm:b@^1.2.3",
    "npm:b",
    "github:somebody/b",
    "git+https://example.org/b.git#v1.2.3",
    "https://example.org/b-1.2.3.tgz",
    "file:../b",
    "$b",
  ])
    it(`do not come from ${version}`, () => {
      assert.equal(findInexact(manifest({ dependencies: { a: version } })).length, 1);
      assert.match(
        findInexact(manifest({ overrides: { c: { a: version } } }))[0] ?? "",
        /^c > a is asked for/,
      );
    });
});

describe("supply chain: the lock file", () => {
  const wanted = { dependencies: { a: "1.0.0" } };
  const packages = {
    a: entry({ dependencies: { b: "^1.0.0" }, optionalDependencies: { "a-sunos": "1.0.0" } }),
    b: entry({ dependencies: { c: "^2.0.0" } }),
    "b/node_modules/c": entry({ version: "2.0.0", dependencies: { b: "^1.0.0" } }),
    "a-sunos": { version: "1.0.0", optional: true },
  };
  const faultsOf = (
    changes: Readonly<Record<string, object>>,
    unhashed = ["a-sunos"],
    asked: object = wanted,
    without = "",
  ) => {
    const { [without]: gone, ...all }: Record<string, object> = { ...packages, ...changes };
    return findLockFaults(manifest(asked), lockOf(all, wanted), unhashed);
  };

  it("has no fault when it is complete", () => {
    assert.deepEqual(faultsOf({}), []);
  });

  const planted: Readonly<Record<string, { found: RegExp; faults: readonly string[] }>> = {
    "a hash is missing": {
      faults: faultsOf({ b: entry({ integrity: undefined }) }),
      found: /^node_modules\/b has no hash/,
    },
    "a hash is weak": {
      faults: faultsOf({ b: entry({ integrity: "sha1-AAAA" }) }),
      found: /^node_modules\/b has a hash that is no SHA-512/,
    },
    "two hashes are given": {
      faults: faultsOf({ b: entry({ integrity: `${HASH} sha1-AAAA` }) }),
      found: /no SHA-512/,
    },
    "a package comes from an address": {
      faults: faultsOf({ b: entry({ resolved: "https://example.org/b.tgz" }) }),
      found: /^node_modules\/b comes from https:\/\/example\.org\/b\.tgz/,
    },
    "a package is a link": {
      faults: faultsOf({ b: entry({ link: true }) }),
      found: /^node_modules\/b comes from a link/,
    },
    "what another needs is missing": {
      faults: faultsOf({}, ["a-sunos"], wanted, "b/node_modules/c"),
      found: /^node_modules\/b needs c, which the lock file lacks/,
    },
    "a build for another system is missing": {
      faults: faultsOf({}, [], wanted, "a-sunos"),
      found: /^node_modules\/a needs a-sunos/,
    },
    "what we ask for is missing": {
      faults: faultsOf({}, ["a-sunos"], { dependencies: { a: "1.0.0", d: "1.0.0" } }),
      found: /^d is 1\.0\.0 in package\.json and not there in its lock file/,
    },
    "we ask for another version": {
      faults: faultsOf({}, ["a-sunos"], { dependencies: { a: "1.0.1" } }),
      found: /^a is 1\.0\.1 in package\.json and 1\.0\.0 in its lock file/,
    },
    "a package that is no build for another system may be without a hash": {
      faults: faultsOf({ b: entry({ integrity: undefined }) }, ["a-sunos", "b"]),
      found: /^node_modules\/b has no hash/,
    },
    "a package has its hash by now": {
      faults: faultsOf({ "a-sunos": entry({ optional: true }) }),
      found: /has a hash by now: take a-sunos off/,
    },
    "the policy names what is gone": {
      faults: faultsOf({}, ["a-sunos", "z"]),
      found: /^z may be without a hash, and is not/,
    },
  };
  for (const [what, { found, faults }] of Object.entries(planted))
    it(`is refused where ${what}`, () => {
      assert(
        faults.some((fault) => found.test(fault)),
        faults.join("\n"),
      );
    });

  it("is refused in another format", () => {
    assert.throws(() => lockSchema.parse({ lockfileVersion: 2, packages: { "": {} } }));
  });
});

describe("supply chain: install scripts", () => {
  const lock = lockOf({ a: entry({ hasInstallScript: true }), b: entry() });

  it("are exactly those that are written down, allowed or forbidden", () => {
    assert.deepEqual(findScriptFaults(manifest({ allowScripts: { a: true } }), lock, new Map()), []);
    assert.deepEqual(findScriptFaults(manifest({ allowScripts: { a: false } }), lock, new Map()), []);
  });

  it("are found by the lock file", () => {
    assert.match(
      findScriptFaults(manifest({}), lock, new Map())[0] ?? "",
      /^a runs a script while it is installed/,
    );
  });

  for (const hook of ["preinstall", "install", "postinstall"])
    it(`are found in an installed package that the lock file does not tell of: ${hook}`, () => {
      const installed = installedOf({ b: { scripts: { [hook]: "node evil.js", test: "true" } } });
      const faults = findScriptFaults(manifest({ allowScripts: { a: true } }), lock, installed);
      assert.deepEqual(faults.length, 1);
      assert.match(faults[0] ?? "", /^b runs a script/);
    });

  it("are not allowed in vain", () => {
    const faults = findScriptFaults(manifest({ allowScripts: { a: true, b: true } }), lock, new Map());
    assert.deepEqual(faults, [
      "b is named by allowScripts in package.json, and has no install script: take it off.",
    ]);
  });
});
