import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { commandInside } from "../../relayer/platform/namespaces.ts";
import { whyNotRootless } from "../../scripts/local/rootless.ts";
import { repository, type Running, start, until } from "../relayer/support/processes.ts";
import { dchat } from "./support/cli.ts";

const START = join(repository, "scripts/start.ts");
const START_MILLISECONDS = 240_000;
/** Faults by the kernel, and one below a program: the links of a sender, and the disk of Redis. */
const EXPERIMENT = `
title: The kernel bites
steadyState:
  title: Nothing is lost, doubled or stuck
  probes: [{ name: nothing is lost, measure: violations, tolerance: { most: 0 }, phases: [before, after] }]
method:
  - fault: { type: Latency, milliseconds: 300, jitterMilliseconds: 20 }
    selector: { kind: Pod, name: sender-B }
    to: { kind: Service, service: redis }
    durationMilliseconds: 8000
  - fault: { type: PacketLoss, percent: 40 }
    selector: { kind: Pod, name: sender-A }
    to: { kind: Service, service: redis }
    startMilliseconds: 9000
    durationMilliseconds: 8000
  - fault: { type: DiskSlow, milliseconds: 200 }
    selector: { kind: Pod, name: redis }
    startMilliseconds: 18000
    durationMilliseconds: 8000
blastRadius: { mostTargets: 1, mostShare: 1 }
executedWithinMilliseconds: 120000
load: { everyMilliseconds: 300 }
`;

const catalogue = z.object({
  faults: z.array(
    z.object({
      type: z.string(),
      tiers: z.array(z.object({ tier: z.string(), whyNot: z.string().nullable() })),
    }),
  ),
});
const record = z.object({
  verdict: z.object({ kind: z.string(), reason: z.string() }),
  faults: z.array(
    z.object({
      type: z.string(),
      mechanism: z.object({ tier: z.string() }),
      effect: z.object({ isEffective: z.boolean() }),
    }),
  ),
  violations: z.array(z.unknown()),
});

const whyNot = whyNotRootless();

describe(
  "a fleet in a network namespace of its own",
  {
    skip: whyNot === undefined ? false : `no user namespaces here: ${whyNot}`,
  },
  () => {
    let running: Running;
    let config: string;
    const folder = mkdtempSync(join(tmpdir(), "dchat-rootless-"));
    before(async () => {
      running = start(process.execPath, [START, "--chaos", "--rootless"]);
      await until("it is up", () => isUp(running), START_MILLISECONDS);
      config = /^configuration (.+)$/m.exec(running.stderr())?.[1] ?? assert.fail(running.stderr());
    });
    after(async () => {
      running.child.kill("SIGTERM");
      await running.ended;
      rmSync(folder, { recursive: true });
    });

    /** A command from outside, which is told nothing but where the configuration is. */
    const ask = (...args: readonly string[]) => dchat(["--config", config, "--json", ...args]).ended;
    const owner = () => Number(basename(dirname(config)).split("-")[1]);
    const inside = (...program: readonly string[]) => {
      const [command, ...args] = commandInside(owner(), program);
      return spawnSync(command, args, { encoding: "utf8" });
    };

    it("says how it is entered, and has nothing but loopback", () => {
      const line = commandInside(owner(), ["COMMAND"]).join(" ");
      assert(running.stderr().includes(`others by: ${line}`), running.stderr());
      const interfaces = inside("sed", "-n", "s/^ *\\([a-z0-9]*\\):.*/\\1/p", "/proc/net/dev").stdout;
      assert.equal(interfaces, "lo\n");
    });

    it("passes an experiment by the kernel alone, and nothing is left of it", async (t) => {
      const { faults } = catalogue.parse(JSON.parse((await ask("chaos", "list")).stdout));
      for (const type of ["Latency", "PacketLoss", "DiskSlow"]) {
        const reason = faults
          .find((fault) => fault.type === type)
          ?.tiers.find(({ tier }) => tier === "linux");
        if (reason?.whyNot == null) continue;
        t.skip(`not on this machine: ${type}: ${reason.whyNot}`);
        return;
      }
      const file = join(folder, "experiment.yml");
      writeFileSync(file, EXPERIMENT);
      const { code, stdout, stderr } = await ask("chaos", "run", file, "--tier", "linux");
      assert.notEqual(stdout, "", stderr);
      const { verdict, faults: done, violations } = record.parse(JSON.parse(stdout));
      assert.deepEqual([code, verdict.kind, violations], [exitCodes.success, "passed", []], verdict.reason);
      assert.deepEqual(
        done.map(({ type, mechanism, effect }) => [type, mechanism.tier, effect.isEffective]),
        ["Latency", "PacketLoss", "DiskSlow"].map((type) => [type, "linux", true]),
      );
      const { status, stdout: tables, stderr: words } = inside("/usr/sbin/nft", "list", "tables");
      assert.deepEqual([status, tables], [0, ""], words);
    });

    it("ends as it would outside, with all that it has started", async () => {
      running.child.kill("SIGTERM");
      assert.equal((await running.ended).code, exitCodes.success);
      assert(!existsSync(dirname(config)));
      assert.throws(() => process.kill(owner(), 0), { code: "ESRCH" });
    });
  },
);

describe("a fleet that shall be in a namespace of its own where none is to be had", () => {
  it("is refused where the system forbids them", (t) => {
    if (whyNot !== undefined) {
      t.skip(`no user namespaces here with which this could be set up: ${whyNot}`);
      return;
    }
    const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const program = [process.execPath, START, "--rootless"];
    assertRefused(
      spawnSync("unshare", ["--user", "--map-root-user", "sh", "-c", forbid, "sh", ...program], {
        encoding: "utf8",
      }),
      /not to be had here: unshare: .*No space left.*Nothing was started.*max_user_namespaces/,
    );
  });

  it("is refused where there is no unshare", () => {
    assertRefused(
      spawnSync(process.execPath, [START, "--rootless"], {
        encoding: "utf8",
        env: { ...process.env, PATH: folderOfNothing },
      }),
      /there is no unshare.*Nothing was started/,
    );
  });
});

const folderOfNothing = join(repository, "no-such-folder");

function isUp(running: Running): boolean {
  assert.equal(running.child.exitCode, null, running.stderr());
  return running.stderr().includes("Stop with Ctrl-C");
}

function assertRefused(
  { status, stderr }: { readonly status: number | null; readonly stderr: string },
  words: RegExp,
): void {
  assert.equal(status, exitCodes.configuration, stderr);
  assert.match(stderr, words);
}
