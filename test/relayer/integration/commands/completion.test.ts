import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { roles } from "../../../../relayer/commands/roles.ts";
import type { networkSchema } from "../../../../relayer/domain/network.ts";
import { repository, start } from "../../support/processes.ts";

/** What bash-completion's function of this name does, which may not be installed: takes the words apart. */
const WORDS = `_get_comp_words_by_ref() {
  words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}
}`;
const side = {
  outbox: `0x${"1".repeat(40)}`,
  inbox: `0x${"2".repeat(40)}`,
  finality: { depth: 1 },
  deploymentBlock: 0,
};
const chain = (chainId: number) => ({ ...side, chainId, rpcUrl: "http://127.0.0.1:1", senderKeyFile: "key" });

describe("completion by TAB, in bash", () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-completion-"));
  before(() => {
    mkdirSync(join(folder, "keys"));
    writeFileSync(join(folder, "wallet.key"), "");
    writeFileSync(
      join(folder, "network.json"),
      JSON.stringify({
        chains: { north: chain(1), south: chain(2) },
        redisUrl: "redis://127.0.0.1:1",
        dataFolder: "data",
        api: { port: 1 },
      } satisfies Parameters<typeof networkSchema.parse>[0]),
    );
    const program = join(folder, "dchat");
    writeFileSync(
      program,
      `#!/bin/sh\nexec "${process.execPath}" "${join(repository, "relayer/main.ts")}" "$@"\n`,
    );
    chmodSync(program, 0o700);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** What bash offers when TAB is pressed after these words, the last of which has been begun. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const script = `source <(dchat completion bash); ${WORDS}
COMP_WORDS=(dchat "$@"); COMP_CWORD=$#; __dchat_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = {
      ...process.env,
      PATH: `${folder}:${process.env["PATH"] ?? ""}`,
      DCHAT_CONFIG: "network.json",
    };
    const { stdout, stderr, code } = await start("bash", ["-c", script, "bash", ...words], {
      cwd: folder,
      env,
    }).ended;
    assert.equal(code, 0, stderr);
    return stdout
      .split("\n")
      .flatMap((line) => line.trim().split(/\s/).slice(0, 1))
      .filter((word) => word !== "");
  }

  it("offers commands, options, and what options take", async () => {
    assert.deepEqual(await offered("trans"), ["transfer"]);
    assert.deepEqual(await offered("escrow", "re"), ["release", "refund", "resolve"]);
    assert.deepEqual(await offered("transfer", "--fr"), ["--from"]);
    assert.deepEqual(await offered("relayer", "start", "--role", ""), [...roles]);
  });

  it("offers the chains of the network in force, and files", async () => {
    assert.deepEqual(await offered("transfer", "--from", ""), ["north", "south"]);
    assert.deepEqual(await offered("transfer", "--key-file", "wa"), ["wallet.key"]);
    assert.deepEqual(await offered("relayer", "start", "--keystore", "k"), ["keys/"]);
  });

  it("offers nothing where there is nothing, and says no error", async () => {
    rmSync(join(folder, "network.json"));
    assert.deepEqual(await offered("transfer", "--from", ""), []);
    assert.deepEqual(await offered("transfer", "--key-file", "nowhere/"), []);
  });
});
