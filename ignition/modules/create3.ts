import { buildModule } from "@nomicfoundation/ignition-core";

/** A contract to create through CreateX. */
export type Creation = {
  /** A letter, then letters, digits and underscores. */
  readonly id: string;
  /** 32 bytes that lead to its address; see `relayer/deployment/core/create3.ts`. */
  readonly salt: string;
  /** The code that creates it, with the constructor's arguments behind it. */
  readonly initCode: string;
  /** Ids of those that must be there before; others than these of the module are there already. */
  readonly needs: readonly string[];
};

const createXArtifact = {
  _format: "hh3-artifact-1" as const,
  contractName: "CreateX",
  sourceName: "CreateX.sol",
  bytecode: "0x",
  deployedBytecode: "0x",
  linkReferences: {},
  deployedLinkReferences: {},
  abi: [
    {
      type: "function" as const,
      name: "deployCreate3",
      stateMutability: "payable" as const,
      inputs: [
        { name: "salt", type: "bytes32", internalType: "bytes32" },
        { name: "initCode", type: "bytes", internalType: "bytes" },
      ],
      outputs: [{ name: "newContract", type: "address", internalType: "address" }],
    },
  ],
};

/** What one chain of a deployment misses, each contract where the plan has it. */
export function create3Module(createX: string, creations: readonly Creation[]) {
  return buildModule("dchat", (m) => {
    const factory = m.contractAt("CreateX", createXArtifact, createX);
    const calls = new Map<string, ReturnType<typeof m.call>>();
    for (const { id, salt, initCode, needs } of creations) {
      const after = needs.flatMap((need) => calls.get(need) ?? []);
      calls.set(id, m.call(factory, "deployCreate3", [salt, initCode], { id, after }));
    }
    return { factory };
  });
}
