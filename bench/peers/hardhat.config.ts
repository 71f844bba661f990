import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import { defineConfig } from "hardhat/config";

const { resolve } = createRequire(import.meta.url);

/** A compiler of npm, by path. */
const compiler = (version: string, module: string, evmVersion: string, runs: number) => ({
  version,
  path: resolve(`${module}/soljson.js`),
  settings: { evmVersion, optimizer: { enabled: true, runs } },
});

/** As each bridge's makers set it; the node's rules are Osaka's all the same. */
const hyperlane = compiler("0.8.33", "solc-0.8.33", "cancun", 3_599);
const axelar = compiler("0.8.23", "solc-0.8.23", "london", 1_000_000);
const layerZero = compiler("0.8.22", "solc-0.8.22", "paris", 20_000);

const AXELAR = ["gateway/AxelarAmplifierGateway.sol", "gateway/AxelarAmplifierGatewayProxy.sol"].map(
  (path) => `@axelar-network/axelar-gmp-sdk-solidity/contracts/${path}`,
);
const LAYER_ZERO = [
  "@layerzerolabs/lz-evm-protocol-v2/contracts/EndpointV2.sol",
  "@layerzerolabs/lz-evm-messagelib-v2/contracts/uln/uln302/SendUln302.sol",
  "@layerzerolabs/lz-evm-messagelib-v2/contracts/uln/uln302/ReceiveUln302.sol",
];
const withCompiler = (paths: readonly string[], its: typeof axelar) =>
  Object.fromEntries(paths.map((path) => [path, its]));

export default defineConfig({
  plugins: [hardhatEthers],
  solidity: {
    compilers: [hyperlane, axelar, layerZero, compiler("0.8.37", "solc", "osaka", 20_000)],
    // Their sources leave the version open, and Hardhat would take the newest.
    overrides: { ...withCompiler(AXELAR, axelar), ...withCompiler(LAYER_ZERO, layerZero) },
    npmFilesToBuild: [...AXELAR, ...LAYER_ZERO],
  },
  paths: { sources: "contracts" },
  networks: {
    hardhat: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
  },
});
