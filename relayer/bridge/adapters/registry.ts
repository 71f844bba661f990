import type { ValidatorRegistry } from "../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { RetryableError } from "../../domain/errors.ts";
import { hash } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { decodeSet, setHash } from "../../domain/validator-set.ts";
import type { FormedSet, Home } from "../core/rotation.ts";
import type { SetOrigin } from "../ports.ts";
import { decodePosition } from "../../domain/log-position.ts";
import { LogSearch } from "./log-search.ts";

/** A {@link SetOrigin} read from its registry over JSON-RPC. */
export class RegistryReader implements SetOrigin {
  readonly home: Home;
  readonly #rpc: Rpc;
  readonly #registry: ValidatorRegistry;
  /** The same, by the word of one provider. */
  readonly #hearsay: ValidatorRegistry;
  readonly #search: LogSearch;
  /** What was read of final blocks does not change. */
  readonly #final = new Map<bigint, FormedSet>();

  constructor(home: Home, rpc: Rpc) {
    this.home = home;
    this.#rpc = rpc;
    // What is read here is signed: the providers must agree on it.
    this.#registry = ValidatorRegistry__factory.connect(home.registry, rpc.agreed);
    this.#hearsay = ValidatorRegistry__factory.connect(home.registry, rpc.provider);
    this.#search = new LogSearch(rpc);
  }

  async finalSet(epoch: bigint): Promise<FormedSet | undefined> {
    const known = this.#final.get(epoch);
    if (known !== undefined) return known;
    const stored = await this.#rpc.ask("eth_call", () => this.#registry.validatorSetHash(epoch));
    if (stored === EMPTY) return undefined;
    const [log, final] = await Promise.all([this.#formed(epoch), this.#rpc.finalBlock()]);
    if (log === undefined || log.blockNumber > final) return undefined;
    const set = decodeSet(log.args.set);
    if (setHash(set) !== hash.parse(stored))
      throw new RetryableError(
        "INCONSISTENT_LOGS",
        `Chain ${this.#rpc.chain.name}: the set of epoch ${epoch} in the registry's logs is not the one whose hash it holds; it was not used. The node is faulty or lies; it will be read again.`,
      );
    const formed = { set, position: decodePosition(log) };
    this.#final.set(epoch, formed);
    return formed;
  }

  /** The log of a set that the registry has formed, searched from the newest block backwards. */
  async #formed(epoch: bigint) {
    const filter = this.#registry.filters.ValidatorSetFormed(epoch);
    const read = async (from: number, to: number | "latest") =>
      (await this.#rpc.ask("eth_getLogs", () => this.#registry.queryFilter(filter, from, to))).at(-1);
    const { found, from } = await this.#search.recent(read);
    return (
      found ??
      (await this.#search.byState(
        read,
        from - 1,
        async (blockTag) =>
          (await this.#rpc.ask("eth_call", () => this.#hearsay.epoch({ blockTag }))) >= epoch,
      ))
    );
  }
}

const EMPTY = `0x${"00".repeat(32)}`;
