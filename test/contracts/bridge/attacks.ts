import { expect } from "chai";
import { AbiCoder, concat, getBytes, hexlify, id as keccakOfText, keccak256 } from "ethers";
import { network } from "hardhat";
import { domainOf } from "../../../relayer/domain/attestation.ts";
import { laneFrom } from "../../../relayer/domain/message.ts";
import { encodeSet } from "../../../relayer/domain/validator-set.ts";
import { sign, withHint } from "../../../relayer/domain/ed25519.ts";
import { address, chainId } from "../../../relayer/domain/ids.ts";
import { bitmapOf, HERE, ORIGIN, OUTBOX, quorumOf, TestLane } from "./fixture.ts";
import { deployInboxWorld, ethers, load, networkHelpers, set, validators } from "./Inbox/environment.ts";

const abi = AbiCoder.defaultAbiCoder();
const other = chainId.parse(4_711);

describe("Attacks: replay", () => {
  it("across chains and forks: an Inbox at the same address on a chain with another id refuses the attestation", async () => {
    // Two chains that began alike: the same accounts did the same things.
    const twins = await Promise.all([HERE, other].map((id) => network.create({ override: { chainId: id } })));
    const [here, fork] = await Promise.all(twins.map((twin) => deployInboxWorld(twin.ethers)));
    if (here === undefined || fork === undefined) throw new Error("two chains");
    const inboxAddress = address.parse(await here.inbox.getAddress());
    expect(await fork.inbox.getAddress()).to.equal(inboxAddress);
    const lane = new TestLane(inboxAddress, validators, set);
    lane.send(await here.counter.getAddress());
    const quorum = lane.attest([0, 1]);
    await here.inbox.deliver(ORIGIN, 1, lane.messages, [], quorum);
    await expect(fork.inbox.deliver(ORIGIN, 1, lane.messages, [], quorum)).to.be.revertedWithCustomError(
      fork.inbox,
      "InvalidMemberSignature",
    );
  });

  it("across contracts: another Inbox on the same chain refuses the attestation", async () => {
    const { inbox, deployInbox, counter, lane } = await load();
    const second = await deployInbox(encodeSet(set));
    lane.send(await counter.getAddress());
    await inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1]));
    await expect(
      second.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1])),
    ).to.be.revertedWithCustomError(second, "InvalidMemberSignature");
  });

  it("across versions: what another version of the attestation says is refused", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress());
    const { domain, lane: laneId, nonce, accumulator } = lane.statement();
    const typehash = keccakOfText(
      "dchat.Attestation/2(bytes32 domain,bytes32 lane,uint64 nonce,bytes32 accumulator,uint64 epoch)",
    );
    const digest = keccak256(
      abi.encode(
        ["bytes32", "bytes32", "bytes32", "uint64", "bytes32", "uint64"],
        [typehash, domain, laneId, nonce, accumulator, set.epoch],
      ),
    );
    const signatures = validators.slice(0, 2).map((v) => withHint(sign(getBytes(digest), v.secretKey)));
    const quorum = { set: encodeSet(set), signers: bitmapOf([0, 1]), signature: concat(signatures) };
    await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], quorum)).to.be.revertedWithCustomError(
      inbox,
      "InvalidMemberSignature",
    );
  });

  it("across lanes: what was attested to one lane is refused on another", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress());
    const elsewhere = [
      laneFrom(other, OUTBOX, HERE),
      laneFrom(ORIGIN, OUTBOX, other),
      laneFrom(ORIGIN, address.parse(await inbox.getAddress()), HERE),
    ];
    for (const { id } of elsewhere)
      await expect(
        inbox.deliver(
          ORIGIN,
          1,
          lane.messages,
          [],
          quorumOf(set, validators, [0, 1], { ...lane.statement(), lane: id }),
        ),
      ).to.be.revertedWithCustomError(inbox, "InvalidMemberSignature");
  });

  it("across nonces: the same accumulator at another place of the lane is refused", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress());
    const quorum = quorumOf(set, validators, [0, 1], { ...lane.statement(), nonce: 2n });
    await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], quorum)).to.be.revertedWithCustomError(
      inbox,
      "InvalidMemberSignature",
    );
  });
});

describe("Attacks: a message that calls a privileged contract of the bridge (Poly)", () => {
  it("reaches nobody but by receiveMessage, which none of them has", async () => {
    const { inbox, verifiers, keySets, governance, guardian, lane, deployInbox } = await load();
    const outbox = await ethers.deployContract("Outbox", [governance, guardian.address]);
    const token = await ethers.deployContract("BridgedToken", ["T", "T", 18, await inbox.getAddress()]);
    const privileged = [inbox, outbox, token, governance, keySets, ...Object.values(verifiers)];
    const payloads = [
      inbox.interface.encodeFunctionData("setGuardian", [OUTBOX]),
      token.interface.encodeFunctionData("crosschainMint", [OUTBOX, 1_000n]),
      inbox.interface.encodeFunctionData("executeRecovery", [encodeSet(set)]),
    ];
    for (const contract of [...privileged, await deployInbox(encodeSet(set))])
      for (const payload of payloads) lane.send(await contract.getAddress(), { payload });
    await inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1]), { gasLimit: 16_000_000n });
    for (const id of lane.ids) expect(await inbox.isFailed(id)).to.equal(true);
    expect(await token.totalSupply()).to.equal(0n);
    expect(await inbox.guardian()).to.equal(guardian.address);
    expect(await inbox.currentEpoch()).to.equal(1n);
  });
});

describe("Attacks: forged or non-canonical encodings (BSC)", () => {
  it("a delivery that differs in a single byte is refused, or means the same", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { count: 2, payload: `0x${"ab".repeat(40)}` });
    const data = getBytes(
      inbox.interface.encodeFunctionData("deliver", [ORIGIN, 1, lane.messages, [], lane.attest([0, 2])]),
    );
    const [caller] = await ethers.getSigners();
    const snapshot = await networkHelpers.takeSnapshot();
    /** What a delivery did: its logs, or undefined where it was refused. */
    async function effect(calldata: Uint8Array): Promise<string | undefined | null> {
      await snapshot.restore();
      const call = { to: await inbox.getAddress(), data: hexlify(calldata), gasLimit: 2_000_000n };
      const sent = await caller?.sendTransaction(call).catch(() => undefined);
      const receipt = await sent?.wait();
      return receipt && JSON.stringify(receipt.logs.map(({ topics, data }) => [topics, data]));
    }
    const expected = await effect(data);
    expect(expected).to.be.a("string");
    let same = 0;
    // Every third byte, which is every bit of the words in turn: each run is a transaction.
    for (let i = 0; i < data.length; i += 3) {
      const changed = Uint8Array.from(data);
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
      const actual = await effect(changed);
      expect(actual ?? expected, `byte ${i}`).to.equal(expected);
      if (typeof actual === "string") same++;
    }
    // Bytes that pad the payloads to words, and offsets of the empty list that then point to another zero.
    expect(same).to.be.within(16, 45);
  });

  it("calldata that ends too early is refused, wherever it is cut", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { payload: `0x${"ab".repeat(64)}` });
    const data = inbox.interface.encodeFunctionData("deliver", [
      ORIGIN,
      1,
      lane.messages,
      [],
      lane.attest([0, 2]),
    ]);
    const to = await inbox.getAddress();
    for (let length = 2; length < data.length; length += 2)
      await expect(ethers.provider.call({ to, data: data.slice(0, length) })).to.be.revertedWithoutReason(
        ethers,
      );
  });

  it("an accumulator or domain of zero convinces nobody", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress());
    const zero = ethers.ZeroHash as never;
    for (const change of [{ accumulator: zero }, { domain: zero }, { lane: zero }, { nonce: 0n }])
      await expect(
        inbox.deliver(
          ORIGIN,
          1,
          lane.messages,
          [],
          quorumOf(set, validators, [0, 1], { ...lane.statement(), ...change }),
        ),
      ).to.be.revertedWithCustomError(inbox, "InvalidMemberSignature");
    expect(domainOf(HERE, address.parse(await inbox.getAddress()))).to.equal(await inbox.domain());
  });
});
