import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asRecord } from "../../../../relayer/platform/json-settings.ts";
import { assertFailed, jsonOf } from "../../../e2e/support/cli.ts";
import { posing } from "../../support/deployment-file.ts";
import { twoChains } from "../../support/two-chains.ts";

describe("a chain with old rules", () => {
  it("is refused by name where the contracts cannot run, and left to Ed25519 where only BLS cannot", async () => {
    await using world = await twoChains({ hardfork: "shanghai" }, { hardfork: "prague" });
    const { deployer, key } = world;
    const plan = await deployer.deploy("plan");
    assert.equal(plan.code, 1, plan.stderr);
    const { problems, notes } = asRecord(jsonOf(plan));
    assert.match(
      String(problems),
      /Chain B has not: the opcode MCOPY \(Cancun, EIP-5656\); transient storage/,
    );
    assert.doesNotMatch(String(problems), /Chain A/);
    assert.match(String(notes), /Chain A has not: the opcode CLZ \(Osaka, EIP-7939\)\. It gets Ed25519 only/);
    assertFailed(await deployer.deploy("run", key), {
      exit: 78,
      code: "NOT_READY",
      says: [/Chain B has not: the opcode MCOPY/, /Nothing was sent/],
    });
    assert.equal(await world.b.provider.getTransactionCount(deployer.wallet.address), 0);
  });

  it("is no chain for sets of BLS keys", async () => {
    await using world = await twoChains({ hardfork: "cancun" });
    const file = posing("development");
    world.deployer.write({ ...file, registry: { ...asRecord(file["registry"]), scheme: "BLS12381" } });
    const plan = await world.deployer.deploy("plan");
    assert.equal(plan.code, 1);
    assert.match(plan.stdout, /registry\.scheme is BLS12381, but B cannot check BLS signatures/);
  });
});

describe("a deployment that must not be begun", () => {
  it("is refused with another's key, on another chain, and while another run writes", async () => {
    await using world = await twoChains();
    const { a, b, deployer, key } = world;
    const other = { CI: "true", DCHAT_DEPLOYER_KEY: deployer.validators[0]?.operator.privateKey };
    assertFailed(await deployer.deploy("run", other), {
      exit: 78,
      code: "DEPLOYER_KEY",
      says: [/is that of 0x.*, but the deployment file names/, /Nothing was sent/],
    });
    assertFailed(await deployer.deploy("run", { CI: "true" }), {
      exit: 78,
      code: "DEPLOYER_KEY",
      says: [/hardhat keystore set DCHAT_DEPLOYER_KEY/],
    });
    assertFailed(await deployer.deploy("plan", { DCHAT_RPC_URL_A: b.url }), {
      exit: 78,
      code: "CHAIN_ID",
      says: [/serves chain id 31338, but chains\.A\.chainId is 31337/],
    });
    const [one, two] = await Promise.all([deployer.deploy("run", key), deployer.deploy("run", key)]);
    assert.deepEqual([one.code, two.code].sort(), [0, 69], `${one.stderr}\n${two.stderr}`);
    assert(
      !`${one.stdout}${one.stderr}${two.stdout}${two.stderr}`.includes(deployer.wallet.privateKey.slice(2)),
    );
    assert((await a.provider.getTransactionCount(deployer.wallet.address)) > 0);
  });
});
