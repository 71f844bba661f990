import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { JsonRpcSigner } from "ethers";
import { z } from "zod";
import { address, chainId } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { packTerms } from "../../../../relayer/escrow/core/terms.ts";
import { Silence, ZERO_ADDRESS } from "../../../../relayer/escrow/core/types.ts";
import { Outbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Outbox__factory.ts";
import { Escrow__factory } from "../../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { hashOf } from "../../support/bridge.ts";
import { repository, start } from "../../support/processes.ts";
import { SenderScene } from "../../support/sender-scene.ts";

const CHAIN = 4_341;
const ROUNDS = 4;
const program = join(repository, "test/relayer/support/indexing-program.ts");
const seller = "0x00000000000000000000000000000000000000B1";
const dump = z.array(z.array(z.string()));

let scene: SenderScene;
let outbox: string;
let escrow: string;
/** What an index says that nobody disturbed. */
let undisturbed: string;
const folder = mkdtempSync(join(tmpdir(), "dchat-indexing-"));
before(async () => {
  scene = await SenderScene.start(CHAIN);
  const buyer = await scene.rpc.provider.getSigner(0);
  [outbox, escrow] = await fill(buyer);
  undisturbed = (await run("undisturbed", "none")).stdout;
});
after(async () => {
  await scene.stop();
  rmSync(folder, { recursive: true });
});

/** Deploys an Outbox and an escrow contract, and uses both in block after block. */
async function fill(buyer: JsonRpcSigner): Promise<[outbox: string, escrow: string]> {
  const sender = await new Outbox__factory(buyer).deploy(scene.token, buyer.address); // governance is a contract
  const holder = await new Escrow__factory(buyer).deploy();
  await Promise.all([sender.waitForDeployment(), holder.waitForDeployment()]);
  const recipient = interoperableAddress(chainId.parse(1), address.parse(seller));
  const { timestamp } = (await scene.rpc.provider.getBlock("latest")) ?? assert.fail("a block");
  for (let round = 0; round < ROUNDS; round++) {
    await (await sender.sendMessage(recipient, "0x1234", [])).wait();
    const deliverBy = BigInt(timestamp) + 10_000n;
    const terms = {
      buyer: buyer.address,
      token: ZERO_ADDRESS,
      arbiter: ZERO_ADDRESS,
      amount: 1_000n,
      rules: {
        deliverBy,
        reviewFor: 100n,
        arbiterBy: deliverBy + 1_000n,
        defaultSplit: 5_000n,
        tip: 0n,
        onSilence: Silence.PaysSeller,
        salt: BigInt(round),
      },
      metadata: hashOf("agreement"),
      milestones: [],
      payees: [{ account: seller, share: 10_000n }],
    };
    await (await holder.create(packTerms(terms), { value: 1_000n })).wait();
    if (round % 2 === 0) await (await holder.release(packTerms(terms))).wait();
  }
  return [await sender.getAddress(), await holder.getAddress()];
}

function run(name: string, killAt: string) {
  const settings = { rpcUrl: scene.url, chainId: CHAIN, outbox, escrow, folder: join(folder, name), killAt };
  return start(process.execPath, [program, JSON.stringify(settings)]).ended;
}

describe("an indexer that is killed", () => {
  for (const killAt of ["before-append", "in-transaction", "after-append"])
    it(`${killAt}: has neither lost nor doubled a row after a restart`, { timeout: 120_000 }, async () => {
      const killed = await run(killAt, killAt);
      assert.deepEqual([killed.signal, killed.stderr], ["SIGKILL", ""]);
      const again = await run(killAt, "none");
      assert.deepEqual([again.code, again.stderr], [0, ""]);
      assert.deepEqual(dump.parse(JSON.parse(again.stdout)), dump.parse(JSON.parse(undisturbed)));
      const [messages = [], , , , , events = [], escrows = []] = dump.parse(JSON.parse(again.stdout));
      assert.deepEqual([messages.length, escrows.length], [ROUNDS, ROUNDS]);
      assert(events.length >= ROUNDS + ROUNDS / 2);
      assert.equal(escrows.filter((row) => row.includes('"state":"Released"')).length, ROUNDS / 2);
    });
});
