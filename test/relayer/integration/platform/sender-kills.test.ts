import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Wallet } from "ethers";
import { PrivateRedis } from "../../support/private-redis.ts";
import { repository, type Running, start, until } from "../../support/processes.ts";
import { SenderScene } from "../../support/sender-scene.ts";

const CHAIN = 4_331;
const TTL = 1_000;
const program = join(repository, "test/relayer/support/sending-program.ts");

let scene: SenderScene;
let redis: PrivateRedis;
let wallet: Wallet;
let recipient: string;
before(async () => {
  [scene, redis] = await Promise.all([SenderScene.start(CHAIN), PrivateRedis.start()]);
});
after(async () => {
  await Promise.all([scene.stop(), redis.stop()]);
});
beforeEach(async () => {
  wallet = await scene.newWallet();
  recipient = Wallet.createRandom().address;
});

function run(settings: Record<string, unknown>): Running {
  const all = {
    rpcUrl: scene.url,
    chainId: CHAIN,
    privateKey: wallet.privateKey,
    token: scene.token,
    recipient,
    payments: 1,
    journal: join(scene.folder, `journal-${wallet.address}`, "journal.sqlite"),
    step: "none",
    signal: "SIGKILL",
    ...settings,
  };
  return start(process.execPath, [program, JSON.stringify(all)]);
}

const nonce = () => scene.rpc.provider.getTransactionCount(wallet.address);

describe("a sender that is killed", () => {
  for (const [step, when] of [
    ["before-simulate", "before the simulation"],
    ["before-sign", "after the simulation and before it signs"],
    ["after-sign", "after it signed"],
    ["before-noting-reserved", "before it records"],
    ["after-noting-reserved", "after it recorded and before it broadcasts"],
    ["checked", "after its right to the key was compared"],
    ["before-broadcast", "before the node has it"],
    ["after-broadcast", "after the node took it"],
    ["before-noting-broadcast", "before that is noted"],
    ["after-noting-broadcast", "after that was noted"],
    ["before-noting-included", "before the block is noted"],
    ["after-noting-included", "after the block was noted"],
    ["before-noting-final", "before the end is noted"],
    ["after-noting-final", "after the end was noted"],
  ] as const)
    it(`${when} has neither lost nor doubled the call after a restart`, { timeout: 60_000 }, async () => {
      const depth = step.endsWith("included") ? 1 : 0;
      const killed = await run({ step, depth }).ended;
      assert.deepEqual([killed.signal, killed.stderr], ["SIGKILL", ""]);
      const again = await run({ depth }).ended;
      assert.deepEqual([again.code, again.stderr], [0, ""]);
      assert.equal(await scene.paid(recipient), 1);
      assert.equal(await nonce(), 1);
    });
});

describe("two senders with one key", () => {
  const locked = { redisUrl: "", ttlMilliseconds: TTL };
  beforeEach(() => {
    locked.redisUrl = redis.url;
  });

  it("do everything once when they run at the same time", { timeout: 60_000 }, async () => {
    const both = await Promise.all([1, 2].map(() => run({ ...locked, payments: 5 }).ended));
    for (const { code, stderr } of both) assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(await scene.paid(recipient), 5);
    assert.equal(await nonce(), 5);
  });

  it("the second takes over soon after the first is killed", { timeout: 60_000 }, async () => {
    const first = run({ ...locked, payments: 3, step: "after-broadcast" });
    await first.ended;
    const began = Date.now();
    const second = await run({ ...locked, payments: 3 }).ended;
    assert.deepEqual([second.code, second.stderr], [0, ""]);
    assert(Date.now() - began < TTL + 15_000);
    assert.equal(await scene.paid(recipient), 3);
    assert.equal(await nonce(), 3);
  });

  for (const step of ["after-sign", "after-noting-reserved", "before-broadcast", "after-broadcast"])
    it(
      `the first, frozen at ${step} for longer than its lock and thawed, doubles nothing`,
      { timeout: 60_000 },
      async () => {
        const first = run({ ...locked, payments: 3, step, signal: "SIGSTOP" });
        await until("it is frozen", () => first.stdout().includes("SIGSTOP at"));
        const second = run({ ...locked, payments: 3 });
        await until("the second holds the key", () => second.stdout().includes("held"));
        first.child.kill("SIGCONT");
        for (const { code, stderr } of await Promise.all([first.ended, second.ended]))
          assert.deepEqual([code, stderr], [0, ""]);
        assert.equal(await scene.paid(recipient), 3);
        assert.equal(await nonce(), 3);
      },
    );
});
