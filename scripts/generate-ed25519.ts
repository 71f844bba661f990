import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { id } from "ethers";
import { Schedules } from "./ed25519/schedules.ts";
import { batchVerifier, singleVerifier, type Contract, type Selectors } from "./ed25519/verifiers.ts";

/**
 * Writes the generated contracts, `contracts/crypto/generated/*.sol`.
 *
 *     node scripts/generate-ed25519.ts            writes them
 *     node scripts/generate-ed25519.ts --check    fails when they are not what would be written
 *     node scripts/generate-ed25519.ts --search   also searches for schedules that `schedules.json` lacks (minutes)
 *
 * @module
 */

const DIRECTORY = new URL("../contracts/crypto/generated/", import.meta.url);
/** EIP-170. */
const MAX_CODE_BYTES = 24_576;
const BYTES_PER_LINE = 512;
const SEARCH_WIDTH = 300;

const SELECTORS: Selectors = {
  verify: id("verify(bytes,bytes32,bytes)").slice(0, 10),
  verifyChallenge: id("verifyChallenge(bytes,bytes32,bytes)").slice(0, 10),
  isValidKey: id("isValidKey(bytes)").slice(0, 10),
  verifyAll: id("verifyAll(bytes32,bytes,bytes)").slice(0, 10),
};

/** The generated files: name and text. */
export function generate(schedules: Schedules): Map<string, string> {
  return new Map([
    [
      "Ed25519CombCode.sol",
      solidity("Ed25519CombCode", "IEd25519CombVerifier", singleVerifier(schedules, SELECTORS)),
    ],
    [
      "Ed25519CombBatchCode.sol",
      solidity("Ed25519CombBatchCode", "IEd25519BatchVerifier", batchVerifier(schedules, SELECTORS)),
    ],
  ]);
}

function solidity(name: string, implemented: string, { code, holes }: Contract): string {
  if (code.length > MAX_CODE_BYTES)
    throw new Error(`${name} has ${code.length} bytes, more than EIP-170 allows`);
  const hex = Buffer.from(code).toString("hex");
  const lines = hex.match(new RegExp(`.{1,${2 * BYTES_PER_LINE}}`, "g")) ?? [];
  // Positions of 16 bits each, the first in the lowest: none of them is 0.
  const packed = (hole: string) =>
    (holes.get(hole) ?? [])
      .map((position, i) => BigInt(position) << BigInt(16 * i))
      .reduce((sum, at) => sum + at, 0n);
  return `// SPDX-License-Identifier: MIT
// Written by scripts/generate-ed25519.ts: do not edit.
pragma solidity 0.8.37;

/// @title Code of a contract that implements ${implemented} with combs (docs/crypto.md)
library ${name} {
    /// @dev Where the registry's address and the hash of the tables' creation code go, as \`CombDeployment\` reads it.
    uint256 internal constant REGISTRY_HOLES = ${packed("registry")};
    uint256 internal constant TABLE_CODE_HOLES = ${packed("tableCode")};

    /// @dev ${code.length} bytes, with zeros where the addresses and hashes go.
    function runtime() internal pure returns (bytes memory) {
        return
${lines.map((line) => `            hex"${line}"`).join("\n")};
    }
}
`;
}

function main(): void {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, search: { type: "boolean" } } });
  for (const [name, text] of generate(new Schedules(values.search === true ? SEARCH_WIDTH : undefined))) {
    const file = new URL(name, DIRECTORY);
    if (values.check !== true) writeFileSync(file, text);
    else if (readFileSync(file, "utf8") !== text) throw new Error(`${name} is not what its generator writes`);
  }
}

if (import.meta.main) main();
