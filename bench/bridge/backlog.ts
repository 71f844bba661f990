import { dirname, join } from "node:path";
import { hexlify, JsonRpcProvider, Wallet } from "ethers";
import { chainsOf } from "../../relayer/domain/network.ts";
import { address } from "../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../relayer/domain/interoperable-address.ts";
import { readKeyFile } from "../../relayer/platform/key-file.ts";
import type { LocalNetwork } from "../../scripts/local/network.ts";
import type { BurstSender } from "../../types/ethers-contracts/mocks/BurstSender.ts";
import { BurstSender__factory } from "../../types/ethers-contracts/factories/mocks/BurstSender__factory.ts";
import { IdleReceiver__factory } from "../../types/ethers-contracts/factories/mocks/IdleReceiver__factory.ts";

/** How many messages one transaction sends: below the gas that one may have, at some 45,000 each. */
const BURST = 250;
/** As in the other figures about messages. */
const PAYLOAD = `0x${"11".repeat(64)}`;
const GAS_LIMIT = 16_000_000n;

/** Puts messages on a lane much faster than anything delivers them. */
export class Backlog {
  readonly #burst: BurstSender;
  readonly #outbox: string;
  readonly #recipient: string;

  private constructor(burst: BurstSender, outbox: string, recipient: string) {
    this.#burst = burst;
    this.#outbox = outbox;
    this.#recipient = recipient;
  }

  /** Deploys a sender on the first chain and an idle receiver on the second. */
  static async open({ network, networkFile }: LocalNetwork): Promise<Backlog> {
    const [from, to] = chainsOf(network);
    if (from === undefined || to === undefined) throw new Error("a local network has two chains");
    const key = hexlify(readKeyFile(join(dirname(networkFile), "seller.key"), "the seller"));
    // Without the provider's memory of its last answers: it would give two transactions one nonce.
    const options = { staticNetwork: true, pollingInterval: 50, cacheTimeout: -1 };
    const on = ({ rpcUrl, chainId }: typeof from) =>
      new Wallet(key, new JsonRpcProvider(rpcUrl, chainId, options));
    const receiver = await new IdleReceiver__factory(on(to)).deploy();
    await receiver.waitForDeployment();
    const burst = await new BurstSender__factory(on(from)).deploy();
    await burst.waitForDeployment();
    const recipient = address.parse(await receiver.getAddress());
    return new Backlog(burst, from.outbox, interoperableAddress(to.chainId, recipient));
  }

  /** Sends `count` messages. @param onProgress told how many of them were sent */
  async send(count: number, onProgress: (sent: number) => void): Promise<void> {
    for (let sent = 0; sent < count; sent += BURST) {
      const size = Math.min(BURST, count - sent);
      const options = { gasLimit: GAS_LIMIT };
      await (await this.#burst.send(this.#outbox, this.#recipient, PAYLOAD, size, options)).wait();
      onProgress(sent + size);
    }
  }
}
