// Writes the bill of materials, CycloneDX 1.5: node scripts/supply-chain/sbom.ts [FILE]
// It comes from the lock file, so it names every package that any system installs, those for development, too (their scope says so).
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { settleBill } from "./core/bill.ts";
import { NODE } from "./policy.ts";

const root = join(import.meta.dirname, "../..");
const file = process.argv[2] ?? join(root, "sbom.cdx.json");

const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
const npm = spawnSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
if (npm.status === 0) {
  const programs = Object.entries(NODE.programs).map(([system, sha256]) => ({
    ...{ name: `node-${system}`, version: NODE.version, sha256 },
  }));
  const bill = settleBill(JSON.parse(npm.stdout), "dchat", programs);
  writeFileSync(file, `${JSON.stringify(bill, undefined, 2)}\n`);
  console.log(`${bill.components.length} components are in ${file}.`);
} else {
  console.error(npm.stderr);
  console.error(
    `npm wrote no bill of materials, and neither did we: npm 10 or later knows \`npm ${args[0] ?? ""}\`.`,
  );
  process.exitCode = exitCodes.failure;
}
