import type { ContractTransactionReceipt, ContractTransactionResponse, Signer } from "ethers";
import type { ValidatorRegistry } from "../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import type { ValidatorSet } from "../../domain/bridge.ts";
import { FatalError } from "../../domain/errors.ts";
import { type Address, hash, type Hash, type PublicKey, type Signature } from "../../domain/ids.ts";
import { decodeSet } from "../../domain/validator-set.ts";
import { included } from "./included.ts";
import { refused } from "./refusal.ts";

/** A validator that joins. */
export type Joining = {
  readonly key: PublicKey;
  /** In the native currency's smallest unit. */
  readonly bond: bigint;
  /** Of the registry's join digest, by the key. */
  readonly proof: Signature;
};

/**
 * What an operator does in the registry of validators. Each call waits until a block holds it.
 *
 * Throws FatalError `REFUSED` with the registry's own reason, and what {@link included} throws.
 */
export class OperatorWallet {
  readonly #registry: ValidatorRegistry;
  readonly #signal: AbortSignal;

  /** @param signer the operator's account, connected to the home chain */
  constructor(registry: Address, signer: Signer, signal: AbortSignal) {
    this.#registry = ValidatorRegistry__factory.connect(registry, signer);
    this.#signal = signal;
  }

  async join({ key, bond, proof }: Joining): Promise<Hash> {
    const admission = { key, bond, proof, blsKey: "0x", blsProof: "0x" };
    return hashOf(await this.#send("joining", (registry) => registry.join(admission, { value: bond })));
  }

  async exit(key: PublicKey): Promise<Hash> {
    return hashOf(await this.#send("the exit", (registry) => registry.exit(key)));
  }

  async unjail(key: PublicKey): Promise<Hash> {
    return hashOf(await this.#send("the release from jail", (registry) => registry.unjail(key)));
  }

  /** Forms the next set. @param members ascending, see `ValidatorsReader.nextMembers` */
  async formSet(members: readonly PublicKey[]): Promise<{ transaction: Hash; set: ValidatorSet }> {
    const receipt = await this.#send("forming a set", (registry) => registry.formSet([...members], []));
    const block = receipt.blockNumber;
    const filter = this.#registry.filters.ValidatorSetFormed();
    const logs = await this.#registry.queryFilter(filter, block, block);
    const log = logs.find(({ transactionHash }) => transactionHash === receipt.hash);
    if (log === undefined)
      throw new FatalError(
        "NO_LOG",
        `The node hides the log of transaction ${receipt.hash}; the set is formed.`,
      );
    return { transaction: hashOf(receipt), set: decodeSet(log.args.set) };
  }

  async #send(
    what: string,
    call: (registry: ValidatorRegistry) => Promise<ContractTransactionResponse>,
  ): Promise<ContractTransactionReceipt> {
    try {
      return await included(() => call(this.#registry), {
        what,
        refused: "The registry refuses. Nothing was changed.",
        uncertain: 'Look at "dchat validator status" before you try again.',
        signal: this.#signal,
      });
    } catch (error) {
      const meaning = "Nothing was changed, and no bond was touched.";
      throw refused(error, this.#registry.interface, "The registry", meaning) ?? error;
    }
  }
}

const hashOf = (receipt: ContractTransactionReceipt): Hash => hash.parse(receipt.hash);
