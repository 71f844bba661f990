import { expect } from "chai";
import { network } from "hardhat";
import { advance, emptyLane, laneFrom, messageIdOf } from "../../../relayer/domain/message.ts";
import { address, bytes, chainId } from "../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../relayer/domain/interoperable-address.ts";
import { deployGovernance, HERE } from "./fixture.ts";

const { ethers, networkHelpers } = await network.create();
const sender = await ethers.provider.getSigner(0);
const DESTINATION = chainId.parse(4_242);
const recipient = address.parse("0x00000000000000000000000000000000000000C3");
const to = interoperableAddress(DESTINATION, recipient);
const gasLimitAttribute = (gas: bigint) =>
  ethers.concat([ethers.id("gasLimit(uint256)").slice(0, 10), ethers.toBeHex(gas, 32)]);

async function deploy() {
  return ethers.deployContract("Outbox", [await deployGovernance(ethers), sender.address]);
}

describe("Outbox.sendMessage", () => {
  it("gives nonce, id and accumulator as the TypeScript core computes them", async () => {
    const outbox = await networkHelpers.loadFixture(deploy);
    const lane = laneFrom(HERE, address.parse(await outbox.getAddress()), DESTINATION);
    expect(await outbox.laneTo(DESTINATION)).to.equal(lane.id);
    let head = emptyLane;
    for (const [payload, attributes, gasLimit] of [
      ["0x", [], 200_000n],
      ["0xdeadbeef", [gasLimitAttribute(20_000n)], 20_000n],
      [ethers.hexlify(ethers.randomBytes(8_192)), [gasLimitAttribute(5_000_000n)], 5_000_000n],
    ] as const) {
      const content = {
        nonce: head.nonce + 1n,
        sender: address.parse(sender.address),
        recipient,
        gasLimit,
        payload: bytes.parse(payload),
      };
      const id = messageIdOf(lane.id, content);
      head = advance(head, [id]);
      expect(await outbox.sendMessage.staticCall(to, payload, [...attributes])).to.equal(id);
      await expect(outbox.sendMessage(to, payload, [...attributes]))
        .to.emit(outbox, "MessageSent")
        .withArgs(id, interoperableAddress(HERE, content.sender), to, payload, 0n, [...attributes])
        .and.to.emit(outbox, "LaneAdvanced")
        .withArgs(DESTINATION, head.nonce, id, head.accumulator);
      expect(await outbox.lanes(DESTINATION)).to.deep.equal([head.nonce, head.accumulator]);
    }
  });

  it("keeps the lanes of different destinations apart", async () => {
    const outbox = await networkHelpers.loadFixture(deploy);
    await outbox.sendMessage(to, "0x", []);
    await outbox.sendMessage(interoperableAddress(chainId.parse(4_243), recipient), "0x", []);
    expect((await outbox.lanes(DESTINATION)).nonce).to.equal(1n);
    expect((await outbox.lanes(4_243)).nonce).to.equal(1n);
  });

  const refusals: [string, string, string, string[], bigint, string][] = [
    ["native value", to, "0x", [], 1n, "ValueNotSupported"],
    ["a payload that is too long", to, `0x${"00".repeat(8_193)}`, [], 0n, "PayloadTooLong"],
    ["an empty recipient", "0x", "0x", [], 0n, "InvalidRecipient"],
    [
      "the zero address",
      interoperableAddress(DESTINATION, address.parse(ethers.ZeroAddress)),
      "0x",
      [],
      0n,
      "InvalidRecipient",
    ],
    ["trailing bytes after the recipient", `${to}00`, "0x", [], 0n, "InvalidRecipient"],
    ["a truncated recipient", to.slice(0, -2), "0x", [], 0n, "InvalidRecipient"],
    [
      "a chain reference with leading zeros",
      ethers.concat(["0x00010000", "0x03", "0x001092", "0x14", recipient]),
      "0x",
      [],
      0n,
      "InvalidRecipient",
    ],
    ["another chain type", to.replace("0x00010000", "0x00010002"), "0x", [], 0n, "InvalidRecipient"],
    ["another version", to.replace("0x0001", "0x0002"), "0x", [], 0n, "InvalidRecipient"],
    ["this very chain", interoperableAddress(HERE, recipient), "0x", [], 0n, "DestinationIsOrigin"],
    ["an unknown attribute", to, "0x", ["0x12345678"], 0n, "UnsupportedAttribute"],
    ["an attribute without selector", to, "0x", ["0x1234"], 0n, "MalformedAttribute"],
    [
      "a gas limit that is too short",
      to,
      "0x",
      [gasLimitAttribute(50_000n).slice(0, -2)],
      0n,
      "MalformedAttribute",
    ],
    [
      "a second attribute",
      to,
      "0x",
      [gasLimitAttribute(50_000n), gasLimitAttribute(50_000n)],
      0n,
      "MalformedAttribute",
    ],
    ["too little gas", to, "0x", [gasLimitAttribute(19_999n)], 0n, "GasLimitOutOfRange"],
    ["too much gas", to, "0x", [gasLimitAttribute(5_000_001n)], 0n, "GasLimitOutOfRange"],
  ];
  for (const [what, recipientBytes, payload, attributes, value, error] of refusals)
    it(`refuses ${what} and leaves the lane alone`, async () => {
      const outbox = await networkHelpers.loadFixture(deploy);
      await expect(
        outbox.sendMessage(recipientBytes, payload, attributes, { value }),
      ).to.be.revertedWithCustomError(outbox, error);
      expect((await outbox.lanes(DESTINATION)).nonce).to.equal(0n);
    });

  it("sends nothing while the guardian has paused it, and goes on by itself", async () => {
    const outbox = await networkHelpers.loadFixture(deploy);
    await outbox.pause();
    const until = await outbox.pausedUntil();
    await expect(outbox.sendMessage(to, "0x", []))
      .to.be.revertedWithCustomError(outbox, "Paused")
      .withArgs(until);
    await networkHelpers.time.increaseTo(until);
    await outbox.sendMessage(to, "0x", []);
    expect((await outbox.lanes(DESTINATION)).nonce).to.equal(1n);
  });

  it("supports the gas limit attribute and no other", async () => {
    const outbox = await networkHelpers.loadFixture(deploy);
    expect(await outbox.supportsAttribute(ethers.id("gasLimit(uint256)").slice(0, 10))).to.equal(true);
    expect(await outbox.supportsAttribute("0x00000000")).to.equal(false);
  });
});
