import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AbiCoder, keccak256, parseEther, toBeHex } from "ethers";
import { z } from "zod";
import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { asRecord } from "../../../../relayer/platform/json-settings.ts";
import { jsonOf } from "../../../e2e/support/cli.ts";
import { Anvil } from "../../support/anvil.ts";
import { Deployer, RICH, wrappedNativeCode } from "../../support/deployer.ts";
import { posing } from "../../support/deployment-file.ts";
import type { Ended } from "../../support/processes.ts";

const WETH = "0xfFf9976782d46CC05630D1f6eBAb18b2324d6B14";
/** OP-stack's predeploy, as code that says so many wei a byte, and as code that fails. */
const GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F";
const FEE_PER_BYTE = 1_000n;
const FEE_BY_SIZE = "0x6004356103e80260005260206000f3";
const REVERTS = "0x60006000fd";
const BOND = parseEther("0.01");

const planned = z.object({
  ready: z.boolean(),
  problems: z.array(z.string()),
  notes: z.array(z.string()),
  waitsFor: z.string().nullable(),
  chains: z.array(
    z.object({
      chain: z.string(),
      hasBls: z.boolean(),
      dataFee: z.string().nullable(),
      cost: z.coerce.bigint(),
      contracts: z.array(
        z.object({ key: z.string(), address: z.string(), state: z.string(), gas: z.coerce.bigint() }),
      ),
    }),
  ),
});
const ran = z.object({ isComplete: z.boolean(), waitsFor: z.string().nullable() });
const checked = z.object({
  healthy: z.boolean(),
  findings: z.array(z.object({ check: z.string(), level: z.string(), says: z.string() })),
});
const read = <T>(schema: z.ZodType<T>, ended: Ended, code = 0): T => {
  assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr}`);
  return schema.parse(jsonOf(ended));
};

describe("a deployment to nodes that pose as the three testnets", () => {
  let nodes: readonly Anvil[];
  let deployer: Deployer;
  const gas = new Map<string, bigint>();
  const sent = () =>
    Promise.all(nodes.map(({ provider }) => provider.getTransactionCount(deployer.wallet.address)));

  before(async () => {
    nodes = await Promise.all([11_155_111, 84_532, 11_155_420].map((chainId) => Anvil.start({ chainId })));
    const [sepolia, base, op] = nodes;
    assert(sepolia !== undefined && base !== undefined && op !== undefined);
    deployer = new Deployer({ sepolia: sepolia.url, base_sepolia: base.url, op_sepolia: op.url });
    deployer.write(posing("testnets"));
    await deployer.keepKey();
  });

  after(async () => {
    deployer[Symbol.dispose]();
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  });

  it("is not begun while a token to lock is missing, or the money", async () => {
    const { ready, problems } = read(planned, await deployer.deploy("plan"), 1);
    assert(!ready);
    assert(problems.some((problem) => problem.includes("tokens.ETH: there is no contract at 0xfFf9")));
    for (const name of ["sepolia", "base_sepolia", "op_sepolia"])
      assert(
        problems.some((problem) => problem.startsWith(`Chain ${name}: the deployer`)),
        problems.join("\n"),
      );
    const refused = await deployer.deploy("run");
    assert.equal(refused.code, 78);
    assert.match(refused.stderr, /Nothing was sent/);
  });

  it("is planned to the address without anything being sent", async () => {
    const [sepolia] = nodes;
    assert(sepolia !== undefined);
    await sepolia.setCode(WETH, await wrappedNativeCode(sepolia.provider));
    for (const node of nodes) await node.fund(deployer.wallet.address, RICH);
    const plan = read(planned, await deployer.deploy("plan"));
    assert.deepEqual([plan.ready, plan.problems], [true, []]);
    assert(plan.notes.every((note) => note.includes("has no CreateX")) && plan.notes.length === 3);
    for (const { hasBls, contracts } of plan.chains) {
      assert(hasBls);
      assert(contracts.every(({ state }) => state === "missing" || state === "waits"));
      for (const { key, gas: estimate } of contracts) gas.set(key, estimate);
    }
    assert.deepEqual(await sent(), [0, 0, 0]);
  });

  it("counts what an OP-stack chain takes for data on L1, and says where that is not told", async () => {
    const [, base, op] = nodes;
    const plain = read(planned, await deployer.deploy("plan"));
    assert.deepEqual(
      plain.chains.map(({ dataFee }) => dataFee),
      ["0", "0", "0"],
    );
    await base?.setCode(GAS_PRICE_ORACLE, FEE_BY_SIZE);
    await op?.setCode(GAS_PRICE_ORACLE, REVERTS);
    const { chains, notes } = read(planned, await deployer.deploy("plan"));
    for (const node of [base, op]) await node?.setCode(GAS_PRICE_ORACLE, "0x");
    const [, onBase, onOp] = chains;
    const fee = BigInt(onBase?.dataFee ?? 0);
    // Fifteen contracts and more, none of them longer than code may be.
    assert(fee > 100_000n * FEE_PER_BYTE && fee < 1_000_000n * FEE_PER_BYTE, String(fee));
    assert((onBase?.cost ?? 0n) >= fee);
    assert.equal(onOp?.dataFee, null);
    assert(notes.some((note) => note.startsWith("Chain op_sepolia looks like an OP-stack chain")));
  });

  it("runs until it must wait for validators, and says so", async () => {
    const { isComplete, waitsFor } = read(ran, await deployer.deploy("run"));
    assert(!isComplete);
    assert.match(waitsFor ?? "", /admits 3 operators, and too few of them have joined/);
  });

  it("goes on when the first set is final, with exactly what was planned", async () => {
    const [sepolia] = nodes;
    assert(sepolia !== undefined);
    for (const { operator } of deployer.validators) await sepolia.fund(operator.address, parseEther("1"));
    await deployer.formSet(deployer.at("sepolia", "registry"), sepolia.provider, BOND);
    assert.match(read(ran, await deployer.deploy("run")).waitsFor ?? "", /not final yet/);
    await sepolia.mine(3);
    assert.deepEqual(read(ran, await deployer.deploy("run")), { isComplete: true, waitsFor: null });
    const { chains, isComplete } = deployer.addresses();
    assert(isComplete);
    for (const [i, { contracts }] of Object.values(chains).entries())
      for (const [key, { address, transaction, codeHash }] of Object.entries(contracts)) {
        assert(transaction !== undefined && codeHash !== undefined, key);
        const receipt = await nodes[i]?.provider.getTransactionReceipt(transaction);
        assert.equal(receipt?.status, 1);
        assert.notEqual(await nodes[i]?.provider.getCode(address), "0x");
        const estimate = gas.get(key) ?? 0n;
        assert(
          receipt.gasUsed <= estimate && estimate < receipt.gasUsed * 2n,
          `${key}: ${receipt.gasUsed} of ${estimate}`,
        );
      }
  });

  it("sends nothing when all of it is there", async () => {
    const before = await sent();
    assert(read(ran, await deployer.deploy("run")).isComplete);
    assert.deepEqual(await sent(), before);
  });

  it("is found to be what was planned, to the last constructor", async () => {
    const { healthy, findings } = read(checked, await deployer.deploy("check"));
    assert(healthy, JSON.stringify(findings.filter(({ level }) => level !== "ok")));
    assert(findings.every(({ level }) => level === "ok"));
    assert(
      findings.some(
        ({ check, says }) => check === "op_sepolia: inbox: set of validators" && says.includes("epoch 1"),
      ),
    );
  });

  it("is found to be changed: other code, a set that nobody formed", async () => {
    const [, base, op] = nodes;
    assert(base !== undefined && op !== undefined);
    const outbox = deployer.at("base_sepolia", "outbox");
    const code = await base.provider.getCode(outbox);
    await base.setCode(outbox, `${code.slice(0, -200)}00${code.slice(-198)}`);
    const wrong = read(checked, await deployer.deploy("check"), 1).findings.filter(
      ({ level }) => level === "fail",
    );
    assert.deepEqual(
      wrong.map(({ check }) => check),
      ["base_sepolia: outbox: code"],
    );
    assert.match(wrong[0]?.says ?? "", /may do anything with what is sent there/);
    await base.setCode(outbox, code);

    // A set that nobody formed: its hash is written over that of epoch 1 in the Inbox's mapping.
    const inbox = Inbox__factory.connect(deployer.at("op_sepolia", "inbox"), op.provider);
    const before = await inbox.validatorSetHash(1n);
    const slot = await findSlot(op, deployer.at("op_sepolia", "inbox"), before);
    await op.provider.send("anvil_setStorageAt", [await inbox.getAddress(), slot, `0x${"77".repeat(32)}`]);
    const { findings } = read(checked, await deployer.deploy("check"), 1);
    const [set] = findings.filter(({ level }) => level === "fail");
    assert.equal(set?.check, "op_sepolia: inbox: set of validators");
    assert.match(set.says, /can mint and release everything/);
    await op.provider.send("anvil_setStorageAt", [await inbox.getAddress(), slot, before]);
  });

  it("is refused by a file that says something else than constructors were told", async () => {
    const file = posing("testnets");
    deployer.write({ ...file, registry: { ...asRecord(file["registry"]), rewardBps: 2_000 } });
    const { findings } = read(checked, await deployer.deploy("check"), 1);
    const [found, ...more] = findings.filter(({ level }) => level === "fail");
    assert.deepEqual([found?.check, more], ["sepolia: registry: constructor", []]);
    assert.match(
      found?.says ?? "",
      /config is .*, not .*nobody can change that|nobody can change that: config is/,
    );
  });
});

/** Where the mapping from epochs to hashes of sets keeps that of epoch 1. */
async function findSlot({ provider }: Anvil, inbox: string, stored: string): Promise<string> {
  const places = Array.from({ length: 16 }, (_, slot) =>
    keccak256(AbiCoder.defaultAbiCoder().encode(["uint64", "uint256"], [1, slot])),
  );
  const values = await Promise.all(places.map((place) => provider.getStorage(inbox, place)));
  const found = places[values.findIndex((value) => value === stored)];
  assert(found !== undefined);
  return toBeHex(found, 32);
}
