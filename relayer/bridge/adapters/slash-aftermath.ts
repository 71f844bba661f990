import type {
  TypedContractEvent,
  TypedDeferredTopicFilter,
  TypedEventLog,
} from "../../../types/ethers-contracts/common.ts";
import type { Slashing } from "../../../types/ethers-contracts/bridge/Slashing.ts";
import { address, hash } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { type Aftermath, type Case, type Punishment, subjectOf } from "../core/case.ts";
import { OFFENCES, placeIdOf } from "../core/slashing.ts";
import { evidenceHashOf } from "./evidence.ts";
import { LogSearch } from "./log-search.ts";

/** Below where something was not found the last time, so many blocks are searched again: a reorganisation may have put it there. */
const REORG_BLOCKS = 256;

/** A log of `Punished`, as far as it is needed. */
type PunishedLog = {
  readonly blockNumber: number;
  readonly transactionHash: string;
  readonly args: { readonly reporter: string; readonly taken: bigint };
};

/** Finds in the logs of `Slashing` what became of evidence that it has taken. */
export class SlashAftermath {
  readonly #slashing: Slashing;
  readonly #rpc: Rpc;
  readonly #search: LogSearch;
  /** Up to which block something about a case was looked for in vain. */
  readonly #absent = new Map<string, number>();

  constructor(slashing: Slashing, rpc: Rpc) {
    this.#slashing = slashing;
    this.#rpc = rpc;
    this.#search = new LogSearch(rpc);
  }

  async read(subject: Case): Promise<Aftermath> {
    const { offence } = subject.evidence;
    const pending = offence === "DoubleSigning" ? undefined : await this.#pending(subject);
    if (pending !== undefined) return this.#afterPending(subject, pending);
    // Downtime is never punished at once.
    if (offence === "ExtendedDowntime") return { kind: "none" };
    const { key, place } = subject.evidence.content;
    const filter = this.#slashing.filters.Punished(key, OFFENCES.indexOf(offence), placeIdOf(place));
    const log = await this.#find(`${subject.id} punished`, (from, to) => this.#logs(filter, from, to));
    return log === undefined ? { kind: "none" } : this.#punished(log);
  }

  /** The number of the pending slash for the same offence, whoever reported it. */
  async #pending(subject: Case): Promise<bigint | undefined> {
    const { offence, validator } = subjectOf(subject.evidence);
    const { content } = subject.evidence;
    const filter = this.#slashing.filters.SlashPending(undefined, validator, OFFENCES.indexOf(offence));
    const isIt =
      "place" in content
        ? ({ placeId }: { readonly placeId: string }) => placeId === placeIdOf(content.place)
        : ({ evidenceHash }: { readonly evidenceHash: string }) =>
            evidenceHash === evidenceHashOf(subject.evidence);
    const found = await this.#find(`${subject.id} pending`, async (from, to) => {
      const logs = await this.#logs(filter, from, to);
      return logs.filter(({ args }) => isIt(args));
    });
    return found?.args.id;
  }

  async #afterPending({ id: caseId, evidence }: Case, id: bigint): Promise<Aftermath> {
    const { executableAt } = await this.#rpc.ask("eth_call", () => this.#slashing.pendingOf(id));
    if (executableAt !== 0n) return { kind: "pending", id, executableAt };
    const { SlashVetoed, SlashExecuted } = this.#slashing.filters;
    const [vetoed, executed] = await Promise.all([
      this.#find(`${caseId} vetoed`, (from, to) => this.#logs(SlashVetoed(id), from, to)),
      this.#find(`${caseId} executed`, (from, to) => this.#logs(SlashExecuted(id), from, to)),
    ]);
    if (vetoed !== undefined) return { kind: "vetoed" };
    if (executed === undefined) return { kind: "none" }; // one provider is ahead of another
    const { validator, offence } = subjectOf(evidence);
    const filter = this.#slashing.filters.Punished(validator, OFFENCES.indexOf(offence));
    const logs = await this.#logs(filter, executed.blockNumber, executed.blockNumber);
    const log = logs.find(({ transactionHash }) => transactionHash === executed.transactionHash);
    return log === undefined ? { kind: "none" } : this.#punished(log);
  }

  async #punished({ blockNumber, transactionHash, args }: PunishedLog): Promise<Aftermath> {
    const punishment: Punishment = {
      reporter: address.parse(args.reporter),
      taken: args.taken,
      transactionHash: hash.parse(transactionHash),
    };
    return { kind: "punished", isFinal: blockNumber <= (await this.#rpc.finalBlock()), punishment };
  }

  #logs<E extends TypedContractEvent>(
    filter: TypedDeferredTopicFilter<E>,
    from: number,
    to: number | "latest",
  ): Promise<TypedEventLog<E>[]> {
    return this.#rpc.ask("eth_getLogs", () => this.#slashing.queryFilter(filter, from, to));
  }

  /** The newest of some logs. What was not there the last time is only looked for where it may be now. */
  async #find<T>(what: string, logs: (from: number, to: number | "latest") => Promise<readonly T[]>) {
    const read = async (from: number, to: number | "latest") => (await logs(from, to)).at(-1);
    const absent = this.#absent.get(what) ?? Number.NEGATIVE_INFINITY;
    const floor = Math.max(this.#rpc.chain.deploymentBlock, absent - REORG_BLOCKS);
    const { found, from, to } = await this.#search.recent(read, floor);
    const log = found ?? (await this.#search.older(read, from - 1, floor));
    if (log === undefined) this.#absent.set(what, to);
    return log;
  }
}
