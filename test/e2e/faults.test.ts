import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../relayer/support/processes.ts";
import { Fleet } from "./support/fleet.ts";

/** Longer than the lock on a job and the lock on a sending key: both are another's when the frozen one wakes up. */
const BEYOND_LOCKS_MILLISECONDS = 6_000;
/** How many blocks of a local chain may vanish here without anybody being surprised. */
const FINALITY = 32;
const DEPTHS = [1, 7, 30];
const HOUR = 3_600_000;

describe("what comes from outside loses and doubles nothing either", () => {
  let fleet: Fleet;
  const clocks = mkdtempSync(join(tmpdir(), "dchat-clocks-"));
  const clock = join(clocks, "offset");
  before(async () => {
    writeFileSync(clock, "0");
    process.env["TEST_CLOCK_FILE"] = clock;
    process.env["NODE_OPTIONS"] = `--import ${join(import.meta.dirname, "support/shifted-clock.mjs")}`;
    fleet = await Fleet.start({
      configure: (_role, network) => {
        const chains = Object.entries(network.chains).map(
          ([name, chain]) => [name, { ...chain, finality: { depth: FINALITY } }] as const,
        );
        return Promise.resolve({ ...network, chains: Object.fromEntries(chains) });
      },
    });
    await fleet.send(fleet.home, fleet.away, 20); // so that there is something to send back
    await settle();
  });
  after(async () => {
    await fleet.stop();
    rmSync(clocks, { recursive: true });
  });

  const bothWays = async () => {
    await fleet.send(fleet.home, fleet.away, 2);
    await fleet.send(fleet.away, fleet.home, 2);
  };
  const mineBoth = async (blocks: number) => {
    await fleet.mine(fleet.home, blocks);
    await fleet.mine(fleet.away, blocks);
  };
  async function settle(): Promise<void> {
    await mineBoth(FINALITY + 1);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  }

  it("Redis stands still for longer than a lock on a job holds", async () => {
    await bothWays();
    await mineBoth(FINALITY + 1);
    const redis = await fleet.redisPid();
    process.kill(redis, "SIGSTOP");
    await sleep(BEYOND_LOCKS_MILLISECONDS);
    process.kill(redis, "SIGCONT");
    await settle();
  });

  for (const [jump, offset] of [
    ["forward by an hour", HOUR],
    ["back to where it was", 0],
    ["back by another hour", -HOUR],
    ["forward to the true time", 0],
  ] as const)
    it(`the relayers' clock jumps ${jump} while transfers are under way`, async () => {
      await bothWays();
      await mineBoth(FINALITY);
      writeFileSync(clock, String(offset));
      await bothWays();
      await settle();
      // The fault bit: who watched tells another time than ours.
      const told = /.*"time":"([^"]+)"/s.exec(fleet.log("watcher-A"))?.[1];
      assert(Math.abs(Date.parse(told ?? "") - Date.now() - offset) < HOUR / 2, told);
    });

  for (const depth of DEPTHS)
    it(`${depth} blocks of the origin vanish with a message, before it was attested to`, async () => {
      const back = await fleet.snapshot(fleet.home);
      await fleet.send(fleet.home, fleet.away, 1);
      await fleet.mine(fleet.home, depth - 1);
      await back();
      await fleet.send(fleet.home, fleet.away, 2);
      await settle();
    });

  for (const depth of DEPTHS)
    it(`${depth} blocks of the destination vanish with a delivery`, async () => {
      await fleet.send(fleet.home, fleet.away, 1);
      const back = await fleet.snapshot(fleet.away);
      await fleet.mine(fleet.home, FINALITY + 1);
      await fleet.untilAllArrived();
      await fleet.mine(fleet.away, depth - 1);
      fleet.pause("sender-B"); // it would deliver again before anybody has looked
      const before = await fleet.progress(fleet.home, fleet.away);
      await back();
      const after = await fleet.progress(fleet.home, fleet.away);
      fleet.resume("sender-B");
      assert(after.accepted < before.accepted, "the delivery has vanished");
      await settle();
    });

  it("blocks vanish that validators attested to, before the delivery", async () => {
    fleet.pause("sender-B");
    const back = await fleet.snapshot(fleet.home);
    const [doomed] = await fleet.send(fleet.home, fleet.away, 1);
    assert(doomed !== undefined);
    await fleet.mine(fleet.home, FINALITY + 1);
    // That message and no other: a validator that was late for an earlier one may attest now.
    await until("validators attested", () => fleet.log("signer-1").includes(doomed));
    await back();
    await fleet.send(fleet.home, fleet.away, 2);
    await fleet.mine(fleet.home, FINALITY + 1);
    await until("the alarm is raised", () => fleet.log("watcher-A").includes("deep-reorg"));
    fleet.resume("sender-B");
    await settle();
  });

  it("two senders serve one chain, each with a journal of its own, and who owns the key is frozen until it does not", async () => {
    await fleet.startSecondSender("B");
    await bothWays();
    await mineBoth(FINALITY + 1);
    fleet.pause("sender-B");
    await bothWays();
    await mineBoth(FINALITY + 1);
    await sleep(BEYOND_LOCKS_MILLISECONDS);
    await fleet.untilAllArrived();
    fleet.resume("sender-B");
    await bothWays();
    await settle();
  });
});
