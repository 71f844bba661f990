import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBytes } from "ethers";
import { dchat } from "../../e2e/support/cli.ts";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { domainOf } from "../../../relayer/domain/attestation.ts";
import { address } from "../../../relayer/domain/ids.ts";
import { A, B, hashOf } from "./bridge.ts";
import type { Ended } from "./processes.ts";

const contract = address.parse("0x00000000000000000000000000000000000000aa");
const chain = (chainId: number) => ({
  chainId,
  rpcUrl: "http://127.0.0.1:1",
  finality: { depth: 1 },
  outbox: contract,
  inbox: contract,
  deploymentBlock: 0,
  senderKeyFile: "sender.key",
});

/** A folder with a network's configuration (of chains that nobody reaches), a key and its pass-phrase, for commands to work on. */
export class SignerScene {
  readonly folder = mkdtempSync(join(tmpdir(), "dchat-signer-"));
  readonly secret: string = hashOf("a secret key");
  readonly passphrase = "correct horse battery staple";
  readonly publicKey = new LocalSigningKey(getBytes(this.secret)).publicKey;
  readonly domain = domainOf(B, contract);
  /** Everything that any command said. */
  readonly heard: string[] = [];

  constructor() {
    this.file(
      "network.json",
      JSON.stringify({
        chains: { A: chain(A), B: chain(B) },
        redisUrl: "redis://127.0.0.1:1",
        dataFolder: "data",
        api: { port: 8080 },
      }),
    );
    this.file("validator.key", `${this.secret}\n`);
    this.file("passphrase", `${this.passphrase}\n`);
    mkdirSync(this.at("keys"));
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file that only its owner can read, or others too. */
  file(name: string, text: string, mode = 0o600): string {
    writeFileSync(this.at(name), text, { mode });
    return this.at(name);
  }

  /** Runs a command to its end. A role of the fleet would take the end of its input for the end of its parent. */
  async run(args: readonly string[], stdin = ""): Promise<Ended> {
    const running = dchat(["--config", this.at("network.json"), ...args]);
    // A command that ends without reading leaves nobody to write to.
    const input = running.child.stdin?.on("error", () => undefined);
    if (!args.includes("relayer")) input?.end(stdin);
    const ended = await running.ended;
    this.heard.push(ended.stdout, ended.stderr);
    return ended;
  }

  /** Asserts that neither the key nor the pass-phrase stands in a text. */
  assertNoSecret(text: string): void {
    const key = this.secret.slice(2);
    for (const secret of [key, Buffer.from(key, "hex").toString("base64"), this.passphrase])
      assert(!text.toLowerCase().includes(secret.toLowerCase()), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
