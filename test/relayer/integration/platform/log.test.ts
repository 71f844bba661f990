import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";

const logger = join(import.meta.dirname, "../../../../relayer/platform/log.ts");

/** Says that it is there, and once its reader is gone has something left to say at its end. */
const PROGRAM = `
  const { createLogger } = await import(${JSON.stringify(logger)});
  const logger = createLogger("info", { role: "test" });
  logger.info("there");
  process.stdin.on("end", () => {
    logger.info("asked to end");
    logger.info("ended");
    process.exit(7);
  }).resume();
`;

describe("logger", () => {
  const start = () => spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], { stdio: "pipe" });

  it("lets its process end when nobody reads the log any more", { timeout: 20_000 }, async (t) => {
    const child = start();
    t.after(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.stdin.end();
    assert.deepEqual(await once(child, "exit"), [7, null]);
  });

  it("has written what was said before the process went on", { timeout: 20_000 }, async (t) => {
    const child = start();
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdin.end();
    await once(child, "close");
    assert.deepEqual(
      said
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
      ["there", "asked to end", "ended"],
    );
  });
});
