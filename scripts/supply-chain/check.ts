// Holds the packages that dchat is made of to docs/supply-chain.md: node scripts/supply-chain/check.ts [--json] [FOLDER]
// FOLDER is another checkout; without it, this one and the workspace of its benchmarks' peers are looked at.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { findScriptFaults } from "./core/install-scripts.ts";
import { checkLicences } from "./core/licences.ts";
import { findLockFaults } from "./core/lock.ts";
import { findNodeFaults } from "./core/node-binary.ts";
import { findInexact } from "./core/versions.ts";
import { LICENCES, NODE, UNHASHED } from "./policy.ts";
import { hashNode, readWorkspace, type Workspace } from "./workspace.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const root = join(import.meta.dirname, "../..");
const folder = positionals[0] ?? root;

const workspace = readWorkspace(folder);
const { counts, unseen, faults: licences } = checkLicences(workspace.lock, workspace.installed, LICENCES);
const faults = [
  ...commonFaults(workspace, UNHASHED),
  ...licences,
  ...findNodeFaults(workspace.lock, NODE, `${process.platform}-${process.arch}`, hashNode(folder)),
  // Nothing of the peers goes into dchat, so their licences are theirs.
  ...(folder === root ? commonFaults(readWorkspace(join(root, "bench/peers")), []).map(ofPeers) : []),
];

const packages = workspace.lock.packages.size;
const scripts = Object.keys(workspace.manifest.allowScripts);
if (values.json) console.log(JSON.stringify({ packages, licences: counts, unseen, scripts, faults }));
else {
  for (const fault of faults) console.error(fault);
  const kinds = `${Object.keys(counts).length} licences, ${scripts.length} with install scripts (${scripts.join(", ")})`;
  const rest = unseen.length > 0 ? `; ${unseen.length} for other systems were not looked at` : "";
  console.log(`supply chain: ${packages} packages, ${kinds}${rest}; ${faults.length} faults.`);
}
if (faults.length > 0) process.exitCode = exitCodes.failure;

function commonFaults(
  { manifest, lock, installed }: Workspace,
  unhashed: readonly string[],
): readonly string[] {
  return [
    ...findInexact(manifest),
    ...findLockFaults(manifest, lock, unhashed),
    ...findScriptFaults(manifest, lock, installed),
  ];
}

function ofPeers(fault: string): string {
  return `bench/peers: ${fault}`;
}
