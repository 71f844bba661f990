import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEther, Wallet } from "ethers";
import { z } from "zod";
import { address, chainId, chainName } from "../../../relayer/domain/ids.ts";
import type { ChainConfig } from "../../../relayer/domain/network.ts";
import { Rpc } from "../../../relayer/platform/rpc.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { repository, type Running, start, until } from "./processes.ts";

const unused = address.parse("0x00000000000000000000000000000000000000aa");
const { interface: tokenInterface } = new DemoToken__factory();

/** The configuration of a test chain behind an endpoint. */
export function chainAt(rpcUrl: string, id: number, depth = 0): ChainConfig {
  return {
    name: chainName.parse("T"),
    chainId: chainId.parse(id),
    rpcUrl,
    finality: { depth },
    pollMilliseconds: 20,
    rpcTimeoutMilliseconds: 5_000,
    outbox: unused,
    inbox: unused,
    deploymentBlock: 0,
    senderKeyFile: "unused",
  };
}

/** A call that pays one unit of a token; whoever looks at the recipient's balance knows how often it was done. */
export function paymentOf(token: string, recipient: string) {
  return { to: token, data: tokenInterface.encodeFunctionData("transfer", [recipient, 1n]) };
}

/** A node of our own with a token on it. */
export class SenderScene {
  readonly folder: string;
  readonly url: string;
  readonly rpc: Rpc;
  readonly token: string;
  readonly #node: Running;

  private constructor(folder: string, url: string, rpc: Rpc, token: string, node: Running) {
    this.folder = folder;
    this.url = url;
    this.rpc = rpc;
    this.token = token;
    this.#node = node;
  }

  static async start(id: number): Promise<SenderScene> {
    const folder = mkdtempSync(join(tmpdir(), "dchat-sending-"));
    const options = ["--chain-id", String(id), "--block-seconds", "0", "--data", join(folder, "chain")];
    const node = start(process.execPath, [join(repository, "scripts/chain-node.ts"), ...options]);
    await until("the node serves", () => node.stdout().includes("\n"));
    const { port } = z.object({ port: z.number() }).parse(JSON.parse(node.stdout()));
    const url = `http://127.0.0.1:${port}`;
    const rpc = new Rpc(chainAt(url, id));
    const rich = await rpc.provider.getSigner(0);
    const deployed = await new DemoToken__factory(rich).deploy("Demo", "DEMO", parseEther("1000"));
    await deployed.waitForDeployment();
    return new SenderScene(folder, url, rpc, await deployed.getAddress(), node);
  }

  /** A new account with money for fees, and tokens. */
  async newWallet(): Promise<Wallet> {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    const rich = await this.rpc.provider.getSigner(0);
    await (await rich.sendTransaction({ to: wallet.address, value: parseEther("1") })).wait();
    const token = DemoToken__factory.connect(this.token, rich);
    await (await token.transfer(wallet.address, 1_000n)).wait();
    return wallet;
  }

  /** How many payments somebody has received. */
  async paid(recipient: string): Promise<number> {
    return Number(await DemoToken__factory.connect(this.token, this.rpc.provider).balanceOf(recipient));
  }

  automine(on: boolean): Promise<unknown> {
    return this.rpc.provider.send("evm_setAutomine", [on]);
  }

  mine(): Promise<unknown> {
    return this.rpc.provider.send("evm_mine", []);
  }

  async stop(): Promise<void> {
    this.rpc.close();
    this.#node.child.kill("SIGKILL");
    await this.#node.ended;
    rmSync(this.folder, { recursive: true });
  }
}
