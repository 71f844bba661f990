import type { Signer } from "ethers";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import { Ed25519KeyRegistry__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519KeyRegistry__factory.ts";
import { address, type Address, hash, type Hash, type PublicKey } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { SigningKey } from "../ports.ts";
import { included } from "./included.ts";
import { refused } from "./refusal.ts";

/** The table of a key's multiples on one chain, with which its signatures cost a third there. */
export type KeyTable = {
  readonly table: Address;
  readonly isThere: boolean;
};

/** The tables of Ed25519 keys on one chain, in the registry that its Inbox checks signatures with. */
export class KeyTables {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /** Where the table of a key is, or would be. */
  async find(key: PublicKey): Promise<KeyTable> {
    const registry = await this.#registry();
    const [table, isThere] = await this.#rpc.ask("eth_call", () =>
      Promise.all([registry.tableAddress(key), registry.isRegistered(key)]),
    );
    return { table: address.parse(table), isThere };
  }

  /**
   * Makes the table of a key, which signs that it is there to be used. Anybody may pay for it.
   * @returns the transaction, and the gas that it took
   * @throws FatalError `REFUSED` with the registry's own reason; what {@link included} throws
   */
  async make(
    key: SigningKey,
    payer: Signer,
    signal: AbortSignal,
  ): Promise<{ readonly transaction: Hash; readonly gas: bigint }> {
    const registry = (await this.#registry()).connect(payer);
    const digest = hash.parse(await this.#rpc.ask("eth_call", () => registry.proofDigest(key.publicKey)));
    const proof = await key.sign(digest);
    try {
      const receipt = await included(() => registry.register(key.publicKey, proof), {
        what: `the table of key ${key.publicKey}`,
        refused: "The registry of keys refuses. Nothing was changed.",
        uncertain: "Run the command again: it says whether the table is there, and makes it once at most.",
        signal,
      });
      return { transaction: hash.parse(receipt.hash), gas: receipt.gasUsed };
    } catch (error) {
      const meaning = "Nothing was changed but for the gas of the attempt, if it was sent.";
      throw refused(error, registry.interface, "The registry of keys", meaning) ?? error;
    }
  }

  async #registry() {
    const { inbox } = this.#rpc.chain;
    const contract = Inbox__factory.connect(inbox, this.#rpc.provider);
    // By its place: every array has something else by the name `keys`.
    const [keys] = await this.#rpc.ask("eth_call", () => contract.verifiers());
    return Ed25519KeyRegistry__factory.connect(keys, this.#rpc.provider);
  }
}
