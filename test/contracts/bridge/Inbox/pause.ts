import { expect } from "chai";
import { ORIGIN } from "../fixture.ts";
import { asGovernance, ethers, load, networkHelpers } from "./environment.ts";

const DAY = 24 * 3600;

describe("Inbox.pause", () => {
  it("stops deliveries and retries until it ends by itself, and loses nothing", async () => {
    const { inbox, counter, rogue, guardian, lane } = await load();
    await rogue.setMode(1);
    lane.send(await rogue.getAddress());
    await inbox.deliver(ORIGIN, 1, lane.messages, [], lane.attest([0, 1]));
    await rogue.setMode(0);
    lane.send(await counter.getAddress());

    await inbox.connect(guardian).pause();
    const until = await inbox.pausedUntil();
    expect(until).to.equal(BigInt((await networkHelpers.time.latest()) + 3 * DAY));
    const deliver = () => inbox.deliver(ORIGIN, 2, lane.messages.slice(1), [], lane.attest([0, 1]));
    const retry = () => inbox.retry(ORIGIN, 1, lane.messages[0] ?? expect.fail());
    for (const call of [deliver, retry])
      await expect(call()).to.be.revertedWithCustomError(inbox, "Paused").withArgs(until);

    await networkHelpers.time.increaseTo(until);
    await deliver();
    await retry();
    expect([await counter.count(), await rogue.count()]).to.deep.equal([1n, 1n]);
  });

  it("cannot be made to last: after a pause the guardian has to wait as long again", async () => {
    const { inbox, guardian } = await load();
    await inbox.connect(guardian).pause();
    const from = (await inbox.pausedUntil()) + BigInt(3 * DAY);
    await inbox.connect(guardian).unpause();
    await networkHelpers.time.setNextBlockTimestamp(from - 1n);
    await expect(inbox.connect(guardian).pause())
      .to.be.revertedWithCustomError(inbox, "PauseTooSoon")
      .withArgs(from);
    await networkHelpers.time.setNextBlockTimestamp(from);
    await inbox.connect(guardian).pause();
    expect(await inbox.pausedUntil()).to.equal(from + BigInt(3 * DAY));
  });

  it("is the guardian's, whom governance names; governance may end it", async () => {
    const { inbox, guardian, governance } = await load();
    const [stranger] = await ethers.getSigners();
    const timelock = await asGovernance(governance);
    for (const call of [inbox.pause(), inbox.connect(timelock).pause(), inbox.unpause()])
      await expect(call).to.be.revertedWithCustomError(inbox, "NotGuardian");
    await expect(inbox.connect(guardian).setGuardian(guardian.address)).to.be.revertedWithCustomError(
      inbox,
      "NotGovernance",
    );
    await inbox.connect(guardian).pause();
    await inbox.connect(timelock).unpause();
    await expect(inbox.connect(timelock).setGuardian(stranger?.address ?? ""))
      .to.emit(inbox, "GuardianSet")
      .withArgs(stranger?.address);
    await expect(inbox.connect(guardian).unpause()).to.be.revertedWithCustomError(inbox, "NotGuardian");
  });
});
