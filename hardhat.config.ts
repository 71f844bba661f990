import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatEthersChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatKeystore from "@nomicfoundation/hardhat-keystore";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import hardhatVerify from "@nomicfoundation/hardhat-verify";
import { defineConfig } from "hardhat/config";

// npm's compiler, by path: Hardhat would otherwise download one at build time.
const compiler = createRequire(import.meta.url).resolve("solc/soljson.js");

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatEthersChaiMatchers,
    hardhatKeystore,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
    hardhatVerify,
  ],
  solidity: {
    version: "0.8.37",
    path: compiler,
    settings: {
      viaIR: true,
      evmVersion: "osaka",
      optimizer: { enabled: true, runs: 20_000 },
    },
  },
  paths: { tests: { mocha: "test/contracts", solidity: "test/contracts" } },
  // Each file has networks of its own, so two can run at the same time.
  test: { mocha: { timeout: 120_000, parallel: true, jobs: 2 }, solidity: { fuzz: { runs: 256 } } },
  networks: {
    hardhat: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "osaka",
      // As other nodes do: a delivery succeeds although a recipient burns all the gas that it is given.
      gasEstimationMode: "topLevelSuccess",
    },
  },
});
