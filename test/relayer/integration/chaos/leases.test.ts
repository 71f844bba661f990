import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { LeaseJournal } from "../../../../relayer/chaos/adapters/lease-journal.ts";
import { newLeaseId } from "../../../../relayer/chaos/adapters/lease-id.ts";
import { Leases } from "../../../../relayer/chaos/adapters/leases.ts";
import { addTable, deleteTable, tableOf } from "../../../../relayer/chaos/adapters/linux/nft.ts";
import { reasonAgainst } from "../../../../relayer/chaos/adapters/linux/commands.ts";
import { portableInjector } from "../../../../relayer/chaos/adapters/portable-injector.ts";
import { processState } from "../../../../relayer/chaos/adapters/probes/machine.ts";
import { tryLink } from "../../../../relayer/chaos/adapters/probes/links.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { tryLock } from "../../../../relayer/platform/process-lock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { FakeHttpNode } from "../../support/chaos-cases.ts";
import {
  ChaosScene,
  leftovers,
  makeLink,
  processesLike,
  toxicsOn,
  NO_REDIS,
} from "../../support/chaos-scene.ts";
import type { Request } from "../../support/controlling-program.ts";
import { until } from "../../support/processes.ts";

const services = { clock: systemClock, logger: createLogger("silent", {}) };
const LONG_MILLISECONDS = 120_000;
const freeze = faultSchema.parse({ type: "ServiceCrash", mode: "freeze" });
const isLinux = process.platform === "linux";

void describe("leases", { skip: isLinux ? false : "what is left is looked for in /proc" }, () => {
  void it("are healed by the next controller when nobody else was left to", async () => {
    await using scene = new ChaosScene();
    const { request, target } = await frozen(scene);
    const controller = await scene.program("controlling-program.ts", [JSON.stringify(request)]);
    // The dead-man stands still before it could heal, and dies with it.
    const deadMen = processesLike(/dead-man-program/);
    assert.equal(deadMen.length, 1);
    for (const pid of deadMen) process.kill(pid, "SIGSTOP");
    controller.child.kill("SIGKILL");
    // Its threads let go of the lock one after the other.
    await until("the controller is gone", () => {
      const release = tryLock(`${request.journal}.lock`);
      release?.();
      return release !== undefined;
    });
    for (const pid of deadMen) process.kill(pid, "SIGKILL");
    await until("it stands still", () => processState(target) === "stopped");
    {
      await using leases = await Leases.open(request.journal, services);
      assert(leases.deadManPid !== undefined);
      assert.equal(processState(target), "running");
    }
    assert.deepEqual(leftovers(), []);
  });

  void it("are healed at their time by the dead-man when the controller stands still", async () => {
    await using scene = new ChaosScene();
    const { request, target } = await frozen(scene, 4_000);
    const controller = await scene.program("controlling-program.ts", [JSON.stringify(request)]);
    controller.child.kill("SIGSTOP");
    await until("it stands still", () => processState(target) === "stopped");
    await until("it goes on", () => processState(target) === "running");
    const journal = new LeaseJournal(request.journal);
    await until("its lease is closed", () => journal.open().length === 0);
    journal.end();
    controller.child.kill("SIGKILL");
    await until("nothing is left", () => leftovers().length === 0);
  });

  void it("are healed at once, and no more are given, when the dead-man is gone", async () => {
    await using scene = new ChaosScene();
    const target = await scene.target("signer-1");
    await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
    const injector = portable(leases, scene.folder);
    await injector.inject(freeze, [target], Date.now() + LONG_MILLISECONDS);
    await until("it stands still", () => processState(target) === "stopped");
    process.kill(leases.deadManPid ?? assert.fail(), "SIGKILL");
    await until("it goes on", () => processState(target) === "running");
    await assert.rejects(injector.inject(freeze, [target], Date.now() + LONG_MILLISECONDS), {
      code: "NO_DEAD_MAN",
    });
    assert.equal(processState(target), "running");
  });

  void it("are one controller's at a time", async () => {
    await using scene = new ChaosScene();
    const file = join(scene.folder, "leases.sqlite");
    await using leases = await Leases.open(file, services);
    assert(leases.deadManPid !== undefined);
    await assert.rejects(Leases.open(file, services), { code: "CHAOS_IN_USE" });
  });

  void it("are refused for whoever does chaos, without targets, and for a time that is past", async () => {
    await using scene = new ChaosScene();
    const target = await scene.target("signer-1");
    await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
    const injector = portable(leases, scene.folder);
    const later = Date.now() + LONG_MILLISECONDS;
    const own = { ...target, pid: process.pid };
    const deadMan = { ...target, pid: leases.deadManPid ?? 0 };
    for (const each of [own, deadMan])
      await assert.rejects(injector.inject(freeze, [each], later), /does chaos/);
    await assert.rejects(injector.inject(freeze, [], later), /no targets/);
    await assert.rejects(injector.inject(freeze, [target], Date.now() - 1), /past/);
    const latency = faultSchema.parse({ type: "Latency", milliseconds: 1 });
    await assert.rejects(injector.inject(latency, [target], later), /is a process, and it is done to a link/);
  });

  void it("are given under the newest fencing token of a target alone, to one run at a time", async () => {
    await using scene = new ChaosScene();
    const target = await scene.target("signer-1");
    const file = join(scene.folder, "leases.sqlite");
    const later = Date.now() + LONG_MILLISECONDS;
    let stale;
    {
      await using leases = await Leases.open(file, services);
      const injector = portable(leases, scene.folder);
      stale = leases.fence("first", ["signer-1", "signer-2"]);
      assert.throws(() => leases.fence("second", ["signer-2", "signer-3"]), { code: "TARGETS_IN_USE" });
      // All or none: signer-3 is still to be had.
      assert(leases.fence("third", ["signer-3"]).token > stale.token);
      const never = { run: "first", token: stale.token + 7 };
      await assert.rejects(injector.inject(freeze, [target], later, never), { code: "FENCED_OFF" });
      leases.unfence("first");
      const fresh = leases.fence("second", ["signer-1"]);
      await assert.rejects(injector.inject(freeze, [target], later, stale), { code: "FENCED_OFF" });
      assert.equal(processState(target), "running");
      const injection = await injector.inject(freeze, [target], later, fresh);
      await until("it stands still", () => processState(target) === "stopped");
      await injection.heal();
    }
    // After a crash nobody holds anything, and tokens go on where they were.
    await using leases = await Leases.open(file, services);
    assert(leases.fence("fourth", ["signer-1", "signer-2", "signer-3"]).token > stale.token + 2);
  });

  void it("leave nothing of a fault that fails half-way", async () => {
    await using scene = new ChaosScene();
    await using node = await FakeHttpNode.start();
    const api = await scene.toxiproxy();
    const link = await makeLink(api, "watcher>chain-A", node.address);
    const missing = { ...link, name: "watcher>nowhere" };
    await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
    const injector = portable(leases, scene.folder, api);
    const fault = faultSchema.parse({ type: "NetworkPartition" });
    await assert.rejects(injector.inject(fault, [link, missing], Date.now() + LONG_MILLISECONDS), {
      code: "TOXIPROXY",
    });
    assert.deepEqual(await toxicsOn(api), []);
  });

  void it("are refused in a file that is something else", async () => {
    await using scene = new ChaosScene();
    const file = join(scene.folder, "leases.sqlite");
    writeFileSync(file, "this is no database, however long it may be".repeat(100));
    await assert.rejects(Leases.open(file, services));
    assert.deepEqual(leftovers(), []);
  });
});

void describe("the kernel's own end of drops", async () => {
  const noNft = await reasonAgainst(async () => {
    await addTable(tableOf("probe"), { ports: [1], direction: "both", then: { dropPercent: 100 } }, 1_000);
    await deleteTable(tableOf("probe"));
  });
  void it("needs nobody", { skip: noNft === undefined ? false : `no nft here: ${noNft}` }, async () => {
    await using node = await FakeHttpNode.start();
    const port = Number(node.address.split(":")[1]);
    const name = tableOf(newLeaseId());
    try {
      await addTable(name, { ports: [port], direction: "both", then: { dropPercent: 100 } }, 1_500);
      assert.equal((await tryLink(port, "rpc", 300)).isAnswered, false);
      await until("it is answered", async () => (await tryLink(port, "rpc", 300)).isAnswered);
    } finally {
      await deleteTable(name);
    }
  });

  void it("works without root in a namespace of its own", (t) => {
    const script =
      "ip link set lo up; /usr/sbin/nft 'add table inet dchat_chaos_x; delete table inet dchat_chaos_x'";
    const inside = spawnSync("unshare", ["-Urnm", "sh", "-c", script], { encoding: "utf8" });
    if (inside.status !== 0) t.skip(`no rootless namespaces with nft here: ${inside.stderr}`);
  });
});

function portable(leases: Leases, holdFolder: string, toxiproxy = "http://127.0.0.1:1") {
  return portableInjector(
    { toxiproxy, holdFolder, redisUrl: NO_REDIS, chainUrl: () => undefined },
    { leases, clock: systemClock },
  );
}

/** What a controller is asked that freezes a process. */
async function frozen(scene: ChaosScene, milliseconds = LONG_MILLISECONDS) {
  const target = await scene.target("signer-1");
  const request: Request = {
    journal: join(scene.folder, "leases.sqlite"),
    toxiproxy: "http://127.0.0.1:1",
    holdFolder: scene.folder,
    fault: { type: "ServiceCrash", mode: "freeze" },
    targets: [target],
    milliseconds,
  };
  return { request, target };
}
