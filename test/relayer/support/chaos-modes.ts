import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Leases } from "../../../relayer/chaos/adapters/leases.ts";
import { LeaseJournal } from "../../../relayer/chaos/adapters/lease-journal.ts";
import { reasonAgainst } from "../../../relayer/chaos/adapters/linux/commands.ts";
import { buildDiskShim } from "../../../relayer/chaos/adapters/linux/disk-shim.ts";
import { linuxInjector } from "../../../relayer/chaos/adapters/linux-injector.ts";
import { portableInjector } from "../../../relayer/chaos/adapters/portable-injector.ts";
import { faultSchema } from "../../../relayer/chaos/core/fault.ts";
import type { Injector } from "../../../relayer/chaos/ports.ts";
import type { DiskShimPlace } from "../../../relayer/domain/chaos-config.ts";
import { systemClock } from "../../../relayer/platform/clock.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { type FaultCase, FakeHttpNode, prepareCase } from "./chaos-cases.ts";
import { ChaosScene, leaseIds, leftovers, NO_REDIS } from "./chaos-scene.ts";
import type { Request } from "./controlling-program.ts";
import { until } from "./processes.ts";

const services = { clock: systemClock, logger: createLogger("silent", {}) };
/** How soon everything is healed after the controller was killed, in milliseconds. */
const HEALED_MILLISECONDS = 5_000;
const LONG_MILLISECONDS = 120_000;
/** Long enough to begin and to be measured on a busy machine. */
const SHORT_MILLISECONDS = 5_000;

/** Does each fault, measures that it bites, and that it is healed: told, at its time, and after its controller was killed. */
export function testFaults(cases: readonly FaultCase[]): void {
  const skip = process.platform === "linux" ? false : "what is left of them is looked for in /proc";
  for (const each of cases) {
    void describe(`${each.name}, ${each.tier}`, { skip }, () => {
      void it("bites, and is healed when it is told", (t) => byHand(each, t));
      void it("ends by itself at its time", (t) => byTime(each, t));
      void it("is healed within 5 s when its controller is killed", (t) => byDeath(each, t));
    });
  }
}

type Held = Awaited<ReturnType<typeof prepareCase>> & {
  /** Where the Linux tier compiles programs to. */
  readonly folder: string;
  readonly diskShim: DiskShimPlace;
};

/** Does something with a case prepared; afterwards nothing of it may be left on the machine. */
async function withCase(
  each: FaultCase,
  t: TestContext,
  work: (held: Held, scene: ChaosScene) => Promise<void>,
): Promise<void> {
  let leases: readonly string[];
  {
    await using scene = new ChaosScene();
    await using node = await FakeHttpNode.start();
    const folder = join(scene.folder, "programs");
    const diskShim = await tryToBuild(join(scene.folder, "shim"), each);
    if (each.tier === "linux") {
      await using leases = await Leases.open(join(scene.folder, "probe.sqlite"), services);
      const injector = await linuxInjector({ folder, diskShim }, { leases, clock: systemClock });
      const reason = injector.whyNot(each.fault.type);
      if (reason !== undefined) {
        t.skip(`not on this machine: ${reason}`);
        return;
      }
    }
    const held = await prepareCase(each, scene, node, "folder" in diskShim ? diskShim.folder : undefined);
    await work({ ...held, folder, diskShim }, scene);
    leases = leaseIds(held.journal);
  }
  assert(leases.length > 0);
  assert.deepEqual(leftovers(leases), []);
}

async function tryToBuild(folder: string, { tier }: FaultCase): Promise<DiskShimPlace> {
  if (tier !== "linux") return { whyNot: "the case is of another tier" };
  const whyNot = await reasonAgainst(() => buildDiskShim(folder));
  return whyNot === undefined ? { folder } : { whyNot };
}

function injectorOf({ tier }: FaultCase, held: Held, leases: Leases): Promise<Injector> {
  const parts = { leases, clock: systemClock };
  return tier === "linux"
    ? linuxInjector(held, parts)
    : Promise.resolve(
        portableInjector(
          { toxiproxy: held.api, holdFolder: held.holdFolder, redisUrl: NO_REDIS, chainUrl: () => undefined },
          parts,
        ),
      );
}

function byHand(each: FaultCase, t: TestContext): Promise<void> {
  return withCase(each, t, async (held) => {
    await using leases = await Leases.open(held.journal, services);
    const injector = await injectorOf(each, held, leases);
    const fault = faultSchema.parse(each.fault);
    const injection = await injector.inject(fault, held.targets, Date.now() + LONG_MILLISECONDS);
    assert.equal(injection.mechanism.tier, each.tier);
    await until("it bites", held.bites);
    await injection.heal();
    await injection.heal();
    await until("it is healed", held.isHealed);
  });
}

function byTime(each: FaultCase, t: TestContext): Promise<void> {
  return withCase(each, t, async (held) => {
    await using leases = await Leases.open(held.journal, services);
    const injector = await injectorOf(each, held, leases);
    await injector.inject(faultSchema.parse(each.fault), held.targets, Date.now() + SHORT_MILLISECONDS);
    await until("it bites", held.bites);
    await until("it is healed", held.isHealed);
    const journal = new LeaseJournal(held.journal);
    await until("its lease is closed", () => journal.open().length === 0);
    journal.end();
  });
}

function byDeath(each: FaultCase, t: TestContext): Promise<void> {
  return withCase(each, t, async (held, scene) => {
    const request: Request = {
      journal: held.journal,
      toxiproxy: held.api,
      holdFolder: held.holdFolder,
      ...(each.tier === "linux" && { linux: { folder: held.folder, diskShim: held.diskShim } }),
      fault: each.fault,
      targets: held.targets,
      milliseconds: LONG_MILLISECONDS,
    };
    const controller = await scene.program("controlling-program.ts", [JSON.stringify(request)]);
    await until("it bites", held.bites);
    controller.child.kill("SIGKILL");
    const killed = performance.now();
    await controller.ended;
    const leases = leaseIds(held.journal);
    await until("nothing is left", () => leftovers(leases).length === 0, HEALED_MILLISECONDS);
    await until("it is healed", held.isHealed, killed + HEALED_MILLISECONDS - performance.now());
  });
}
