import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import getPort from "get-port";
import { JsonRpcProvider, toQuantity } from "ethers";
import { isListening, type Running, start, until } from "./processes.ts";

/** The program of the package for this machine, without the script around it, so that a signal reaches it. */
function program(): string {
  const platform = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const main = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
  return join(dirname(main.resolve(`${platform}/package.json`)), "bin/anvil");
}

/** What an anvil shall be. */
export type AnvilOptions = {
  readonly chainId: number;
  /** The fork of Ethereum whose rules it has. */
  readonly hardfork?: "shanghai" | "cancun" | "prague" | "osaka";
  /** Seconds between blocks; left out, every transaction gets one at once. */
  readonly blockSeconds?: number;
};

/** An EVM node that is not Hardhat's. */
export class Anvil implements AsyncDisposable {
  readonly chainId: number;
  readonly url: string;
  readonly provider: JsonRpcProvider;
  readonly #running: Running;

  private constructor(chainId: number, url: string, running: Running) {
    this.chainId = chainId;
    this.url = url;
    this.#running = running;
    this.provider = new JsonRpcProvider(url, chainId, { staticNetwork: true, cacheTimeout: -1 });
  }

  static async start({ chainId, hardfork = "osaka", blockSeconds }: AnvilOptions): Promise<Anvil> {
    const port = await getPort({ host: "127.0.0.1" });
    const settings = ["--chain-id", chainId, "--hardfork", hardfork, "--port", port, "--host", "127.0.0.1"];
    // With slots of one block "finalized" is two blocks behind, as on a chain that is fast.
    const blocks = blockSeconds === undefined ? [] : ["--block-time", blockSeconds];
    const args = [...settings, ...blocks, "--slots-in-an-epoch", 1, "--accounts", 1, "--quiet"];
    const running = start(program(), args.map(String));
    await until("anvil listens", async () => {
      assert.equal(running.child.exitCode, null, running.stderr());
      return isListening(port);
    });
    return new Anvil(chainId, `http://127.0.0.1:${port}`, running);
  }

  async fund(account: string, wei: bigint): Promise<void> {
    await this.provider.send("anvil_setBalance", [account, toQuantity(wei)]);
  }

  async setCode(account: string, code: string): Promise<void> {
    await this.provider.send("anvil_setCode", [account, code]);
  }

  async mine(blocks: number): Promise<void> {
    await this.provider.send("anvil_mine", [toQuantity(blocks)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.provider.destroy();
    const { child } = this.#running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
