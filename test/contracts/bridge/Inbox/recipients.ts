import { expect } from "chai";
import { ORIGIN } from "../fixture.ts";
import { ethers, load } from "./environment.ts";

const MODE = {
  accept: 0,
  revert: 1,
  burnGas: 2,
  revertWithBomb: 3,
  returnBomb: 4,
  wrongMagic: 5,
  reenter: 6,
} as const;

describe("Inbox: recipients that misbehave", () => {
  for (const mode of ["revert", "burnGas", "revertWithBomb", "returnBomb", "wrongMagic"] as const)
    it(`keeps a message whose recipient does ${mode}, executes those around it, and lets anybody retry it`, async () => {
      const { inbox, counter, rogue, lane } = await load();
      await rogue.setMode(MODE[mode]);
      lane.send(await counter.getAddress());
      lane.send(await rogue.getAddress());
      lane.send(await counter.getAddress());
      const [before, failed, after] = lane.ids;
      const call = inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1]));
      await expect(call).to.emit(inbox, "MessageExecuted").withArgs(before, ORIGIN, 1);
      await expect(call).to.emit(inbox, "MessageFailed");
      await expect(call).to.emit(inbox, "MessageExecuted").withArgs(after, ORIGIN, 3);
      const [log] = await inbox.queryFilter(inbox.filters.MessageFailed(failed));
      expect(ethers.dataLength(log?.args.reason ?? "0x")).to.be.at.most(256);
      expect(await inbox.isFailed(failed ?? "")).to.equal(true);

      const message = lane.messages[1] ?? expect.fail();
      await expect(inbox.retry(ORIGIN, 2, message, { gasLimit: 400_000 })).to.be.revertedWithCustomError(
        inbox,
        "RetryFailed",
      );
      expect(await inbox.isFailed(failed ?? "")).to.equal(true);
      await rogue.setMode(MODE.accept);
      await expect(inbox.retry(ORIGIN, 2, message))
        .to.emit(inbox, "MessageExecuted")
        .withArgs(failed, ORIGIN, 2);
      expect(await rogue.count()).to.equal(1n);
      await expect(inbox.retry(ORIGIN, 2, message)).to.be.revertedWithCustomError(inbox, "NotRetryable");
    });

  it("keeps a message to an account without code", async () => {
    const { inbox, lane } = await load();
    lane.send("0x000000000000000000000000000000000000dEaD");
    await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1])))
      .to.emit(inbox, "MessageFailed")
      .withArgs(lane.ids[0], ORIGIN, 1, "0x");
  });

  it("refuses a recipient's way back into deliver and retry", async () => {
    for (const entry of ["deliver", "retry"] as const) {
      const { inbox, rogue, lane } = await load();
      lane.send(await rogue.getAddress(), { gasLimit: 3_000_000n });
      lane.send(await rogue.getAddress());
      const data =
        entry === "deliver"
          ? inbox.interface.encodeFunctionData("deliver", [
              ORIGIN,
              2,
              lane.messages.slice(1),
              [],
              lane.attest([0, 1]),
            ])
          : inbox.interface.encodeFunctionData("retry", [ORIGIN, 1, lane.messages[0] ?? expect.fail()]);
      await rogue.setReentry(data);
      await rogue.setMode(MODE.reenter);
      const call = inbox.deliver(
        ORIGIN,
        1,
        lane.messages.slice(0, 1),
        lane.ids.slice(1),
        lane.attest([0, 1]),
      );
      const reason = inbox.interface.encodeErrorResult("ReentrancyGuardReentrantCall");
      await expect(call).to.emit(inbox, "MessageFailed").withArgs(lane.ids[0], ORIGIN, 1, reason);
      expect((await inbox.lanes(ORIGIN)).nonce).to.equal(1n);
    }
  });

  it("does not let a caller starve a message: all the gas that it names, or no delivery", async () => {
    const { inbox, counter, lane } = await load();
    lane.send(await counter.getAddress(), { gasLimit: 5_000_000n });
    const noIds: string[] = [];
    const args = [ORIGIN, 1, lane.messages, noIds, lane.attest([0, 1])] as const;
    const enough = await inbox.deliver.estimateGas(...args);
    for (const gasLimit of [5_200_000n, 5_000_000n, 1_000_000n]) {
      await expect(inbox.deliver(...args, { gasLimit })).to.be.revertedWithCustomError(
        inbox,
        "InsufficientGas",
      );
      expect((await inbox.lanes(ORIGIN)).nonce).to.equal(0n);
    }
    await inbox.deliver(...args, { gasLimit: enough });
    expect(await counter.lastGas()).to.be.within(4_990_000n, 5_000_000n);
  });
});
