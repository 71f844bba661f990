import { after, before, describe, it } from "node:test";
import { Fleet } from "./support/fleet.ts";

/** How many transfers are under way in each direction when the fault strikes, and how many follow it. */
const TRANSFERS = 3;

describe("whatever is killed or wiped, every transfer arrives exactly once", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.start();
    await fleet.send(fleet.home, fleet.away, 20); // so that there is something to send back
    await fleet.untilAllArrived();
  });
  after(() => fleet.stop());

  const sendBothWays = async () => {
    await Promise.all([
      fleet.send(fleet.home, fleet.away, TRANSFERS),
      fleet.send(fleet.away, fleet.home, TRANSFERS),
    ]);
  };

  // The other roles are killed step by step, in steps.test.ts.
  for (const name of ["keeper-A", "api", "redis"])
    it(`survives SIGKILL of ${name} while transfers are sent and under way`, async () => {
      await sendBothWays();
      await Promise.all([sendBothWays(), fleet.kill(name)]);
      await fleet.untilAllArrived();
      await fleet.assertExactlyOnce();
    });

  for (const name of ["chain-A", "chain-B"])
    it(`survives SIGKILL of ${name} while transfers are under way`, async () => {
      await sendBothWays();
      await fleet.kill(name);
      await sendBothWays();
      await fleet.untilAllArrived();
      await fleet.assertExactlyOnce();
    });

  it("survives SIGKILL of the whole fleet at once", async () => {
    await sendBothWays();
    await Promise.all([sendBothWays(), ...fleet.local.roles.map((name) => fleet.kill(name))]);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("survives the loss of everything in Redis", async () => {
    await sendBothWays();
    await Promise.all([sendBothWays(), fleet.wipeRedis()]);
    await fleet.wipeRedis();
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });
});
