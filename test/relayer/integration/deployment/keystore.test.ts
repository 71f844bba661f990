import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Anvil } from "../../support/anvil.ts";
import { Deployer, RICH } from "../../support/deployer.ts";
import { posing } from "../../support/deployment-file.ts";
import { repository, start, until } from "../../support/processes.ts";

/** util-linux's `script` gives a program a terminal; others of that name take other arguments. */
const script = "/usr/bin/script";
const skip = process.platform !== "linux" || !existsSync(script);
const PASSWORD = "correct horse battery";

describe("the deployer's key (needs Linux and /usr/bin/script)", { skip }, () => {
  it("comes from Hardhat's keystore by its password, asked for once for all chains, and is not shown", async () => {
    await using a = await Anvil.start({ chainId: 31_337 });
    await using b = await Anvil.start({ chainId: 31_338 });
    using deployer = new Deployer({ A: a.url, B: b.url });
    using named = new Deployer({});
    await deployer.keepKey(PASSWORD);
    for (const node of [a, b]) await node.fund(named.wallet.address, RICH);
    // The file names another account, so that the run ends when it has the key.
    deployer.write(posing("development"), named.wallet.address);

    // For people, with what is under way drawn on the terminal.
    const command = [process.execPath, join(repository, "relayer/main.ts"), ...deployer.words("run")].join(
      " ",
    );
    const args = ["--quiet", "--return", "--command", `stty cols 500; exec ${command}`, "/dev/null"];
    const running = start(script, args, { env: { ...process.env, ...deployer.environment() } });
    await until("it asks", () => /password/i.test(running.stdout()), 60_000);
    running.child.stdin?.write(`${PASSWORD}\r`);
    const { code, stdout } = await running.ended;
    assert.equal(code, 78, stdout);
    assert(stdout.includes(`The keystore's key is that of ${deployer.wallet.address}`), stdout);
    assert(!stdout.includes(PASSWORD) && !stdout.includes(deployer.wallet.privateKey.slice(2)));

    const blind = await deployer.deploy("run");
    assert.equal(blind.code, 78);
    assert.match(blind.stderr, /there is no terminal to ask for it on/);
  });
});
