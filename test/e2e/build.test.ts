import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { roles } from "../../relayer/commands/roles.ts";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { runningRoles } from "../../relayer/platform/role-files.ts";
import { repository } from "../relayer/support/processes.ts";
import { dchat } from "./support/cli.ts";
import { Fleet } from "./support/fleet.ts";

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ optional: z.boolean().optional() })),
});
/** What a build must do without: whatever compiles, tests or shows. */
const NOT_FOR_PRODUCTION = ["hardhat", "solc", "node", "typescript", "vite", "preact", "mocha"];

/** Puts beside a build what `npm ci` would install there: the packages of its lock file, and no other. */
function installBeside(build: string): void {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(build, "package-lock.json"), "utf8")));
  // Nested packages come with the one that they are in.
  const paths = Object.keys(packages).filter((path) => path.lastIndexOf("node_modules/") === 0);
  for (const path of paths) {
    const source = join(repository, path);
    // A native package for another system.
    if (!existsSync(source) && packages[path]?.optional === true) continue;
    mkdirSync(dirname(join(build, path)), { recursive: true });
    cpSync(source, join(build, path), { recursive: true });
  }
}

describe("what `npm run build` makes", () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-build-"));
  const build = join(folder, "dist");
  const main = join(build, "relayer/main.js");
  let fleet: Fleet;
  before(async () => {
    const made = spawnSync(process.execPath, [join(repository, "scripts/build.ts"), "--out", build], {
      cwd: repository,
      encoding: "utf8",
    });
    assert.equal(made.status, 0, made.stderr);
    installBeside(build);
    // Faults are possible, so that every role runs: the controller of chaos and the indexer, too.
    fleet = await Fleet.start({ main, chaos: true });
  });
  after(async () => {
    await fleet.stop();
    rmSync(folder, { recursive: true });
  });

  it("is plain JavaScript, with nothing beside it that compiles or tests", () => {
    const own = globSync("**/*", { cwd: build, exclude: (name) => name === "node_modules" });
    assert.deepEqual(
      own.filter((name) => /\.tsx?$/.test(name)),
      [],
    );
    for (const name of NOT_FOR_PRODUCTION) assert(!existsSync(join(build, "node_modules", name)), name);
  });

  it("plays every role, and a transfer each way arrives exactly once", async () => {
    const programs = runningRoles(fleet.local.network.dataFolder).map(({ pid, role }) => {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      assert(command.includes(main), `${role} runs from the build`);
      return role;
    });
    assert.deepEqual(new Set(programs), new Set<string>(roles));
    await fleet.send(fleet.home, fleet.away, 2);
    await fleet.untilAllArrived();
    await fleet.send(fleet.away, fleet.home, 1);
    await fleet.untilAllArrived();
    await fleet.assertExactlyOnce();
  });

  it("serves both pages with what they load", async () => {
    const { port } = fleet.local.network.api;
    for (const page of ["/", "/wallet/"]) {
      const url = `http://127.0.0.1:${port}${page}`;
      const answer = await fetch(url);
      assert.equal(answer.status, 200);
      const [, script = ""] = /<script[^>]* src="([^"]+)"/.exec(await answer.text()) ?? [];
      assert.equal((await fetch(new URL(script, url))).status, 200, script);
    }
  });

  it("speaks from a thread of its own, with the engine that comes as WebAssembly", async () => {
    const out = join(folder, "said.wav");
    const args = ["speech", "say", "--out", out, "--text", "A transfer has arrived."];
    const ended = await dchat(["--config", fleet.local.networkFile, ...args], {}, main).ended;
    assert.equal(ended.code, exitCodes.success, ended.stderr);
    assert.equal(readFileSync(out).subarray(0, 4).toString("latin1"), "RIFF");
  });

  it("is a whole command line", async () => {
    const run = (...args: string[]) => dchat(["--config", fleet.local.networkFile, ...args], {}, main).ended;
    const doctor = await run("doctor");
    assert.equal(doctor.code, exitCodes.success, doctor.stdout + doctor.stderr);
    const transfer = await run("transfer", "--from", "A", "--to", "B", "--amount", "1", "--token", "DEMO");
    assert.match(transfer.stdout, /delivered/, transfer.stderr);
    assert.equal((await run("alerting", "alerts")).code, exitCodes.success);
    assert.match((await run("message", "list")).stdout, /A → B/);
  });
});
