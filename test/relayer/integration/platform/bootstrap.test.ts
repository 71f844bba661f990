import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Checkout } from "../../support/checkout.ts";
import { isAlive, repository, start, until, type Running } from "../../support/processes.ts";

const shows = ["--", "node", "-p", "`node ${process.versions.node.split('.')[0]}`"];

/** A command that says its pid, then waits. */
const waits = ["--", "node", "-e", "console.log(process.pid); setInterval(() => {}, 1000)"];

async function pidSaidBy(running: Running): Promise<number> {
  await until("the command says its pid", () => /^\d+\n/.test(running.stdout()));
  return Number(running.stdout());
}

describe("bootstrap: dependencies", () => {
  it("installs what is missing, runs the command under the pinned Node, and installs nothing the next time", async () => {
    using checkout = new Checkout();
    const first = await checkout.bootstrap(shows).ended;
    assert.equal(first.stdout, "node 24\n", first.stderr);
    assert.match(first.stderr, /^Installing dependencies…\nInstalling dependencies: done in \d+\.\d s\n$/);
    assert.deepEqual(checkout.takeLog(), ["npm starts", "npm ends"]);

    const second = await checkout.bootstrap(shows).ended;
    assert.deepEqual([second.stdout, second.stderr, second.code], ["node 24\n", "", 0]);
    assert.deepEqual(checkout.takeLog(), []);
  });

  it("installs again when the lock file changes", async () => {
    using checkout = new Checkout();
    await checkout.bootstrap([]).ended;
    checkout.lockNode("24.99.0");
    await checkout.bootstrap([]).ended;
    assert.equal(checkout.takeLog().length, 4);
  });

  it("two at once install once, and both commands run", async () => {
    using checkout = new Checkout();
    const both = await Promise.all([checkout.bootstrap(shows).ended, checkout.bootstrap(shows).ended]);
    assert.deepEqual(
      both.map(({ stdout }) => stdout),
      ["node 24\n", "node 24\n"],
    );
    assert.deepEqual(checkout.takeLog(), ["npm starts", "npm ends"]);
    assert.ok(both.some(({ stderr }) => stderr.includes("Waiting for the installation that process")));
  });

  it("takes over from a bootstrap that was killed, and kills the npm that it left running", async () => {
    using checkout = new Checkout();
    const body = checkout.npm(`ln -s "${process.execPath}" node_modules/.bin/node`);
    checkout.program("bin/npm", `echo $$ > npm.pid\nexec sleep 300`);
    const killed = checkout.bootstrap([]);
    const npm = await checkout.pidOfNpm();
    killed.child.kill("SIGKILL");
    await killed.ended;

    checkout.program("bin/npm", body);
    const next = await checkout.bootstrap(shows).ended;
    assert.equal(next.stdout, "node 24\n", next.stderr);
    assert.ok(!isAlive(npm));
  });

  it("stops npm and leaves no lock when it is interrupted", async () => {
    using checkout = new Checkout();
    checkout.program("bin/npm", `echo $$ > npm.pid\nsleep 300`);
    const running = checkout.bootstrap(shows);
    const npm = await checkout.pidOfNpm();
    running.child.kill("SIGINT");
    assert.equal((await running.ended).signal, "SIGINT");
    assert.ok(!isAlive(npm));
    assert.ok(!existsSync(join(checkout.root, ".dchat/bootstrap-dependencies.lock")));
  });

  it("says what to run when npm fails or leaves out the Node binary", async () => {
    using checkout = new Checkout();
    checkout.program("bin/npm", "echo npm error ENOTFOUND; exit 3");
    const failed = await checkout.bootstrap(shows).ended;
    assert.equal(failed.code, 1);
    assert.match(
      failed.stderr,
      /\| npm error ENOTFOUND\ndchat: `npm ci` failed with exit code 3 in .*`npm ping`/,
    );

    checkout.program("bin/npm", checkout.npm(":"));
    const incomplete = await checkout.bootstrap(shows).ended;
    assert.equal(incomplete.code, 1);
    assert.match(
      incomplete.stderr,
      /dchat: .*does not run instead of Node 24.*`npm rebuild node --ignore-scripts=false`/,
    );

    const both = `ln -s "${process.execPath}" node_modules/.bin/node\nrm node_modules/@nomicfoundation/edr/index.js`;
    checkout.program("bin/npm", checkout.npm(both));
    const old = await checkout.bootstrap(shows).ended;
    assert.match(
      old.stderr,
      /dchat: The native package of @nomicfoundation\/edr .* is missing .*npx -y -p node@24/,
    );
  });

  it("the committed lock file names every optional package, or `npm ci` would refuse it", () => {
    const check = spawnSync(process.execPath, [join(repository, "scripts/complete-lock.mjs"), "--check"]);
    assert.equal(check.status, 0, check.stderr.toString());
  });
});

describe("bootstrap: pages", () => {
  it("builds them when a source of theirs changed, and not for others", async () => {
    using checkout = new Checkout();
    const build = async () => {
      const { code, stderr } = await checkout.bootstrap(["--web"]).ended;
      assert.equal(code, 0, stderr);
      return checkout.takeLog().filter((line) => line.startsWith("vite"));
    };
    const once = ["vite build --config web/vite.config.ts"];
    assert.deepEqual(await build(), once);
    assert.deepEqual(await build(), []);
    checkout.write("relayer/platform/a.ts", "");
    assert.deepEqual(await build(), []);
    for (const source of ["web/dapp/views/b.tsx", "relayer/domain/a.ts", "contracts/A.sol"]) {
      checkout.write(source, "// changed");
      assert.deepEqual(await build(), once, source);
    }
    rmSync(join(checkout.root, "web/dist"), { recursive: true });
    assert.deepEqual(await build(), once);
  });

  it("shows the tool's words when it refuses a source, and tries again the next time", async () => {
    using checkout = new Checkout();
    checkout.program("vite", "echo a.tsx:1 Unexpected token; exit 1");
    for (let times = 0; times < 2; times++) {
      const { code, stderr } = await checkout.bootstrap(["--web"]).ended;
      assert.equal(code, 1);
      assert.match(stderr, /Unexpected token/);
      assert.match(stderr, /The pages cannot be built/);
    }
  });
});

describe("bootstrap: contracts", () => {
  it("compiles when a source or the configuration changed, and not for tests in Solidity", async () => {
    using checkout = new Checkout();
    const build = async () => {
      const { code, stderr } = await checkout.bootstrap(["--contracts"]).ended;
      assert.equal(code, 0, stderr);
      return checkout.takeLog().filter((line) => line.startsWith("hardhat"));
    };
    assert.deepEqual(await build(), ["hardhat build --no-tests --force"]);
    assert.deepEqual(await build(), []);
    checkout.write("contracts/A.t.sol", "contract ATest {}");
    assert.deepEqual(await build(), []);
    checkout.write("contracts/deep/B.sol", "contract B {}");
    assert.deepEqual(await build(), ["hardhat build --no-tests"]);
    checkout.write("hardhat.config.ts", "export default {};");
    assert.deepEqual(await build(), ["hardhat build --no-tests"]);
    rmSync(join(checkout.root, "types"), { recursive: true });
    assert.deepEqual(await build(), ["hardhat build --no-tests --force"]);
  });

  it("shows the compiler's words when it refuses a source, and tries again the next time", async () => {
    using checkout = new Checkout();
    checkout.program("hardhat", "mkdir -p artifacts types; echo A.sol:1 ParserError; exit 1");
    for (let times = 0; times < 2; times++) {
      const { code, stderr } = await checkout.bootstrap(["--contracts"]).ended;
      assert.equal(code, 1);
      assert.match(stderr, /\| A\.sol:1 ParserError\ndchat: The contracts do not compile in /);
    }
  });
});

describe("bootstrap: Redis", () => {
  const shown = ["--redis", "--", "node", "-p", "process.env.DCHAT_REDIS_SERVER ?? 'none'"];

  it("finds a server on the PATH, whatever REDIS_URL says, or the one that is named", async () => {
    using checkout = new Checkout();
    checkout.program("bin/redis-server", "exit 0");
    const found = await checkout.bootstrap(shown, { REDIS_URL: "redis://127.0.0.1:1" }).ended;
    assert.equal(found.stdout, `${join(checkout.bin, "redis-server")}\n`);
    const valkey = await checkout.bootstrap(shown, { DCHAT_REDIS_SERVER: "/nowhere" }).ended;
    assert.match(valkey.stderr, /DCHAT_REDIS_SERVER is \/nowhere, which is no executable/);
  });

  it("names the command that installs one on this system", async () => {
    using checkout = new Checkout();
    await checkout.bootstrap([]).ended;
    for (const [manager, command] of [
      ["dnf", "sudo dnf install -y valkey"],
      ["apk", "sudo apk add redis"],
      ["brew", "brew install redis"],
    ] as const) {
      checkout.program(`systems/${manager}/${manager}`, "exit 0");
      const PATH = join(checkout.root, "systems", manager);
      const { code, stderr } = await checkout.bootstrap(shown, { PATH }).ended;
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(
          `^dchat: There is no Redis server .*\`${command}\`, or name one with DCHAT_REDIS_SERVER\\.\n$`,
        ),
      );
    }
  });
});

describe("bootstrap: the command", () => {
  it("ends with the command's exit code or signal, and refuses what it does not know", async () => {
    using checkout = new Checkout();
    assert.equal((await checkout.bootstrap(["--", "sh", "-c", "exit 7"]).ended).code, 7);
    assert.equal((await checkout.bootstrap(["sh", "-c", "kill -9 $$"]).ended).signal, "SIGKILL");
    assert.match(
      (await checkout.bootstrap(["--contract"]).ended).stderr,
      /^dchat: Unknown option --contract /,
    );
    assert.match((await checkout.bootstrap(["nosuch"]).ended).stderr, /^dchat: There is no command nosuch /);
  });

  it("forwards signals", async () => {
    using checkout = new Checkout();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const running = checkout.bootstrap(waits);
      const pid = await pidSaidBy(running);
      running.child.kill(signal);
      assert.equal((await running.ended).signal, signal);
      assert.ok(!isAlive(pid));
    }
  });

  it("the command ends when bootstrap is killed, and when the npm that runs bootstrap is", async () => {
    using checkout = new Checkout();
    const alone = checkout.bootstrap(waits);
    const orphan = await pidSaidBy(alone);
    alone.child.kill("SIGKILL");
    await until("the command of the killed bootstrap ends", () => !isAlive(orphan));

    // The shell that npm puts between stays alive when npm is killed; the stand-in for npm is this Node process.
    const shell = `node scripts/bootstrap.mjs ${waits.slice(0, 2).join(" ")} -e "${waits[3] ?? ""}"; :`;
    const npm = start(
      process.execPath,
      ["-e", 'require("child_process").spawn("sh", ["-c", process.argv[1]], { stdio: "inherit" })', shell],
      {
        cwd: checkout.root,
        env: { ...process.env, npm_lifecycle_event: "start" },
      },
    );
    const pid = await pidSaidBy(npm);
    npm.child.kill("SIGKILL");
    await until("the command of the killed npm ends", () => !isAlive(pid));
  });

  it("gives the command a pipe on DCHAT_PARENT_FD that ends with bootstrap", async () => {
    using checkout = new Checkout();
    // `setpriv` out of the way, only the pipe is left to notice.
    checkout.program("bin/setpriv", "exit 1");
    const watches = `console.log(process.pid);
      new (require("net").Socket)({ fd: Number(process.env.DCHAT_PARENT_FD) }).on("end", () => process.exit()).resume();`;
    const running = checkout.bootstrap(["--", "node", "-e", watches]);
    const pid = await pidSaidBy(running);
    running.child.kill("SIGKILL");
    await until("the command notices", () => !isAlive(pid));
  });
});

const real =
  process.env["DCHAT_TEST_INSTALL"] === "1"
    ? false
    : "takes a minute and a registry: set DCHAT_TEST_INSTALL=1";

describe(
  "bootstrap: a real checkout without node_modules (DCHAT_TEST_INSTALL=1, about a minute)",
  { skip: real },
  () => {
    it("installs, compiles and runs, two at once, under the system's Node", async () => {
      const root = mkdtempSync(join(tmpdir(), "dchat-clone-"));
      try {
        const copy = 'git ls-files -co --exclude-standard -z | tar -c --null -T - | tar -x -C "$0"';
        assert.equal(spawnSync("sh", ["-c", copy, root], { cwd: repository }).status, 0);
        const PATH = (process.env["PATH"] ?? "").replaceAll(/[^:]*node_modules[^:]*:/g, "");
        const run = () =>
          start("node", ["scripts/bootstrap.mjs", "--contracts", ...shows], {
            cwd: root,
            env: { ...process.env, PATH },
          }).ended;
        for (const { stdout, stderr } of await Promise.all([run(), run()]))
          assert.equal(stdout, "node 24\n", stderr);
        assert.ok(existsSync(join(root, "types")));
      } finally {
        rmSync(root, { recursive: true });
      }
    });
  },
);
