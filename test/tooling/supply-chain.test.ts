import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { type AllowedLicence, checkLicences } from "../../scripts/supply-chain/core/licences.ts";
import { findNodeFaults } from "../../scripts/supply-chain/core/node-binary.ts";
import { LICENCES } from "../../scripts/supply-chain/policy.ts";
import { repository } from "../relayer/support/processes.ts";
import { entry, installedOf, lockOf } from "./supply-chain-files.ts";

describe("supply chain: licences", () => {
  const allowed: readonly AllowedLicence[] = [
    { licence: "MIT", why: "" },
    { licence: "MPL-2.0", only: ["a", "x-*"], why: "" },
  ];
  const check = (packages: Record<string, object>, installed: Record<string, object> = {}) =>
    checkLicences(lockOf(packages), installedOf(installed), allowed);
  const fine = { a: entry({ license: "MPL-2.0" }), b: entry(), "x-y": entry({ license: "MPL-2.0" }) };

  it("are counted, and allowed ones pass", () => {
    const { faults, counts, unseen } = check(fine, { b: { license: { type: "MIT" } } });
    assert.deepEqual([faults, counts, unseen], [[], { MIT: 1, "MPL-2.0": 2 }, []]);
  });

  it("are those of the installed package, whatever the lock file says", () => {
    assert.match(
      check(fine, { b: { license: "GPL-3.0-only" } }).faults[0] ?? "",
      /^node_modules\/b has GPL-3\.0-only/,
    );
    assert.match(check(fine, { b: {} }).faults[0] ?? "", /^node_modules\/b has no licence/);
  });

  it("may be in npm's older words", () => {
    assert.deepEqual(check(fine, { b: { licenses: [{ type: "MIT" }] } }).faults, []);
    assert.match(
      check(fine, { b: { licenses: [{ type: "MIT" }, { type: "GPL-2.0" }] } }).faults[0] ?? "",
      /MIT OR GPL-2\.0/,
    );
  });

  for (const license of [
    "GPL-3.0-or-later",
    "AGPL-3.0",
    "UNLICENSED",
    "SEE LICENSE IN LICENSE",
    "mit",
    undefined,
  ])
    it(`are not ${license ?? "left out"}`, () => {
      assert.equal(check({ ...fine, c: entry({ license }) }).faults.length, 1);
    });

  it("of one package are not those of another", () => {
    assert.match(
      check({ ...fine, c: entry({ license: "MPL-2.0" }) }).faults[0] ?? "",
      /^node_modules\/c has MPL-2\.0/,
    );
    assert.equal(check({ ...fine, "ax-y": entry({ license: "MPL-2.0" }) }).faults.length, 1);
  });

  it("are unknown only of optional packages that are not installed", () => {
    const nameless = { version: "1.0.0", optional: true };
    assert.deepEqual(check({ ...fine, c: nameless }).unseen, ["c"]);
    assert.deepEqual(check({ ...fine, c: nameless }, { c: {} }).faults.length, 1);
  });

  it("are not listed in vain", () => {
    assert.deepEqual(check({ b: entry() }).faults, [
      "No package has MPL-2.0 any more: take it off the list.",
    ]);
  });

  it("are those of an installation that fits the lock file", () => {
    assert.match(
      check(fine, { b: { license: "MIT", version: "1.0.1" } }).faults[0] ?? "",
      /^node_modules\/b is 1\.0\.1, and/,
    );
  });

  it("are told by docs/supply-chain.md as the check has them", () => {
    const page = readFileSync(join(repository, "docs/supply-chain.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([^`]+)`\s*\| ([^|]+?)\s*\| ([^|]+?)\s*\|$/gm)].map(
      ([, ...cells]) => cells,
    );
    assert.deepEqual(
      rows,
      LICENCES.map(({ licence, only, why }) => [
        licence,
        only?.map((name) => `\`${name}\``).join(", ") ?? "any",
        why,
      ]),
    );
  });
});

describe("supply chain: the Node that runs everything", () => {
  const pinned = { version: "24.0.0", programs: { "linux-x64": "aa" } };
  const lock = lockOf({ node: entry({ version: "24.0.0" }) });

  it("is the one that we know, or of a system that we do not know, or is not installed", () => {
    for (const [system, found] of [
      ["linux-x64", "aa"],
      ["sunos-x64", "bb"],
      ["linux-x64", undefined],
    ] as const)
      assert.deepEqual(findNodeFaults(lock, pinned, system, found), []);
  });

  it("is refused when it is another program", () => {
    assert.match(
      findNodeFaults(lock, pinned, "linux-x64", "bb")[0] ?? "",
      /is not the Node 24\.0\.0 that we know for linux-x64/,
    );
  });

  it("is refused when its version was changed and its hash was not", () => {
    const newer = lockOf({ node: entry({ version: "24.0.1" }) });
    assert.match(
      findNodeFaults(newer, pinned, "linux-x64", "aa")[0] ?? "",
      /has Node 24\.0\.1, and the policy a hash of 24\.0\.0/,
    );
    assert.equal(findNodeFaults(lockOf({}), pinned, "linux-x64", undefined).length, 1);
  });
});

describe("supply chain: the check", () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(repository, "scripts/supply-chain/check.ts"), ...args]);

  it("finds nothing in this checkout", async () => {
    const { stdout, stderr } = await run();
    assert.match(stdout, /^supply chain: \d+ packages, \d+ licences, .*; 0 faults\.\n$/);
    assert.equal(stderr, "");
  });

  it("finds what is planted into a copy, and ends with 1", async () => {
    using copy = copyOfWorkspace();
    copy.change("package.json", (text) => text.replace(/"zod": "/, '"zod": "^'));
    copy.write("node_modules/zod/package.json", {
      version: "0.0.1",
      license: "GPL-3.0",
      scripts: { install: "x" },
    });
    await assert.rejects(run("--json", copy.folder), ({ code, stdout }: { code: number; stdout: string }) => {
      const { faults } = JSON.parse(stdout) as { faults: readonly string[] };
      for (const part of [
        /^zod is asked for as "\^/,
        /zod has GPL-3\.0/,
        /zod runs a script/,
        /zod is 0\.0\.1/,
      ])
        assert(
          faults.some((fault) => part.test(fault)),
          `${String(part)} in ${faults.join("\n")}`,
        );
      return code === 1;
    });
  });
});

/** The two files of npm in a folder of their own, with nothing installed. */
function copyOfWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), "supply-chain-"));
  for (const file of ["package.json", "package-lock.json"])
    cpSync(join(repository, file), join(folder, file));
  return {
    folder,
    change(file: string, edit: (text: string) => string) {
      writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), "utf8")));
    },
    write(file: string, content: object) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), JSON.stringify(content));
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}
