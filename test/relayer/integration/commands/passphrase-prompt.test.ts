import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { unlockKeystore } from "../../../../relayer/bridge/adapters/keystore-file.ts";
import { exitCodes } from "../../../../relayer/platform/exit-codes.ts";
import { repository, start, until } from "../../support/processes.ts";
import { SignerScene } from "../../support/signer-commands.ts";

/** util-linux's `script` gives a program a terminal; others of that name take other arguments. */
const script = "/usr/bin/script";
const skip = process.platform !== "linux" || !existsSync(script);

const scene = new SignerScene();
after(() => {
  scene.remove();
});

describe("a pass-phrase that is typed (needs Linux and /usr/bin/script)", { skip }, () => {
  const keygen = () => {
    const main = join(repository, "relayer/main.ts");
    const command = `stty cols 100; exec ${process.execPath} ${main} signer keygen --kdf pbkdf2 --out ${scene.at("keys")}`;
    return start(script, ["--quiet", "--return", "--command", command, "/dev/null"]);
  };

  it("twice makes a keystore, and is not shown", async () => {
    const running = keygen();
    for (const question of ["Pass-phrase of the new keystore:", "The same again:"]) {
      await until(question, () => running.stdout().includes(question));
      running.child.stdin?.write(`${scene.passphrase}\r`);
    }
    const { code, stdout } = await running.ended;
    assert.equal(code, exitCodes.success, stdout);
    scene.assertNoSecret(stdout);
    const [file = ""] = readdirSync(scene.at("keys"));
    await unlockKeystore(scene.at(`keys/${file}`), scene.passphrase);
  });

  it("may be left with Ctrl-C, and nothing is written", async () => {
    const before = readdirSync(scene.at("keys"));
    const running = keygen();
    await until("it asks", () => running.stdout().includes("Pass-phrase"));
    running.child.stdin?.write("half\u0003");
    const { code, stdout } = await running.ended;
    assert.equal(code, exitCodes.interrupted);
    assert.match(stdout, /Interrupted\. Nothing was written/);
    assert.deepEqual(readdirSync(scene.at("keys")), before);
  });
});
