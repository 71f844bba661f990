import { expect } from "chai";
import { AbiCoder } from "ethers";
import { address } from "../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../relayer/domain/interoperable-address.ts";
import { AWAY, ethers, lie, load, ZERO, ZERO_HASH } from "./slashing-world.ts";

/** A chain id for a home that is elsewhere. */
const ELSEWHERE = 5_555;

describe("LaneWitness", () => {
  it("establishes the head, and what folds to a known accumulator", async () => {
    const { world } = await load();
    const { ids, accumulators } = await world.send(5);
    await expect(world.witness.observe(AWAY))
      .to.emit(world.witness, "AccumulatorKnown")
      .withArgs(AWAY, 5, accumulators[5]);
    await world.send(1);
    for (const n of [3, 1]) {
      const known = n === 3 ? 5 : 3;
      await world.witness.prove(AWAY, n, accumulators[n] ?? "", ids.slice(n, known));
      expect(await world.witness.accumulatorAt(AWAY, n)).to.equal(accumulators[n]);
    }
    expect(await world.witness.accumulatorAt(AWAY, 7)).to.equal(ZERO_HASH);
    await expect(world.witness.accumulatorAt(AWAY, 4))
      .to.be.revertedWithCustomError(world.witness, "NotKnown")
      .withArgs(AWAY, 4);
  });

  it("believes nobody", async () => {
    const { world } = await load();
    const { ids, accumulators } = await world.send(3);
    const attempts: [number, string, string[]][] = [
      [2, lie("acc(2)"), ids.slice(2)],
      [2, accumulators[2] ?? "", [lie("an id")]],
      [1, accumulators[1] ?? "", ids.slice(1).toReversed()],
      [2, accumulators[1] ?? "", ids.slice(1)],
      [0, ZERO_HASH, ids],
      [4, ZERO_HASH, []],
    ];
    for (const [nonce, accumulator, later] of attempts)
      await expect(world.witness.prove(AWAY, nonce, accumulator, later)).to.be.revertedWithCustomError(
        world.witness,
        "NotFolding",
      );
    await expect(
      world.witness.prove(AWAY, 1, accumulators[1] ?? "", ids.slice(1, 2)),
    ).to.be.revertedWithCustomError(world.witness, "NotKnown");
    await expect(world.witness.observe(1)).to.be.revertedWithCustomError(world.witness, "LaneNotReached");
  });

  it("tells the home chain through its Outbox what is known, and what is not reached", async () => {
    const { world } = await load();
    const slashing = address.parse(await world.slashing.getAddress());
    const witness = await ethers.deployContract("LaneWitness", [world.outbox, ELSEWHERE, slashing]);
    const { accumulators } = await world.send(2);
    const payload = (nonce: number, accumulator: string, signatureHash: string) =>
      AbiCoder.defaultAbiCoder().encode(
        ["uint256", "uint64", "bytes32", "bytes32", "address"],
        [AWAY, nonce, accumulator, signatureHash, world.outbox.target],
      );
    const sent = await witness.report(AWAY, 2);
    const [log] = await world.outbox.queryFilter(world.outbox.filters.MessageSent(), sent.blockNumber ?? 0);
    expect(log?.args.payload).to.equal(payload(2, accumulators[2] ?? "", ZERO_HASH));
    expect(log?.args.recipient).to.equal(interoperableAddress(ELSEWHERE as never, slashing));
    await expect(witness.reportUnreached(AWAY, 3, lie("signature")))
      .to.emit(witness, "FactReported")
      .withArgs(AWAY, 3, ZERO_HASH, lie("signature"), (id: string) => id.length === 66);

    await expect(witness.report(AWAY, 3))
      .to.be.revertedWithCustomError(witness, "LaneNotReached")
      .withArgs(3, 2);
    await expect(witness.report(AWAY, 1)).to.be.revertedWithCustomError(witness, "NotKnown");
    await expect(witness.reportUnreached(AWAY, 2, lie("signature")))
      .to.be.revertedWithCustomError(witness, "LaneReached")
      .withArgs(2, 2);
    // At home it is asked, and sends nothing.
    await expect(world.witness.report(AWAY, 2)).to.be.revertedWithCustomError(
      world.outbox,
      "DestinationIsOrigin",
    );
  });

  it("is not deployed without an Outbox or a slashing contract", async () => {
    const { world } = await load();
    for (const [outbox, home, slashing] of [
      [ZERO, 1, world.slashing.target],
      [world.outbox.target, 1, ZERO],
      [world.outbox.target, 0, world.slashing.target],
    ])
      await expect(
        ethers.deployContract("LaneWitness", [outbox ?? ZERO, home ?? 0, slashing ?? ZERO]),
      ).to.be.revertedWithCustomError(world.witness, "InvalidWitness");
  });
});
