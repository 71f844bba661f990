import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Leases } from "../../../../relayer/chaos/adapters/leases.ts";
import { portableInjector } from "../../../../relayer/chaos/adapters/portable-injector.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import type { Injector } from "../../../../relayer/chaos/ports.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { holdFile } from "../../../../relayer/platform/restart-holds.ts";
import { Supervisor } from "../../../../relayer/platform/supervisor.ts";
import { ChaosScene, leftovers, processTarget, NO_REDIS } from "../../support/chaos-scene.ts";
import type { Request } from "../../support/controlling-program.ts";
import { isAlive, repository, until } from "../../support/processes.ts";

const services = { clock: systemClock, logger: createLogger("silent", {}) };
const NAME = "signer-1";
const LONG_MILLISECONDS = 120_000;

/** A supervisor with one service, and what kills that. */
async function withService(
  work: (service: { scene: ChaosScene; supervisor: Supervisor; holdFolder: string }) => Promise<void>,
): Promise<void> {
  {
    await using scene = new ChaosScene();
    const holdFolder = join(scene.folder, "holds");
    const logFolder = join(scene.folder, "logs");
    const backoff = { firstMs: 10, longestMs: 10 };
    const supervisor = new Supervisor({ logFolder, env: process.env, holdFolder, backoff }, services);
    const program = join(repository, "test/relayer/support/chaos-target.ts");
    await supervisor.start({
      name: NAME,
      command: process.execPath,
      args: [program, scene.folder],
      ready: "line",
    });
    try {
      await work({ scene, supervisor, holdFolder });
    } finally {
      await supervisor.stop();
    }
  }
  assert.deepEqual(leftovers(), []);
}

function targetOf(supervisor: Supervisor) {
  return processTarget(NAME, supervisor.pid(NAME) ?? assert.fail("it does not run"));
}

function injectorWith(leases: Leases, holdFolder: string): Injector {
  const options = {
    toxiproxy: "http://127.0.0.1:1",
    holdFolder,
    redisUrl: NO_REDIS,
    chainUrl: () => undefined,
  };
  return portableInjector(options, { leases, clock: systemClock });
}

const crash = (restartDelayMilliseconds: number) =>
  faultSchema.parse({ type: "ServiceCrash", mode: "kill", restartDelayMilliseconds });

void describe("a service that is killed", () => {
  void it("is started again after its delay, and not before", () =>
    withService(async ({ scene, supervisor, holdFolder }) => {
      await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
      const target = targetOf(supervisor);
      const again = new Promise<number>((resolve) =>
        supervisor.on("started", () => {
          resolve(Date.now());
        }),
      );
      const began = Date.now();
      const injector = injectorWith(leases, holdFolder);
      await injector.inject(crash(1_500), [target], began + LONG_MILLISECONDS);
      await until("it is gone", () => !isAlive(target.pid));
      assert((await again) >= began + 1_500);
    }));

  void it("is started again at once when the fault is healed", () =>
    withService(async ({ scene, supervisor, holdFolder }) => {
      await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
      const injector = injectorWith(leases, holdFolder);
      const target = targetOf(supervisor);
      const injection = await injector.inject(
        crash(LONG_MILLISECONDS),
        [target],
        Date.now() + LONG_MILLISECONDS,
      );
      await until("it is gone", () => supervisor.pid(NAME) === undefined);
      await injection.heal();
      await until("it runs again", () => supervisor.pid(NAME) !== undefined);
      assert(!existsSync(holdFile(holdFolder, NAME)));
    }));

  void it("is started again within 5 s when the controller is killed", () =>
    withService(async ({ scene, supervisor, holdFolder }) => {
      const request: Request = {
        journal: join(scene.folder, "leases.sqlite"),
        toxiproxy: "http://127.0.0.1:1",
        holdFolder,
        fault: { type: "ServiceCrash", restartDelayMilliseconds: LONG_MILLISECONDS },
        targets: [targetOf(supervisor)],
        milliseconds: LONG_MILLISECONDS,
      };
      const controller = await scene.program("controlling-program.ts", [JSON.stringify(request)]);
      await until("it is gone", () => supervisor.pid(NAME) === undefined);
      controller.child.kill("SIGKILL");
      await until(
        "it runs again and nothing is left",
        () => supervisor.pid(NAME) !== undefined && leftovers().length === 0,
        5_000,
      );
      assert(!existsSync(holdFile(holdFolder, NAME)));
    }));

  void it("comes back as what it was when it is Redis that fails over", () =>
    withService(async ({ scene, supervisor, holdFolder }) => {
      await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
      const target = targetOf(supervisor);
      const fault = faultSchema.parse({ type: "RedisFailover" });
      await injectorWith(leases, holdFolder).inject(fault, [target], Date.now() + LONG_MILLISECONDS);
      await until("another runs", () => ![undefined, target.pid].includes(supervisor.pid(NAME)));
    }));

  void it("is not touched when its pid is another process by now", () =>
    withService(async ({ scene, supervisor, holdFolder }) => {
      await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
      const target = targetOf(supervisor);
      const stale = { ...target, startTime: `${target.startTime}1` };
      const injector = injectorWith(leases, holdFolder);
      for (const mode of ["kill", "freeze"]) {
        const fault = faultSchema.parse({ type: "ServiceCrash", mode });
        await assert.rejects(
          injector.inject(fault, [stale], Date.now() + LONG_MILLISECONDS),
          /no longer the process/,
        );
      }
      assert.equal(supervisor.pid(NAME), target.pid);
    }));
});
