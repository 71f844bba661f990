import type { Slashing } from "../../../types/ethers-contracts/bridge/Slashing.ts";
import type { ValidatorRegistry } from "../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { RetryableError } from "../../domain/errors.ts";
import { address, type Address, type ChainId, hash, type Hash, type PublicKey } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { Sent, TransactionSender } from "../../platform/transaction-sender.ts";
import { type Case, type CaseFacts, type Evidence, type Punishment, subjectOf } from "../core/case.ts";
import { OFFENCES, placeIdOf } from "../core/slashing.ts";
import type { Reported, Reporter } from "../ports.ts";
import { commitmentTo, submissionOf } from "./evidence.ts";
import type { LaneProver } from "./lane-prover.ts";
import { LogSearch } from "./log-search.ts";
import { judgeNow } from "./slashing-state.ts";

const slashingInterface = Slashing__factory.createInterface();
const registryInterface = ValidatorRegistry__factory.createInterface();

/** Below where a punishment was not found the last time, so many blocks are searched again: a reorganisation may have put it there. */
const REORG_BLOCKS = 256;

/** The contracts that a reporter speaks to, on the home chain. */
export type SlashingContracts = { readonly slashing: Address; readonly registry: Address };

/** What a reporter works with. */
export type ReporterServices = {
  readonly rpc: Rpc;
  readonly sender: TransactionSender;
  /** Undefined where the configuration names no witness of the home chain. */
  readonly prover: LaneProver | undefined;
};

/** A {@link Reporter} that sends to the contract `Slashing` from one key. */
export class SlashingReporter implements Reporter {
  readonly account: Address;
  readonly #rpc: Rpc;
  readonly #sender: TransactionSender;
  readonly #prover: LaneProver | undefined;
  readonly #slashing: Slashing;
  readonly #registry: ValidatorRegistry;
  readonly #contracts: SlashingContracts;
  readonly #search: LogSearch;
  /** Up to which block the punishment of a case was looked for in vain. */
  readonly #absent = new Map<number, number>();

  constructor(contracts: SlashingContracts, { rpc, sender, prover }: ReporterServices) {
    this.account = address.parse(sender.address);
    this.#rpc = rpc;
    this.#sender = sender;
    this.#prover = prover;
    this.#contracts = contracts;
    this.#slashing = Slashing__factory.connect(contracts.slashing, rpc.agreed);
    this.#registry = ValidatorRegistry__factory.connect(contracts.registry, rpc.agreed);
    this.#search = new LogSearch(rpc);
  }

  stakeAt(key: PublicKey, epoch: bigint): Promise<bigint> {
    return this.#rpc.ask("eth_call", () => this.#registry.stakeAt(key, epoch));
  }

  async facts(subject: Case): Promise<CaseFacts> {
    const blockTag = await this.#rpc.newestBlock();
    const [slashing, registry] = [this.#slashing, this.#registry];
    const [block, committedAt, commitLife] = await this.#rpc.ask("eth_call", () =>
      Promise.all([
        this.#rpc.agreed.getBlock(blockTag),
        slashing.committedAt(this.account, this.#commitmentTo(subject), { blockTag }),
        slashing.COMMIT_LIFE({ blockTag }),
      ]),
    );
    if (block === null)
      throw new RetryableError(
        "RPC",
        `Chain ${this.#rpc.chain.name} does not show its newest block ${blockTag}; the case waits and is looked at again.`,
      );
    const now = BigInt(block.timestamp);
    const judgement = await judgeNow(subject.evidence, { slashing, registry, rpc: this.#rpc, blockTag, now });
    const isUsed = judgement.kind === "refused" && judgement.reason === "EvidenceUsed";
    const punishment = isUsed ? await this.#finalPunishment(subject) : undefined;
    const canProve = this.#prover !== undefined && isOf(subject.evidence, this.#rpc.chain.chainId);
    return { judgement, punishment, canProve, committedAt, commitLife, now };
  }

  async prove({ evidence }: Case, signal: AbortSignal): Promise<Reported> {
    const { lane, nonce } = subjectOf(evidence).place;
    if (this.#prover === undefined) return { turnedDown: "no witness is configured" };
    return this.#prover.prove(lane, nonce, signal);
  }

  commit(subject: Case, signal: AbortSignal): Promise<Reported> {
    return this.#send(slashingInterface.encodeFunctionData("commit", [this.#commitmentTo(subject)]), signal);
  }

  submit({ evidence, salt }: Case, signal: AbortSignal): Promise<Reported> {
    return this.#send(submissionOf(evidence, salt), signal);
  }

  async claimReward(signal: AbortSignal): Promise<bigint> {
    const { name } = this.#rpc.chain;
    const reward = await this.#rpc.ask("eth_call", () => this.#registry.rewardOf(this.account));
    if (reward === 0n) return 0n;
    const data = registryInterface.encodeFunctionData("claimReward", [this.account]);
    const sent = await this.#sender.send({ to: this.#contracts.registry, data }, signal);
    if (sent.kind === "included" && sent.receipt.status === 1) return reward;
    throw new RetryableError(
      "REWARD_NOT_CLAIMED",
      `Chain ${name}: the registry did not pay the reward of ${this.account} (${sent.kind}). It stays claimable there, and will be claimed again.`,
    );
  }

  async #send(data: string, signal: AbortSignal): Promise<Reported> {
    const sent = await this.#sender.send({ to: this.#contracts.slashing, data }, signal);
    return reportedOf(sent);
  }

  #commitmentTo({ evidence, salt }: Case): Hash {
    return commitmentTo(evidence, this.account, salt);
  }

  /** What the contract logged when it punished the offence; undefined while no final block has that. */
  async #finalPunishment(subject: Case): Promise<Punishment | undefined> {
    const { offence, validator, place } = subjectOf(subject.evidence);
    const code = OFFENCES.indexOf(offence);
    const filter = this.#slashing.filters.Punished(validator, code, placeIdOf(place));
    const read = async (from: number, to: number | "latest") =>
      (await this.#rpc.ask("eth_getLogs", () => this.#slashing.queryFilter(filter, from, to))).at(-1);
    const floor = Math.max(
      this.#rpc.chain.deploymentBlock,
      (this.#absent.get(subject.id) ?? Number.NEGATIVE_INFINITY) - REORG_BLOCKS,
    );
    const final = await this.#rpc.finalBlock();
    const { found, from, to } = await this.#search.recent(read, floor);
    const log = found ?? (await this.#search.older(read, from - 1, floor));
    if (log === undefined) this.#absent.set(subject.id, to); // pending, perhaps for days
    if (log === undefined || log.blockNumber > final) return undefined;
    return {
      reporter: address.parse(log.args.reporter),
      taken: log.args.taken,
      transactionHash: hash.parse(log.transactionHash),
    };
  }
}

/** Whether it is about a lane that begins on this chain. */
function isOf({ offence, content }: Evidence, chainId: ChainId): boolean {
  return offence === "FalseProof" && content.originChainId === chainId;
}

function reportedOf(sent: Sent): Reported {
  switch (sent.kind) {
    case "included":
      return sent.receipt.status === 1
        ? { transactionHash: hash.parse(sent.receipt.transactionHash) }
        : { turnedDown: "it reverted in its block: the chain had moved on" };
    case "too-big":
      return { turnedDown: "it needs more gas than one transaction may have" };
    case "reverted": {
      const error = sent.data === null ? null : slashingInterface.parseError(sent.data);
      if (error === null) return { turnedDown: sent.data ?? "no reason given" };
      return { turnedDown: `${error.name}(${error.args.join(", ")})` };
    }
  }
}
