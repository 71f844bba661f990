/*
Who tries what, and what comes of it. Elsewhere, by the names of the attacks: replayed, expired, foreign and other
epochs' evidence, other signatures (doubleSigning.ts); bare junk (invalidSignature.ts); messages from strangers (falseProof.ts);
framing and captured quorums (downtime.ts); exits (pending.ts); keys and operators (ValidatorRegistry/).

evidence stolen from the pool: without a commitment of one's own, or with a copy of the reporter's, refused
a commitment of the same block, or too old, or used: refused
reentrancy through the bond's token and native payouts: refused
a reporter or treasury that cannot be paid: never blocks a slash
an honest validator that lived through a reorg: nothing that it signed is evidence
*/
import { expect } from "chai";
import { getBytes, hexlify } from "ethers";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { decide, type SignedRecord } from "../../../../relayer/bridge/core/protection.ts";
import { sign } from "../../../../relayer/domain/ed25519.ts";
import { address, bytes, type Hash } from "../../../../relayer/domain/ids.ts";
import {
  account,
  AWAY,
  COMMIT_LIFE,
  deployWorld,
  ethers,
  HOME,
  lie,
  load,
  MINIMUM,
  networkHelpers,
  PERIODS,
  reporter,
  thief,
  validator,
  type World,
  ZERO,
  ZERO_HASH,
} from "../slashing-world.ts";

const { time } = networkHelpers;
const CALLS = 4; // MisbehavingAccount.Mood.Calls

async function caught(world: World, i = 0) {
  const place = await world.place(7);
  return {
    key: validator(i).key,
    place,
    first: world.signed(i, place, lie("a")),
    second: world.signed(i, place, lie("b")),
  };
}

describe("Slashing: thieves", () => {
  it("evidence stolen from the pool is useless to the thief", async () => {
    const { world } = await load();
    const evidence = await caught(world);
    const commitment = world.commitment("DoubleSigning", evidence);
    await world.slashing.connect(reporter).commit(commitment);
    // The thief copies the commitment when it appears, and the evidence when that does.
    await world.slashing.connect(thief).commit(commitment);
    const own = world.commitment("DoubleSigning", evidence, ZERO_HASH, thief.address);
    await expect(world.slashing.connect(thief).submitDoubleSigning(evidence, ZERO_HASH))
      .to.be.revertedWithCustomError(world.slashing, "NotCommitted")
      .withArgs(own);
    // Or renews the reporter's to make it too young: commitments are kept by caller.
    await world.slashing.connect(thief).commit(commitment);
    await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
    expect(await world.registry.rewardOf(thief)).to.equal(0n);
    expect(await world.registry.rewardOf(reporter)).to.equal((MINIMUM * 5n) / 1_000n);
  });

  it("evidence stolen from the pool is too young in the block where it is seen", async () => {
    const { world } = await load();
    const evidence = await caught(world);
    const attempts = await ethers.deployContract("MisbehavingAccount", [ZERO]);
    // Commit and submission in one block, by a contract whose calls come one after the other.
    await ethers.provider.send("evm_setAutomine", [false]);
    const by = await attempts.getAddress();
    const { interface: calls } = world.slashing;
    const commitment = world.commitment("DoubleSigning", evidence, ZERO_HASH, by);
    const first = await attempts.execute(
      world.slashing,
      0,
      calls.encodeFunctionData("commit", [commitment]),
      {
        gasLimit: 200_000,
      },
    );
    const second = await attempts.execute(
      world.slashing,
      0,
      calls.encodeFunctionData("submitDoubleSigning", [evidence, ZERO_HASH]),
      { gasLimit: 1_000_000 },
    );
    await ethers.provider.send("evm_mine", []);
    await ethers.provider.send("evm_setAutomine", [true]);
    const receipts = await Promise.all(
      [first, second].map(({ hash }) => ethers.provider.getTransactionReceipt(hash)),
    );
    expect(receipts.map((receipt) => receipt?.status)).to.deep.equal([1, 0]);
    expect(receipts[0]?.blockNumber).to.equal(receipts[1]?.blockNumber);
  });

  it("finds commitments too old, used, or of another salt to be none", async () => {
    const { world } = await load();
    const evidence = await caught(world);
    const submit = (salt = ZERO_HASH) => world.slashing.connect(reporter).submitDoubleSigning(evidence, salt);
    await world.commit("DoubleSigning", evidence);
    await expect(submit(lie("salt"))).to.be.revertedWithCustomError(world.slashing, "NotCommitted");
    await time.increase(COMMIT_LIFE);
    await expect(submit()).to.be.revertedWithCustomError(world.slashing, "CommitmentNotRipe");
    await world.commit("DoubleSigning", evidence);
    await submit();
    await expect(submit()).to.be.revertedWithCustomError(world.slashing, "NotCommitted");
  });
});

describe("ValidatorRegistry: reentrancy", () => {
  /** An operator that is a contract and calls back when it is paid. */
  async function operated(isNative: boolean) {
    const world = await deployWorld({ isNative });
    const operator = await ethers.deployContract("MisbehavingAccount", [ZERO]);
    const at = await operator.getAddress();
    const { interface: calls } = world.registry;
    const act = (data: string, value = 0n) => operator.execute(world.registry, value, data, { value });
    await world.govern(calls.encodeFunctionData("setOperator", [at, 2]));
    await world.token.transfer(operator, 10n * MINIMUM);
    await operator.execute(
      world.token,
      0,
      world.token.interface.encodeFunctionData("approve", [world.registry.target, 10n * MINIMUM]),
    );
    const admission = await world.admission(9, at);
    await act(calls.encodeFunctionData("join", [admission]), isNative ? MINIMUM : 0n);
    const { key } = admission;
    const withdraw = calls.encodeFunctionData("withdraw", [key, at]);
    await act(calls.encodeFunctionData("exit", [key]));
    await time.increase(PERIODS.unbonding);
    return { world, operator, at, calls, act, key, withdraw };
  }

  for (const isNative of [false, true]) {
    it(`through ${isNative ? "a native payout" : "the bond token"} is refused, and the bond is paid once`, async () => {
      const { world, operator, at, act, withdraw } = await operated(isNative);
      await world.token.setHooked(at, true);
      await operator.setCall(world.registry, withdraw);
      await operator.setMood(CALLS);
      const guard = world.registry.interface.getError("ReentrancyGuardReentrantCall")?.selector;
      const sent = await act(withdraw);
      await expect(sent).to.emit(operator, "Called").withArgs(false, guard);
      const paid = isNative ? await ethers.provider.getBalance(at) : await world.token.balanceOf(at);
      expect(paid).to.equal(isNative ? MINIMUM : 10n * MINIMUM);
      expect((await world.registry.funds()).held).to.equal(0n);
    });
  }

  it("through the bond token while joining is refused", async () => {
    const { world, operator, at, calls, act } = await operated(false);
    const admission = await world.admission(10, at);
    await world.token.setHooked(at, true);
    await operator.setCall(world.registry, calls.encodeFunctionData("topUp", [admission.key, 1]));
    await operator.setMood(CALLS);
    const guard = world.registry.interface.getError("ReentrancyGuardReentrantCall")?.selector;
    await expect(act(calls.encodeFunctionData("join", [admission])))
      .to.emit(operator, "Called")
      .withArgs(false, guard);
    expect((await world.registry.validatorOf(admission.key)).bond).to.equal(MINIMUM);
  });

  it("does not let a payee that refuses payment block a slash: rewards are pulled", async () => {
    const world = await deployWorld({ isNative: true });
    const operator = await account(6);
    for (const i of [0, 1, 2, 3]) {
      const owner = await account(6 + i);
      await world.registry.connect(owner).join(await world.admission(i, owner.address), { value: MINIMUM });
    }
    await world.registry.formSet([0, 1, 2, 3].map((i) => validator(i).key).sort(), []);
    const rejecting = await ethers.deployContract("MisbehavingAccount", [ZERO]);
    await rejecting.setMood(1);
    const evidence = await caught(world);
    const by = await rejecting.getAddress();
    const { interface: calls } = world.slashing;
    const commitment = world.commitment("DoubleSigning", evidence, ZERO_HASH, by);
    await rejecting.execute(world.slashing, 0, calls.encodeFunctionData("commit", [commitment]));
    await rejecting.execute(
      world.slashing,
      0,
      calls.encodeFunctionData("submitDoubleSigning", [evidence, ZERO_HASH]),
    );
    const reward = (MINIMUM * 5n) / 1_000n;
    expect(await world.registry.rewardOf(by)).to.equal(reward);
    const claim = (to: string) => world.registry.interface.encodeFunctionData("claimReward", [to]);
    await expect(rejecting.execute(world.registry, 0, claim(by))).to.be.revertedWithCustomError(
      rejecting,
      "Rejected",
    );
    await expect(rejecting.execute(world.registry, 0, claim(operator.address))).to.changeEtherBalance(
      ethers,
      operator,
      reward,
    );
  });
});

describe("Slashing: the honest", () => {
  it("an honest validator that lived through a reorg has signed nothing that is evidence", async () => {
    const { world } = await load();
    const outbox = address.parse(await world.outbox.getAddress());
    const signedFor = new Map<string, SignedRecord>();
    const signatures: { nonce: bigint; accumulator: Hash; epoch: bigint }[] = [];
    /** The signer's rule: what is not final is not signed, and never a second accumulator for a place. */
    const attest = async (nonce: bigint, accumulator: Hash, isFinal: boolean, epoch = 1n) => {
      const place = await world.place(nonce);
      const name = `${place.domain}/${place.lane}/${nonce}`;
      if (!isFinal) return "waits";
      const { kind } = decide(
        { ...place, accumulator, epoch },
        {
          record: signedFor.get(name),
          lowWaterMark: 0n,
        },
      );
      if (kind === "sign") {
        signedFor.set(name, { accumulator });
        signatures.push({ nonce, accumulator, epoch });
      }
      return kind;
    };

    // Messages of a fork that is not final yet, and that a reorganisation replaces.
    const fork = await networkHelpers.takeSnapshot();
    const orphaned = await world.send(2);
    expect(await attest(2n, orphaned.accumulators[2] ?? lie("none"), false)).to.equal("waits");
    await fork.restore();
    await world.outbox
      .connect(thief)
      .sendMessage("0x00010000021e6114" + "00000000000000000000000000000000000000a3", "0x99", []);
    const [, first] = await world.outbox.lanes(AWAY);
    await world.outbox.sendMessage(
      "0x00010000021e6114" + "00000000000000000000000000000000000000a3",
      "0x98",
      [],
    );
    const [, second] = await world.outbox.lanes(AWAY);
    const [acc1, acc2] = [first as Hash, second as Hash];
    expect(acc2).not.to.equal(orphaned.accumulators[2]);
    expect(await attest(2n, acc2, true)).to.equal("sign");
    // A node that still shows the fork as final: refused. The next set asks for the same point again: the same accumulator.
    expect(await attest(2n, orphaned.accumulators[2] ?? lie("none"), true)).to.equal("conflict");
    await time.increase(PERIODS.epochLength);
    await world.form();
    expect(await attest(2n, acc2, true, 2n)).to.equal("sign");
    expect(signatures).to.have.length(2);
    expect(acc1).not.to.equal(acc2);

    // Whatever is made of the two signatures proves nothing.
    const place = await world.place(2);
    const key = validator(0).key;
    const [one, two] = [world.signed(0, place, acc2), world.signed(0, place, acc2, { epoch: 2n })];
    const double = { key, place, first: one, second: two };
    await world.commit("DoubleSigning", double);
    await expect(
      world.slashing.connect(reporter).submitDoubleSigning(double, ZERO_HASH),
    ).to.be.revertedWithCustomError(world.slashing, "SameAccumulator");
    for (const signed of [one, two]) {
      const lying = { key, place, originChainId: HOME, outbox, signed };
      await world.commit("FalseProof", lying);
      await expect(
        world.slashing.connect(reporter).submitFalseProof(lying, ZERO_HASH),
      ).to.be.revertedWithCustomError(world.slashing, "StatementIsTrue");
    }
    const digest = getBytes(digestOf({ ...place, accumulator: acc2, epoch: 1n }));
    const inner = bytes.parse(hexlify(sign(digest, validator(0).secretKey)));
    const envelope = world.envelope(0, place, acc2, inner);
    await world.commit("InvalidSignature", envelope);
    await expect(
      world.slashing.connect(reporter).submitInvalidSignature(envelope, ZERO_HASH),
    ).to.be.revertedWithCustomError(world.slashing, "InnerSignatureIsValid");
  });
});
