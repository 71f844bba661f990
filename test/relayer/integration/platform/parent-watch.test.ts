import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { exitWithParent } from "../../../../relayer/platform/parent-watch.ts";
import { repository } from "../../support/processes.ts";

const program = join(repository, "test/relayer/support/child-program.ts");

/** Starts a child that watches its parent, and waits until it does. */
async function startServer(stdio: ("ignore" | "pipe")[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, "serve"], { stdio, env: { ...process.env, ...env } });
  assert.ok(child.stdout);
  await once(child.stdout, "data");
  return child;
}

describe("exitWithParent", { timeout: 20_000 }, () => {
  for (const fd of [0, 3]) {
    it(`ends the process when the pipe on descriptor ${fd} ends`, async () => {
      const env = fd === 0 ? {} : { DCHAT_PARENT_FD: String(fd) };
      const child = await startServer([fd === 0 ? "pipe" : "ignore", "pipe", "ignore", "pipe"], env);
      const pipe = child.stdio[fd];
      assert.ok(pipe instanceof Writable);
      pipe.end();
      assert.deepEqual(await once(child, "exit"), [0, null]);
    });
  }

  it("watches nothing where there is no pipe, and refuses a descriptor that is none", async () => {
    const child = await startServer(["ignore", "pipe", "ignore"], {});
    child.kill("SIGKILL");
    assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
    assert.throws(() => {
      exitWithParent(() => undefined, { DCHAT_PARENT_FD: "999" });
    }, /DCHAT_PARENT_FD is 999, which is no pipe/);
  });

  it("hides the descriptor from the children of the process", () => {
    const env: NodeJS.ProcessEnv = { DCHAT_PARENT_FD: "999" };
    assert.throws(() => {
      exitWithParent(() => undefined, env);
    });
    assert.deepEqual(env, {});
  });
});
