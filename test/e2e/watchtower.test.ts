import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { computeAddress, hexlify } from "ethers";
import { InboxReader } from "../../relayer/bridge/adapters/destination.ts";
import { OutboxReader } from "../../relayer/bridge/adapters/origin.ts";
import { ValidatorsReader } from "../../relayer/bridge/adapters/validators.ts";
import type { Point } from "../../relayer/domain/bridge.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { Rpc } from "../../relayer/platform/rpc.ts";
import { Slashing__factory } from "../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { hashOf } from "../relayer/support/bridge.ts";
import { until } from "../relayer/support/processes.ts";
import { Equivocator } from "./support/equivocator.ts";
import { Fleet } from "./support/fleet.ts";

const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n);

describe("the watchtower of a fleet", () => {
  let fleet: Fleet;
  let [home, away]: Rpc[] = [];
  let liar: Equivocator;
  before(async () => {
    fleet = await Fleet.start();
    [home, away] = [new Rpc(fleet.home), new Rpc(fleet.away)];
    liar = new Equivocator(fleet, "validator-1");
  });
  after(async () => {
    home?.close();
    away?.close();
    await liar.close();
    await fleet.stop();
  });

  function world() {
    assert(home !== undefined && away !== undefined && fleet.local.network.home !== undefined);
    const { registry, slashing } = fleet.local.network.home;
    const validators = new ValidatorsReader(registry, home);
    const reporter = computeAddress(
      hexlify(readKeyFile(join(dirname(fleet.local.networkFile), "watchtower.key"), "the watchtower")),
    );
    return { home, away, validators, reporter, slashing: Slashing__factory.connect(slashing, home.provider) };
  }
  /** The last point of the lane from a chain to the other: what the validators have just attested to. */
  async function newestPoint(rpc = world().home): Promise<Point> {
    const origin = new OutboxReader(rpc, [fleet.home.chainId, fleet.away.chainId]);
    const [lane = assert.fail()] = origin.lanes;
    const { nonce } = await origin.head(lane.destinationChainId);
    return (await origin.advance(lane.id, nonce)) ?? assert.fail();
  }
  const punishments = async () => {
    const { slashing } = world();
    return slashing.queryFilter(slashing.filters.Punished());
  };
  const unclaimed = () => world().validators.contract.rewardOf(world().reporter);
  const rewards = async () => {
    const { contract } = world().validators;
    const logs = await contract.queryFilter(contract.filters.RewardClaimed(world().reporter));
    return logs.map(({ args }) => args.amount);
  };

  it("leaves an honest fleet alone", async () => {
    await fleet.send(fleet.home, fleet.away, 3);
    await fleet.untilAllArrived();
    await fleet.send(fleet.away, fleet.home, 2);
    await fleet.untilAllArrived();
    assert.deepEqual(await punishments(), []);
  });

  it("has a validator that signs twice for one place slashed and out, and is paid, without a hand", async () => {
    const { validators, slashing, reporter, away: rpc } = world();
    const { publicKey } = liar.key;
    const before = (await validators.read(publicKey)) ?? assert.fail();
    const { domain } = new InboxReader(rpc);
    const point = await newestPoint();
    await liar.attest({ ...point, accumulator: hashOf("another history") }, domain);

    // A second history is also a false one. Both offences are reported, and what they take is all of the bond.
    const isPaid = async () => (await punishments()).length === 2 && (await unclaimed()) === 0n;
    await until("both offences are punished and rewarded", isPaid);
    const validator = (await validators.read(publicKey)) ?? assert.fail();
    assert(validator.isTombstoned && !validator.isEligible && validator.bond === 0n);
    const punished = (await punishments()).map(({ args }) => args);
    assert.deepEqual(punished.map(({ offence }) => offence).toSorted(), [0n, 2n]);
    for (const args of punished) assert.deepEqual([args.key, args.reporter], [publicKey, reporter]);
    const taken = sum(punished.map((args) => args.taken));
    assert.equal(taken, before.bond);
    await until("the rewards are claimed", async () => sum(await rewards()) === taken / 10n);
    const committed = await slashing.queryFilter(slashing.filters.Committed(reporter));
    assert.equal(committed.length, 2);
  });

  it("goes on carrying transfers with the others, and punishes nothing twice", async () => {
    const { away: rpc } = world();
    const { domain } = new InboxReader(rpc);
    const point = await newestPoint();
    await liar.attest({ ...point, accumulator: hashOf("another history") }, domain);
    await Promise.all([fleet.send(fleet.home, fleet.away, 2), fleet.send(fleet.away, fleet.home, 1)]);
    await fleet.kill("watchtower");
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
    const offences = (await punishments()).map(({ args }) => args.offence);
    assert.deepEqual(offences.toSorted(), [0n, 2n]);
  });

  it("proves to the home chain what it has forgotten, and has who lied about it lose the whole bond", async () => {
    const { validators, away: rpc } = world();
    const { domain } = new InboxReader(rpc);
    const point = await newestPoint();
    await fleet.send(fleet.home, fleet.away, 2);
    const other = new Equivocator(fleet, "validator-2");
    // Its own signer is asked for this very point, too, so it contradicts itself as well.
    await other.attest({ ...point, accumulator: hashOf("a false history") }, domain);
    await until("the lie is punished", async () =>
      (await punishments()).some(({ args }) => args.key === other.key.publicKey && args.offence === 2n),
    );
    await other.close();
    const validator = (await validators.read(other.key.publicKey)) ?? assert.fail();
    assert(validator.isTombstoned && validator.bond === 0n);
  });

  it("brings home what a lane of another chain was, and has who lied about it punished when nobody vetoes", async () => {
    const { validators, slashing, home: rpc, away: origin } = world();
    const { domain } = new InboxReader(rpc);
    await fleet.send(fleet.away, fleet.home, 1);
    const point = await newestPoint(origin);
    await fleet.send(fleet.away, fleet.home, 2); // so that the head alone does not tell
    await fleet.untilAllArrived();
    const third = new Equivocator(fleet, "validator-3");
    await third.attest({ ...point, accumulator: hashOf("a false history") }, domain);
    const filter = slashing.filters.SlashPending(undefined, third.key.publicKey, 2);
    await until(
      "the false proof waits for a veto",
      async () => (await slashing.queryFilter(filter)).length > 0,
    );
    await rpc.provider.send("evm_increaseTime", [Number(await slashing.VETO_WINDOW())]);
    await until("the slash is carried out", async () =>
      (await punishments()).some(({ args }) => args.key === third.key.publicKey && args.offence === 2n),
    );
    await third.close();
    const validator = (await validators.read(third.key.publicKey)) ?? assert.fail();
    assert(validator.isTombstoned && validator.bond === 0n);
    await fleet.untilAllArrived();
  });
});
