import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { hexlify, MaxUint256, parseUnits, Wallet } from "ethers";
import { z } from "zod";
import { type ChainConfig, chainsOf, type Network } from "../../relayer/domain/network.ts";
import { address } from "../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../relayer/domain/interoperable-address.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import { TokenBridge__factory } from "../../types/ethers-contracts/factories/bridge/TokenBridge__factory.ts";
import { DemoToken__factory } from "../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import type { RpcNode } from "./rpc-node.ts";

/** In the token's smallest unit: so small that no limit of the bridge is reached. */
const AMOUNT = 1_000n;
/** Above what a transfer takes on the origin. */
const GAS_LIMIT = 400_000n;
const FEES = { maxFeePerGas: parseUnits("20", "gwei"), maxPriorityFeePerGas: 1n } as const;
/** How many transactions go to the node in one request. */
const AT_ONCE = 50;
const quantity = z.string().transform(BigInt);

/** Transfers of one wallet from the chain where its token is at home, signed ahead so that signing costs the fleet nothing. */
export class Load {
  readonly #node: RpcNode;
  readonly #wallet: Wallet;
  readonly #chainId: number;
  readonly #bridge: string;
  readonly #call: string;
  #nonce = 0;

  private constructor(node: RpcNode, wallet: Wallet, from: ChainConfig, to: ChainConfig, bridge: string) {
    this.#node = node;
    this.#wallet = wallet;
    this.#chainId = from.chainId;
    this.#bridge = bridge;
    this.#call = TokenBridge__factory.createInterface().encodeFunctionData("crosschainTransfer", [
      interoperableAddress(to.chainId, address.parse(wallet.address)),
      AMOUNT,
    ]);
  }

  /** Approves the bridge, so that every transfer is a single transaction. */
  static async open(network: Network, node: RpcNode): Promise<Load> {
    const [from, to] = chainsOf(network);
    const side = from && network.tokens["DEMO"]?.sides[from.name];
    if (from === undefined || to === undefined || side === undefined || network.walletKeyFile === undefined)
      throw new Error("a local network has two chains, a token and a wallet");
    const wallet = new Wallet(hexlify(readKeyFile(network.walletKeyFile, "the wallet")));
    const load = new Load(node, wallet, from, to, side.bridge);
    load.#nonce = Number(
      quantity.parse(await node.request("eth_getTransactionCount", [wallet.address, "latest"])),
    );
    const approve = DemoToken__factory.createInterface().encodeFunctionData("approve", [
      side.bridge,
      MaxUint256,
    ]);
    await node.request("eth_sendRawTransaction", [await load.#sign(side.token, approve)]);
    return load;
  }

  /** Signs the next `count` transfers. */
  async prepare(count: number): Promise<readonly string[]> {
    const signed: string[] = [];
    for (let i = 0; i < count; i++) {
      signed.push(await this.#sign(this.#bridge, this.#call));
      if (i % AT_ONCE === 0) await setImmediate(); // so that the ends of idle connections are noticed
    }
    return signed;
  }

  /** Sends as fast as the origin takes them. */
  async flood(transactions: readonly string[]): Promise<void> {
    for (let i = 0; i < transactions.length; i += AT_ONCE)
      await this.#node.sendAll(transactions.slice(i, i + AT_ONCE));
  }

  /** Sends at a steady pace, whatever becomes of those before. */
  async pace(transactions: readonly string[], perSecond: number): Promise<void> {
    const began = performance.now();
    for (const [i, transaction] of transactions.entries()) {
      await sleep(Math.max(0, began + (i * 1_000) / perSecond - performance.now()));
      await this.#node.sendAll([transaction]);
    }
  }

  #sign(to: string, data: string): Promise<string> {
    const { chainId, nonce } = { chainId: this.#chainId, nonce: this.#nonce++ };
    return this.#wallet.signTransaction({ type: 2, chainId, nonce, to, data, gasLimit: GAS_LIMIT, ...FEES });
  }
}
