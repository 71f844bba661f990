import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import {
  isRunning,
  signalSame,
  startTimeOf,
  stateOf,
  thisProcess,
  withDescendants,
} from "../../../../relayer/chaos/adapters/processes.ts";
import { until } from "../../support/processes.ts";

void describe("signals to a process that was chosen before", () => {
  void it("reach it, and no other that has its pid", async () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    const pid = child.pid ?? assert.fail();
    const target = { pid, startTime: startTimeOf(pid) ?? assert.fail() };
    const ended = once(child, "exit");
    assert.equal(signalSame({ ...target, startTime: `${target.startTime}0` }, "SIGKILL"), false);
    assert(isRunning(target));
    assert(signalSame(target, "SIGSTOP"));
    await until("it stands still", () => stateOf(target) === "T");
    assert(signalSame(target, "SIGKILL"));
    await ended;
    assert.equal(signalSame(target, "SIGKILL"), false);
    assert.equal(startTimeOf(pid), undefined);
  });

  void it("reach what it has started, parents first", async () => {
    const child = spawn("sh", ["-c", "sleep 60 & sleep 60 & wait"], { stdio: "ignore", detached: true });
    const pid = child.pid ?? assert.fail();
    const root = { pid, startTime: startTimeOf(pid) ?? assert.fail() };
    await until("there are three", () => withDescendants(root).length === 3);
    assert.deepEqual(withDescendants(root)[0], root);
    process.kill(-pid, "SIGKILL");
    await once(child, "exit");
    assert.deepEqual(withDescendants(root), []);
  });

  void it("know this process", () => {
    assert(isRunning(thisProcess()));
  });
});
