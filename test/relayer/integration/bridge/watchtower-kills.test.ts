import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Wallet } from "ethers";
import type { Attestation } from "../../../../relayer/domain/bridge.ts";
import { watchedSchema } from "../../../../relayer/domain/jobs.ts";
import { hashOf } from "../../support/bridge.ts";
import { repository, start } from "../../support/processes.ts";
import { SlashingScene } from "../../support/slashing-scene.ts";

const program = join(repository, "test/relayer/support/watching-program.ts");

describe("a watchtower that is killed", () => {
  let scene: SlashingScene;
  let nonce = 0n;
  before(async () => {
    scene = await SlashingScene.start(4_351);
  });
  after(() => scene.stop());

  function run(wallet: Wallet, folder: string, attestations: readonly Attestation[], step: string) {
    const settings = {
      rpcUrl: scene.url,
      chainId: scene.home,
      privateKey: wallet.privateKey,
      folder,
      ...scene.contracts,
      domain: scene.domain,
      attestations: attestations.map((each) => watchedSchema.encode(each)),
      step,
    };
    return start(process.execPath, [program, JSON.stringify(settings)]).ended;
  }

  for (const [step, when] of [
    ["after-recording-first", "after it recorded the first signature"],
    ["after-recording-double-signing", "after it recorded the evidence"],
    ["before-commit", "before it commits"],
    ["after-broadcast-1", "after the node took the commitment"],
    ["after-commit", "after a block took the commitment"],
    ["before-noting-committed", "before it notes the commitment"],
    ["after-noting-committed", "after it noted the commitment"],
    ["before-submit", "before it reveals the evidence"],
    ["after-broadcast-2", "after the node took the evidence"],
    ["after-submit", "after a block took the evidence"],
    ["before-noting-submitted", "before it notes the report"],
    ["after-noting-submitted", "after it noted the report"],
    ["before-noting-settled", "before it notes the punishment"],
    ["after-noting-settled", "after it noted the punishment"],
    ["before-claim", "before it claims the reward"],
    ["after-claim", "after the reward was paid"],
  ] as const)
    it(`${when} has neither lost nor doubled the report after a restart`, { timeout: 60_000 }, async () => {
      const [{ slashing, registry }, wallet] = [scene, await scene.newWallet()];
      const folder = mkdtempSync(join(scene.folder, "watchtower-"));
      const [liar = assert.fail()] = scene.keys;
      nonce++;
      const attestations = await Promise.all(
        ["one history", "another"].map((text) => scene.attestation(liar, nonce, hashOf(text))),
      );
      const killed = await run(wallet, folder, attestations, step);
      assert.deepEqual([killed.signal, killed.stderr], ["SIGKILL", ""]);
      const again = await run(wallet, folder, attestations, "none");
      assert.deepEqual([again.code, again.stderr], [0, ""]);

      const logs = await slashing.queryFilter(slashing.filters.Punished(liar.publicKey));
      const punished = logs.filter(({ args }) => args.reporter === wallet.address);
      const committed = await slashing.queryFilter(slashing.filters.Committed(wallet.address));
      const claimed = await registry.queryFilter(registry.filters.RewardClaimed(wallet.address));
      assert.deepEqual([punished.length, committed.length, claimed.length], [1, 1, 1]);
      assert.equal(await registry.rewardOf(wallet.address), 0n);
      assert.equal(await scene.provider.getTransactionCount(wallet.address), 3);
    });
});
