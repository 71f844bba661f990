import { ZeroAddress } from "ethers";
import type { ValidatorRegistry } from "../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { address, type Address, publicKey, type PublicKey } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { type Candidate, elect } from "../core/election.ts";

/** What the registry knows of one validator. Amounts are in the bond's smallest unit, times in Unix seconds. */
export type ValidatorRecord = Candidate & {
  readonly bond: bigint;
  readonly lastEpoch: bigint;
  readonly jailedUntil: bigint;
  readonly isTombstoned: boolean;
  /** When it exited or was tombstoned; 0 before. */
  readonly exitedAt: bigint;
  /** From when on the bond can be withdrawn; 0 for one that stays. */
  readonly withdrawableAt: bigint;
};

/** The validators of the registry on the home chain, and the set that they would form next. */
export class ValidatorsReader {
  readonly contract: ValidatorRegistry;
  readonly #rpc: Rpc;

  constructor(registry: Address, rpc: Rpc) {
    this.#rpc = rpc;
    this.contract = ValidatorRegistry__factory.connect(registry, rpc.provider);
  }

  /** Everybody who ever joined, by key. */
  async list(): Promise<readonly ValidatorRecord[]> {
    const filter = this.contract.filters.ValidatorJoined();
    const { deploymentBlock } = this.#rpc.chain;
    const logs = await this.#rpc.ask("eth_getLogs", () => this.contract.queryFilter(filter, deploymentBlock));
    const records = await Promise.all(logs.map(({ args }) => this.read(publicKey.parse(args.key))));
    return records.filter((record) => record !== undefined).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** One validator; undefined for a key that never joined. */
  async read(key: PublicKey): Promise<ValidatorRecord | undefined> {
    const [found, withdrawableAt] = await Promise.all([
      this.#rpc.ask("eth_call", () => this.contract.validatorOf(key)),
      this.#rpc.ask("eth_call", () => this.contract.withdrawableAt(key)),
    ]);
    if (found.operator === ZeroAddress) return undefined;
    const { bond, lastEpoch, jailedUntil, isTombstoned, isEligible, exitedAt } = found;
    const operator = address.parse(found.operator);
    return {
      key,
      operator,
      bond,
      lastEpoch,
      jailedUntil,
      isTombstoned,
      isEligible,
      exitedAt,
      withdrawableAt,
    };
  }

  /** The members that the registry would take for the next set now. */
  async nextMembers(): Promise<readonly PublicKey[]> {
    const candidates = await this.list();
    const operators = [...new Set(candidates.map(({ operator }) => operator))];
    const seats = await Promise.all(
      operators.map(async (operator) => {
        const { seats } = await this.#rpc.ask("eth_call", () => this.contract.operatorOf(operator));
        return [operator, Number(seats)] as const;
      }),
    );
    const size = await this.#rpc.ask("eth_call", () => this.contract.setSize());
    const cap = await this.#rpc.ask("eth_call", () => this.contract.operatorCap(size));
    return elect(candidates, new Map(seats), Number(cap));
  }
}
