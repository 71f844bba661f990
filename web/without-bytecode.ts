import type { Plugin } from "vite";

/** The contracts' generated factories carry the code to deploy them, which neither pages nor relayers ever do: a third of their weight. */
export const withoutBytecode: Plugin = {
  name: "without-bytecode",
  transform(code, id) {
    if (!id.includes("/types/ethers-contracts/factories/")) return undefined;
    return { code: code.replace(/(const _bytecode =\s*)"0x[0-9a-fA-F]*"/, '$1"0x"'), map: null };
  },
};
