import type { Slashing } from "../../../types/ethers-contracts/bridge/Slashing.ts";
import type { ValidatorRegistry } from "../../../types/ethers-contracts/bridge/ValidatorRegistry.ts";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { RetryableError } from "../../domain/errors.ts";
import { address, type Address, type ChainId, hash, type Hash, type PublicKey } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { Sent, TransactionSender } from "../../platform/transaction-sender.ts";
import type { Case, CaseFacts, Evidence, PendingSlash } from "../core/case.ts";
import type { Reported, Reporter } from "../ports.ts";
import { commitmentTo, submissionOf } from "./evidence.ts";
import type { LaneProver } from "./lane-prover.ts";
import { SlashAftermath } from "./slash-aftermath.ts";
import { judgeNow } from "./slashing-state.ts";

const slashingInterface = Slashing__factory.createInterface();
const registryInterface = ValidatorRegistry__factory.createInterface();

/** The contracts that a reporter speaks to, on the home chain. */
export type SlashingContracts = { readonly slashing: Address; readonly registry: Address };

/** What a reporter works with. */
export type ReporterServices = {
  readonly rpc: Rpc;
  readonly sender: TransactionSender;
  /** For the chains whose witness the configuration names. */
  readonly provers: ReadonlyMap<ChainId, LaneProver>;
};

/** A {@link Reporter} that sends to the contract `Slashing` from one key. */
export class SlashingReporter implements Reporter {
  readonly account: Address;
  readonly #rpc: Rpc;
  readonly #sender: TransactionSender;
  readonly #provers: ReadonlyMap<ChainId, LaneProver>;
  readonly #slashing: Slashing;
  readonly #registry: ValidatorRegistry;
  readonly #contracts: SlashingContracts;
  readonly #aftermath: SlashAftermath;

  constructor(contracts: SlashingContracts, { rpc, sender, provers }: ReporterServices) {
    this.account = address.parse(sender.address);
    this.#rpc = rpc;
    this.#sender = sender;
    this.#provers = provers;
    this.#contracts = contracts;
    this.#slashing = Slashing__factory.connect(contracts.slashing, rpc.agreed);
    this.#registry = ValidatorRegistry__factory.connect(contracts.registry, rpc.agreed);
    this.#aftermath = new SlashAftermath(this.#slashing, rpc);
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
    const isTaken =
      judgement.kind === "refused" && ["EvidenceUsed", "PointsClaimed"].includes(judgement.reason);
    const aftermath =
      isTaken || subject.state === "submitted"
        ? await this.#aftermath.read(subject)
        : ({ kind: "none" } as const);
    const canProve = this.#proverOf(subject.evidence) !== undefined;
    return { judgement, aftermath, canProve, committedAt, commitLife, now };
  }

  async prove({ evidence }: Case, signal: AbortSignal): Promise<Reported> {
    const prover = this.#proverOf(evidence);
    if (prover === undefined || evidence.offence !== "FalseProof")
      return { turnedDown: "no witness is configured" };
    return prover.prove(evidence.content, signal);
  }

  execute({ id }: PendingSlash, signal: AbortSignal): Promise<Reported> {
    return this.#send(slashingInterface.encodeFunctionData("execute", [id]), signal);
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

  /** Who can show what the lane of a false proof was. */
  #proverOf(evidence: Evidence): LaneProver | undefined {
    return evidence.offence === "FalseProof" ? this.#provers.get(evidence.content.originChainId) : undefined;
  }
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
