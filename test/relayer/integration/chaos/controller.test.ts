import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { SqliteChaosStore } from "../../../../relayer/chaos/adapters/chaos-store.ts";
import { scheduleSchema } from "../../../../relayer/chaos/core/schedule.ts";
import { Scheduler } from "../../../../relayer/chaos/worker/scheduler.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { ControllerScene, requestFor, somebody } from "../../support/chaos-controller.ts";

let folder: string;
let store: SqliteChaosStore;
let scene: ControllerScene;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dchat-controller-"));
  store = new SqliteChaosStore(join(folder, "chaos.sqlite"));
  scene = new ControllerScene(store);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

describe("a chaos controller", () => {
  it("keeps a run before it is queued, does it, and keeps what became of it", async () => {
    const controller = scene.open();
    const run = controller.request(requestFor(), somebody);
    assert(run !== undefined);
    assert.deepEqual([store.run(run.id)?.state, scene.queued], ["Pending", [run.id]]);
    await controller.work(run.id);
    const kept = store.run(run.id);
    assert.deepEqual([kept?.state, kept?.verdict?.kind, kept?.askedBy], ["Completed", "passed", "ada"]);
    assert.equal(kept?.recovery?.firstSuccess, 100);
    assert.equal(store.record(run.id)?.faults.length, 1);
    assert.deepEqual(scene.said, [
      "Chaos: A slow disk of signer-1 begins.",
      "Chaos: A slow disk of signer-1 passed.",
    ]);
    assert.match(
      await scene.registry.metrics(),
      /dchat_chaos_faults_total{type="DiskSlow",tier="portable",effective="true"} 1/,
    );
  });

  it("does a run once, however often its job comes", async () => {
    const controller = scene.open();
    const id = controller.request(requestFor(), somebody)?.id ?? "";
    await Promise.all([controller.work(id), controller.work(id), controller.work(id)]);
    await controller.work(id);
    assert.deepEqual([scene.scenes, scene.injected.length], [1, 1]);
    await controller.work("no-such-run");
    assert.equal(scene.scenes, 1);
  });

  it("refuses a run whose targets another one has, and lets others go on side by side", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    scene.gate = promise;
    const controller = scene.open();
    const [first, same, other] = ["signer-1", "signer-1", "signer-2"].map(
      (name) => controller.request(requestFor(name), somebody)?.id ?? "",
    );
    const working = [first, other].map((id) => controller.work(id ?? ""));
    await controller.work(same ?? "");
    assert.match(store.run(same ?? "")?.verdict?.reason ?? "", /doing faults to signer-1/);
    resolve(undefined);
    await Promise.all(working);
    const tokens = scene.injected.map((fence) => fence?.token);
    assert.equal(new Set(tokens).size, 2);
    for (const id of [first, other]) assert.equal(store.record(id ?? "")?.faults.length, 1);
    // Given back, its targets are there for the next.
    const again = controller.request(requestFor(), somebody)?.id ?? "";
    await controller.work(again);
    assert.equal(store.run(again)?.verdict?.kind, "passed");
  });

  it("refuses what it cannot do when it is asked, and keeps nothing of it", () => {
    const controller = scene.open();
    assert.throws(() => controller.request(requestFor("nobody"), somebody), { code: "NO_TARGET" });
    assert.throws(() => controller.request(requestFor("chaos-controller"), somebody), {
      code: "PROTECTED_TARGET",
    });
    assert.deepEqual([store.runs(10), scene.queued], [[], []]);
  });

  it("heals and fails a run that is stopped, and one before it began, and says who did it", async () => {
    const controller = scene.open();
    const [running, waiting] = ["signer-1", "signer-2"].map(
      (name) => controller.request(requestFor(name), somebody)?.id ?? "",
    );
    const { promise, resolve } = Promise.withResolvers<undefined>();
    scene.gate = promise;
    const working = controller.work(running ?? "");
    while (scene.injected.length === 0) await new Promise((turn) => setImmediate(turn));
    assert.deepEqual(new Set(controller.stopAll(somebody)), new Set([running, waiting]));
    resolve(undefined);
    await working;
    assert(!scene.isFaulty);
    const verdicts = [running, waiting].map((id) => store.run(id ?? "")?.verdict);
    assert.deepEqual(
      verdicts.map((verdict) => verdict?.kind),
      ["halted", "halted"],
    );
    assert.match(verdicts[0]?.reason ?? "", /kill switch/);
    assert.equal(store.acts(10).filter(({ what, who }) => what === "run-stopped" && who === "ada").length, 2);
    assert.throws(
      () => {
        controller.stop(running ?? "", somebody);
      },
      { code: "NO_RUN" },
    );
  });

  it("ends after a crash what was under way, and goes on with what waited", async () => {
    const before = scene.open();
    const [cut, waiting] = ["signer-1", "signer-2"].map(
      (name) => before.request(requestFor(name), somebody)?.id ?? "",
    );
    const { promise, resolve } = Promise.withResolvers<undefined>();
    scene.gate = promise; // nothing is heard of the controller any more
    const ghost = before.work(cut ?? "");
    while (scene.injected.length === 0) await new Promise((turn) => setImmediate(turn));
    scene.gate = Promise.resolve();
    scene.queued.length = 0; // and Redis was wiped
    const after = scene.open();
    assert.match(store.run(cut ?? "")?.verdict?.reason ?? "", /controller ended in the middle/);
    after.redrive();
    assert.deepEqual(scene.queued, [waiting]);
    await after.work(waiting ?? "");
    await after.work(cut ?? "");
    assert.deepEqual(
      [cut, waiting].map((id) => store.run(id ?? "")?.verdict?.kind),
      ["halted", "passed"],
    );
    resolve(undefined);
    await ghost;
  });

  it("alerts for ten minutes of a run that did not pass", async () => {
    const controller = scene.open();
    const id = controller.request(requestFor(), somebody)?.id ?? "";
    controller.stopAll(somebody); // stopped before it began: nothing failed
    const failing = controller.request(requestFor(), somebody)?.id ?? "";
    const working = controller.work(failing);
    controller.stop(failing, somebody);
    await working;
    const value = async () =>
      (await scene.registry.getSingleMetric("dchat_chaos_recently_failed")?.get())?.values[0]?.value;
    assert.equal(store.run(id)?.verdict?.kind, "halted");
    assert.equal(await value(), 1);
    scene.clock.advance(10 * 60_000 + 1);
    controller.redrive();
    assert.equal(await value(), 0);
  });
});

describe("a scheduler", () => {
  const every = scheduleSchema.parse({ name: "every-minute", cron: "* * * * *" });
  const open = () => {
    const controller = scene.open();
    return {
      controller,
      scheduler: new Scheduler({ clock: scene.clock, store, controller, logger: createLogger("silent", {}) }),
    };
  };

  it("asks for each planned run once, even when it forgets that it did", async () => {
    const { controller, scheduler } = open();
    scheduler.put(every, requestFor(), somebody);
    scheduler.tick();
    assert.equal(scene.queued.length, 0);
    const looked = store.schedules()[0]?.lookedAt ?? 0;
    scene.clock.advance(60_000);
    scheduler.tick();
    assert.equal(scene.queued.length, 1);
    await controller.work(scene.queued[0] ?? "");
    store.noteLook("every-minute", looked); // killed before it could note that it looked
    open().scheduler.tick();
    assert.equal(store.runs(10).length, 1);
    assert.deepEqual(
      [store.runs(10)[0]?.schedule, store.runs(10)[0]?.askedBy],
      ["every-minute", "schedule every-minute"],
    );
  });

  it("leaves out a run while the one before is not over, and says so", () => {
    const { scheduler } = open();
    scheduler.put(every, requestFor(), somebody);
    for (let i = 0; i < 2; i++) {
      scene.clock.advance(60_000);
      scheduler.tick();
    }
    assert.equal(store.runs(10).length, 1);
    const [skipped] = store.acts(10).filter(({ what }) => what === "schedule-skipped");
    assert.match(skipped?.detail ?? "", /the run before it is not over/);
  });

  it("runs nothing while it is disabled, and does not catch up afterwards", () => {
    const { scheduler } = open();
    scheduler.put(every, requestFor(), somebody);
    scheduler.enable("every-minute", false, somebody);
    scene.clock.advance(10 * 60_000);
    scheduler.tick();
    scheduler.enable("every-minute", true, somebody);
    scheduler.tick();
    assert.equal(store.runs(10).length, 0);
    assert.throws(() => scheduler.enable("none", true, somebody), { code: "NO_SCHEDULE" });
    scheduler.remove("every-minute", somebody);
    assert.deepEqual(scheduler.list(), []);
  });

  it("tells in the audit log when a planned run is refused", () => {
    const { scheduler } = open();
    assert.throws(() => scheduler.put(every, requestFor("nobody"), somebody), { code: "NO_TARGET" });
    store.putSchedule({
      schedule: every,
      request: requestFor("nobody"),
      askedBy: "ada",
      lookedAt: scene.clock.now(),
    });
    scene.clock.advance(60_000);
    scheduler.tick();
    assert.deepEqual(store.runs(10), []);
    assert(
      store.acts(10).some(({ what, detail }) => what === "schedule-refused" && detail.includes("nobody")),
    );
  });
});
