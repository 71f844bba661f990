import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { AbiCoder, concat, getBytes, JsonRpcSigner, keccak256, toBeHex } from "ethers";
import { bytes, hash } from "../../../../relayer/domain/ids.ts";
import { SqliteSigningRecords } from "../../../../relayer/bridge/adapters/signing-records.ts";
import { domainOf } from "../../../../relayer/domain/attestation.ts";
import { advance, laneFrom } from "../../../../relayer/domain/message.ts";
import { AgreeableVerifier__factory } from "../../../../types/ethers-contracts/factories/mocks/AgreeableVerifier__factory.ts";
import { BridgedToken__factory } from "../../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { Inbox__factory } from "../../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { hashOf } from "../../support/bridge.ts";
import { CheckerScene, type Sent } from "../../support/checker-scene.ts";
import { join } from "node:path";

const ONE = 10n ** 18n;

describe("the checker, on real chains", () => {
  let scene: CheckerScene;
  before(async () => {
    scene = await CheckerScene.start(4_611);
    const { home, away } = scene;
    // Honest work both ways: transfers, messages, batches, single deliveries.
    const first = [await scene.transfer(home, 5n * ONE), await scene.message(home, "0x01")];
    await scene.deliver(home, first);
    await scene.deliver(away, [await scene.transfer(away, 2n * ONE)]);
    await scene.deliver(home, [await scene.message(home, "0x02")]);
    await scene.remember();
  });
  after(() => scene.stop());
  afterEach(() => scene.restore());

  const rules = async () => [...new Set((await scene.check()).map(({ rule }) => rule))];

  it("finds nothing where everybody was honest", async () => {
    assert.deepEqual(await scene.check(), []);
  });

  it("finds nothing wrong with what is on its way and not due yet", async () => {
    await scene.transfer(scene.home, ONE);
    await scene.transfer(scene.away, ONE);
    assert.deepEqual(await scene.check({}, 0), []);
  });

  it("finds a message that was executed twice, by an Inbox whose lane was turned back", async () => {
    const { home, away } = scene;
    const before = await scene.head(home);
    const again = [await scene.message(home, "0x03")];
    const word = await scene.attest(home, before, again);
    await scene.deliver(home, again, word);
    await turnBack(before);
    await scene.deliver(home, again, word);
    assert.deepEqual(await rules(), ["execution-once"]);

    async function turnBack({ nonce, accumulator }: typeof before): Promise<void> {
      const { node, contracts } = away;
      const slot = await laneSlot();
      // One word has the Outbox and the nonce, the next the accumulator.
      const packed = (nonce << 160n) | BigInt(home.contracts.outbox);
      await node.provider.send("hardhat_setStorageAt", [contracts.inbox, toBeHex(slot), toBeHex(packed, 32)]);
      await node.provider.send("hardhat_setStorageAt", [contracts.inbox, toBeHex(slot + 1n), accumulator]);
      assert.deepEqual(await scene.head(home), before);
    }
  });

  /** Where the away Inbox keeps the lane from home: the first mapping with that Outbox in it. */
  async function laneSlot(): Promise<bigint> {
    const { node, contracts } = scene.away;
    for (let place = 0; place < 32; place++) {
      const key = AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [scene.home.id, place]);
      const slot = BigInt(keccak256(key));
      const word = await node.provider.getStorage(contracts.inbox, slot);
      if (word.slice(-40) === scene.home.contracts.outbox.slice(2).toLowerCase()) return slot;
    }
    return assert.fail("no lane");
  }

  it("finds a mint without a transfer, by a token whose bridge was impersonated", async () => {
    const { node, contracts, user } = scene.away;
    await node.provider.send("hardhat_impersonateAccount", [contracts.bridge]);
    await node.provider.send("hardhat_setBalance", [contracts.bridge, toBeHex(ONE)]);
    const token = BridgedToken__factory.connect(
      contracts.token,
      new JsonRpcSigner(node.provider, contracts.bridge),
    );
    await (await token.crosschainMint(await user.getAddress(), ONE)).wait();
    assert.deepEqual(await rules(), ["conservation"]);
  });

  it("finds a signature that is none, by an Inbox whose verifier agrees with everything", async () => {
    const { home, away } = scene;
    const sent = [await scene.message(home, "0x04")];
    const { set, signers, signature } = await scene.attest(home, await scene.head(home), sent);
    const junk = bytes.parse(concat([getBytes(signature).slice(0, 96), getBytes(signature).slice(0, 96)]));
    await away.node.provider.send("hardhat_setCode", [await singleVerifier(), await agreeableCode()]);
    await scene.deliver(home, sent, { set, signers, signature: junk });
    const found = await scene.check();
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ["quorum"],
    );
    assert.match(found[0]?.text ?? "", /do not verify.*1 members signed, of 3 of whom 2 are needed/);

    async function singleVerifier(): Promise<string> {
      return (await Inbox__factory.connect(away.contracts.inbox, away.user).verifiers()).single;
    }
    async function agreeableCode(): Promise<string> {
      const contract = await new AgreeableVerifier__factory(away.user).deploy();
      return away.node.provider.getCode(await (await contract.waitForDeployment()).getAddress());
    }
  });

  it("finds a message that nobody delivered", async () => {
    const lost = await scene.message(scene.home, "0x05");
    const [violation, ...others] = await scene.check();
    assert.deepEqual(others, []);
    assert.equal(violation?.rule, "executed-in-time");
    assert.match(violation.text, new RegExp(lost.id));
  });

  it("finds a message that an Inbox passed over", async () => {
    const { home, away } = scene;
    const before = await scene.head(home);
    const lost = await scene.message(home, "0x06");
    const next: Sent = await scene.message(home, "0x07");
    const head = advance(before, [lost.id]);
    const slot = await laneSlot();
    const packed = (head.nonce << 160n) | BigInt(home.contracts.outbox);
    const { provider } = away.node;
    await provider.send("hardhat_setStorageAt", [away.contracts.inbox, toBeHex(slot), toBeHex(packed, 32)]);
    await provider.send("hardhat_setStorageAt", [away.contracts.inbox, toBeHex(slot + 1n), head.accumulator]);
    await scene.deliver(home, [next]);
    assert.deepEqual(await rules(), ["lane-order", "executed-in-time"]);
  });

  it("finds two things that one validator signed, in two files of records", async () => {
    const { home, away } = scene;
    const [key] = scene.keys;
    assert.ok(key !== undefined);
    const file = join(scene.folder, "copy.sqlite");
    const copy = new SqliteSigningRecords(file, { create: true });
    await copy.checkAndRecord(key.publicKey, {
      domain: domainOf(away.id, away.contracts.inbox),
      lane: laneFrom(home.id, home.contracts.outbox, away.id).id,
      nonce: 2n,
      accumulator: hash.parse(hashOf("another")),
      epoch: 1n,
    });
    copy.close();
    const files = [...scene.sources().signingFiles, file];
    const found = await scene.check({ signingFiles: files });
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ["no-conflict"],
    );
    assert.match(found[0]?.text ?? "", new RegExp(`two accumulators.*signer-0.sqlite.*copy.sqlite`));
  });

  it("judges nothing without all evidence", async () => {
    await assert.rejects(scene.check({ signingFiles: [join(scene.folder, "none.sqlite")] }), {
      code: "EVIDENCE",
    });
  });
});
