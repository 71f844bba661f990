import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getBytes } from "ethers";
import { chainName } from "../../../../relayer/domain/ids.ts";
import { isGenerated, readArtifact } from "../../../../relayer/deployment/adapters/artifacts.ts";
import { layoutOf } from "../../../../relayer/deployment/core/layout.ts";
import { type Answer, judge, probes } from "../../../../relayer/deployment/core/requirements.ts";
import { Ed25519CombBatchVerifier__factory } from "../../../../types/ethers-contracts/factories/crypto/Ed25519CombBatchVerifier__factory.ts";
import { testnets } from "../../support/deployment-file.ts";

const chain = chainName.parse("sepolia");

/** Opcodes that came after Paris, and the probe that asks for each. */
const YOUNG: Readonly<Record<number, string | undefined>> = {
  0x1e: "CLZ",
  0x49: "BLOBHASH",
  0x4a: "BLOBBASEFEE",
  0x5c: "TLOAD",
  0x5d: "TSTORE",
  0x5e: "MCOPY",
  0x5f: "PUSH0",
};

/** The young opcodes in a code, without what is pushed or describes the code. */
function youngOpcodes(code: string): ReadonlySet<string> {
  const bytes = getBytes(code);
  const metadata = 2 + (((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0));
  const found = new Set<string>();
  for (let i = 0; i < bytes.length - metadata; i++) {
    const opcode = bytes[i] ?? 0;
    const young = YOUNG[opcode];
    if (young !== undefined) found.add(young);
    if (opcode >= 0x60 && opcode <= 0x7f) i += opcode - 0x5f;
  }
  return found;
}

const right: readonly Answer[] = probes.map((probe) => ({ probe, answer: probe.answer }));
const without = (words: RegExp, answer?: string): readonly Answer[] =>
  right.map((given) => (words.test(given.probe.feature) ? { ...given, answer } : given));

describe("what the contracts ask of a chain", () => {
  const contracts = [
    ...new Set(layoutOf(testnets(), new Set([chain])).flatMap((layout) => layout.contracts)),
  ];
  const compiled = contracts.filter(({ contract }) => !isGenerated(contract));

  it("is asked for: every young opcode in the compiled code has its probe", () => {
    assert(compiled.length > 15);
    for (const { key, contract } of compiled)
      for (const opcode of youngOpcodes(readArtifact(contract).deployedBytecode)) {
        const probe = probes.find(({ feature }) => feature.includes(opcode));
        assert(probe !== undefined, `${contract} needs ${opcode}, and no probe asks for it`);
        const isForBls = key === "blsSets";
        assert(
          probe.neededFor === "all" || isForBls,
          `${contract} needs ${opcode} on a chain without BLS, too`,
        );
      }
  });

  it("is asked for: the generated verifiers need nothing younger than Shanghai", () => {
    // The code that is kept stands in the code that creates; so what it holds is there, and perhaps more.
    const found = youngOpcodes(Ed25519CombBatchVerifier__factory.bytecode);
    assert(!found.has("CLZ") || probes.some(({ feature }) => feature.includes("CLZ")));
  });

  it("stands in the way of a chain that has not what all contracts take, by name", () => {
    const { problems, hasBls } = judge(chain, without(/MCOPY|transient/));
    assert.equal(problems.length, 1);
    assert.match(
      problems[0] ?? "",
      /sepolia has not: the opcode MCOPY \(Cancun, EIP-5656\); transient storage/,
    );
    assert(hasBls);
  });

  it("leaves a chain without EIP-2537 to Ed25519, and says so", () => {
    const { problems, notes, hasBls } = judge(chain, without(/BLS12381|BLS12-381/, "0x"));
    assert.deepEqual([problems, hasBls], [[], false]);
    assert.match(notes[0] ?? "", /BLS12-381 pairings \(0x0f\) \(Prague, EIP-2537\).* Ed25519 only/);
  });

  it("leaves a chain without CLZ to Ed25519, for only what checks BLS sets has it", () => {
    assert.deepEqual([judge(chain, without(/CLZ/)).hasBls, judge(chain, right).hasBls], [false, true]);
    assert.deepEqual(judge(chain, right), { problems: [], notes: [], hasBls: true });
  });
});
