import { expect } from "chai";
import { keccak256, ZeroHash } from "ethers";
import { digestOf, domainOf } from "../../../../relayer/domain/attestation.ts";
import { laneFrom } from "../../../../relayer/domain/message.ts";
import { hash } from "../../../../relayer/domain/ids.ts";
import { LaneWitness__factory } from "../../../../types/ethers-contracts/factories/bridge/LaneWitness__factory.ts";
import { evidenceHashOf } from "../evidence.ts";
import { type Chains, openChains, pass } from "./chains.ts";
import { take } from "./steps.ts";

describe("Evidence about another chain, carried home by the bridge itself", () => {
  let chains: Chains;
  before(async () => {
    chains = await openChains();
  });
  after(async () => {
    await chains.close();
  });

  it("a false proof about the other chain's Outbox costs the whole bond, once the time for a veto is over", async () => {
    const { home, away, registry, slashing, keys } = chains;
    const [liar] = keys;
    if (liar === undefined) throw new Error("no key");
    // What was sent on the other chain, and what the validator says was sent.
    await take({ kind: "message", flip: true, mode: 0 }, chains);
    const lane = laneFrom(away.chainId, away.deployment.outbox, home.chainId).id;
    const place = { domain: domainOf(home.chainId, home.deployment.inbox), lane, nonce: 1n };
    const accumulator = hash.parse(keccak256("0x6c6965"));
    const signature = await liar.sign(digestOf({ ...place, accumulator, epoch: 1n }));

    // The witness there establishes the truth and sends it home, as a message like any other.
    const witness = LaneWitness__factory.connect(away.deployment.witness, await away.provider.getSigner(0));
    await (await witness.observe(home.chainId)).wait();
    await (await witness.report(home.chainId, 1)).wait();
    await take({ kind: "deliver", flip: true, most: 5, absent: 5 }, chains);
    const truth = await away.origin.advance(lane, 1n);
    expect(await slashing.factOf(lane, 1)).to.equal(truth?.accumulator);

    const evidence = {
      key: liar.publicKey,
      place,
      originChainId: away.chainId,
      outbox: away.deployment.outbox,
      signed: { accumulator, epoch: 1n, signature },
    };
    const evidenceHash = evidenceHashOf("FalseProof", evidence);
    await (await slashing.commit(await slashing.commitmentOf(evidenceHash, home.holder, ZeroHash))).wait();
    await home.provider.send("evm_mine", []);
    await (await slashing.submitFalseProof(evidence, ZeroHash)).wait();

    const bond = await registry.MINIMUM_BOND();
    expect((await registry.validatorOf(liar.publicKey)).bond).to.equal(bond);
    await pass([home, away], Number(await slashing.VETO_WINDOW()));
    await (await slashing.execute(await slashing.pendingCount())).wait();
    const { bond: left, isTombstoned } = await registry.validatorOf(liar.publicKey);
    expect([left, isTombstoned]).to.deep.equal([0n, true]);
  });
});
