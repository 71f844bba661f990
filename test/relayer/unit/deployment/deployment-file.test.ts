import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { deploymentSchema } from "../../../../relayer/domain/deployment-file.ts";
import { asRecord } from "../../../../relayer/platform/json-settings.ts";
import { people, readyMade, refusal, testnets, without } from "../../support/deployment-file.ts";
import { repository } from "../../support/processes.ts";

const keysOf = (change: Parameters<typeof refusal>[0]) => refusal(change).map(({ path }) => path.join("."));
const changed = (key: string, change: object) => ({
  [key]: { ...asRecord(readyMade("testnets")[key]), ...change },
});

describe("a deployment file", () => {
  it("is ready-made but for who deploys and operates", () => {
    const files = readdirSync(join(repository, "networks"));
    assert(files.length >= 2);
    for (const file of files) {
      const raw = readyMade(file.replace(/\.json$/, ""));
      assert(deploymentSchema.safeParse({ ...raw, ...people }).success, file);
      const missing = deploymentSchema.safeParse(raw).error?.issues.map(({ path }) => path.join("."));
      assert.deepEqual(missing, ["deployer", "operators"], file);
    }
  });

  it("waits for what the chain itself calls final on public testnets", () => {
    for (const { finality, rpcUrl } of Object.values(testnets().chains))
      assert.deepEqual([finality, rpcUrl], [{ tag: "finalized" }, undefined]);
  });

  it("is refused where contracts would refuse it after money was spent", () => {
    assert.deepEqual(keysOf(changed("registry", { unbondingSeconds: 2_592_000 + 1_209_600 })), [
      "registry.unbondingSeconds",
    ]);
    assert.deepEqual(keysOf(changed("registry", { epochLengthSeconds: 2_592_000 })), [
      "registry.epochLengthSeconds",
    ]);
    assert.deepEqual(keysOf(changed("registry", { operatorCapBps: 5_001 })), ["registry.operatorCapBps"]);
    assert.deepEqual(keysOf(changed("slashing", { collusionWindowSeconds: 3_888_001 })), [
      "slashing.collusionWindowSeconds",
    ]);
    assert.deepEqual(keysOf(changed("governance", { delaySeconds: 7 * 86_400 })), [
      "governance.delaySeconds",
    ]);
    assert.deepEqual(keysOf({ operators: people.operators.slice(0, 1) }), ["operators"]);
    const [operator] = people.operators;
    assert.deepEqual(keysOf({ operators: [operator, operator] }), ["operators"]);
    assert.deepEqual(keysOf({ home: "mainnet" }), ["home"]);
  });

  it("is refused where a token has no origin, or nothing to lock there", () => {
    const [chains, tokens] = [
      asRecord(readyMade("testnets")["chains"]),
      asRecord(readyMade("testnets")["tokens"]),
    ];
    const eth = asRecord(tokens["ETH"]);
    assert.deepEqual(keysOf({ tokens: { ETH: { ...eth, origin: "mainnet" } } }), ["tokens.ETH.origin"]);
    assert.deepEqual(keysOf({ tokens: { ETH: { ...eth, sharedDecimals: 18, decimals: 6 } } }), [
      "tokens.ETH.sharedDecimals",
    ]);
    const sepolia = without(asRecord(chains["sepolia"]), "wrappedNative");
    assert.deepEqual(keysOf({ chains: { ...chains, sepolia } }), ["chains.sepolia.wrappedNative"]);
  });
});
