import { getBytes } from "ethers";
import type { Attestation } from "../../domain/bridge.ts";
import { verify } from "../../domain/ed25519.ts";
import { explain, FatalError } from "../../domain/errors.ts";
import type { Emit } from "../../domain/events.ts";
import type { Hash } from "../../domain/ids.ts";
import type { Logger } from "../../platform/log.ts";
import type { JobContext } from "../../platform/queues.ts";
import { digestOf } from "../../domain/attestation.ts";
import { type Case, nextStep, type Step, subjectOf } from "../core/case.ts";
import type { WatchtowerMetrics } from "../metrics.ts";
import type { Reported, Reporter, WatchRecord } from "../ports.ts";
import type { TruthChecker } from "./truth-checker.ts";

/** No contract takes a nonce or an epoch from here on, so nothing is delivered or judged there. */
const UINT64 = 2n ** 64n;

/** What a watchtower works with. */
export type WatchtowerServices = {
  readonly record: WatchRecord;
  readonly reporter: Reporter;
  readonly truth: Pick<TruthChecker, "tick">;
  /** The domains of the Inboxes that the network knows. */
  readonly domains: ReadonlySet<Hash>;
  readonly emit: Emit;
  readonly metrics: WatchtowerMetrics;
  readonly logger: Logger;
};

/**
 * Compares everything that validators sign with what they signed before and with the origins, and reports who contradicts either:
 * commits to the evidence, reveals it in a later block, and claims the reward. Nobody is asked. What it does next follows from its
 * record and the home chain, so it can be killed at any moment.
 */
export class Watchtower {
  readonly #services: WatchtowerServices;
  /** Who was a member of which set; that does not change. */
  readonly #members = new Set<string>();
  /** The cases that this process has told of. */
  readonly #told = new Set<number>();
  /** Whether there may be a reward that was not claimed. */
  #mayClaim = true;

  constructor(services: WatchtowerServices) {
    this.#services = services;
  }

  /**
   * Handles one attestation. Doing it twice changes nothing.
   * @throws FatalError `BAD_SIGNATURE`: junk must not stand in the record in the place of evidence
   */
  async watch(attestation: Attestation, { logger }: Pick<JobContext, "logger">): Promise<void> {
    const { record, metrics, domains } = this.#services;
    const { validator, epoch, domain, lane, nonce, signature } = attestation;
    if (!verify(getBytes(signature), getBytes(digestOf(attestation)), getBytes(validator)))
      throw new FatalError(
        "BAD_SIGNATURE",
        `What was shown as the signature of ${validator} at nonce ${nonce} of lane ${lane} does not verify. It is no evidence of anything and was not recorded.`,
      );
    const isWord = nonce < UINT64 && epoch < UINT64;
    if (!isWord || !domains.has(domain) || !(await this.#isMember(attestation))) {
      metrics.watched.inc({ finding: "ignored" });
      const fields = { validator, domain, epoch: epoch.toString() };
      logger.warn(fields, "signed by nobody who answers for it; ignored");
      return;
    }
    metrics.watched.inc({ finding: await record.add(attestation) });
  }

  /**
   * Compares what is new with its origins, and brings every open case one step further.
   * @throws the first failure, once every case had its turn
   */
  async tick(signal: AbortSignal): Promise<void> {
    const { record, truth, metrics, logger } = this.#services;
    const failures: unknown[] = [];
    await truth.tick().catch((error: unknown) => failures.push(error)); // an origin that is away stops no report
    for (const subject of record.open()) {
      signal.throwIfAborted();
      try {
        await this.#advance(subject, signal);
      } catch (error) {
        logger.warn({ ...fieldsOf(subject), err: error }, `a report has to wait: ${explain(error)}`);
        failures.push(error);
      }
    }
    metrics.cases.reset();
    for (const { offence, state, count } of record.counts()) metrics.cases.set({ offence, state }, count);
    if (this.#mayClaim) await this.#claim(signal).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  /** Who was no member has no stake to lose, and could fill the record with what no contract ever judges. */
  async #isMember({ validator, epoch }: Attestation): Promise<boolean> {
    const membership = `${validator} ${epoch}`;
    if (this.#members.has(membership)) return true;
    if ((await this.#services.reporter.stakeAt(validator, epoch)) === 0n) return false;
    this.#members.add(membership);
    return true;
  }

  async #advance(subject: Case, signal: AbortSignal): Promise<void> {
    const { record, reporter, emit } = this.#services;
    if (!this.#told.has(subject.id)) {
      emit({ kind: "offence-found", ...subjectOf(subject.evidence) });
      this.#told.add(subject.id);
    }
    const { state, step } = nextStep(await reporter.facts(subject));
    // What is over is told before it is noted: rather twice than never.
    if (step.kind === "settle") this.#settle(subject, step);
    if (step.kind === "refuse") this.#refuse(subject, step.reason);
    else if (state !== subject.state) record.note(subject.id, state);
    if (step.kind === "prove") this.#tell(subject, "proved", await reporter.prove(subject, signal));
    if (step.kind === "commit" && this.#tell(subject, "committed", await reporter.commit(subject, signal)))
      record.note(subject.id, "committed");
    if (step.kind === "execute")
      this.#tell(subject, "executed", await reporter.execute(step.pending, signal));
    if (step.kind === "submit" && this.#tell(subject, "submitted", await reporter.submit(subject, signal)))
      record.note(subject.id, "submitted");
  }

  /** @returns whether it was done */
  #tell(subject: Case, what: string, reported: Reported): boolean {
    const { logger } = this.#services;
    const isDone = "transactionHash" in reported;
    const fields = { ...fieldsOf(subject), ...reported };
    if (isDone) logger.info(fields, what);
    else logger.warn(fields, `not ${what} this time; the chain is read again`);
    return isDone;
  }

  #settle(subject: Case, { punishment }: Step & { readonly kind: "settle" }): void {
    this.#services.emit({ kind: "offence-punished", ...subjectOf(subject.evidence), ...punishment });
    this.#mayClaim = true;
  }

  #refuse(subject: Case, reason: string): void {
    const { record, emit } = this.#services;
    emit({ kind: "offence-refused", ...subjectOf(subject.evidence), reason });
    record.note(subject.id, "refused", reason);
  }

  async #claim(signal: AbortSignal): Promise<void> {
    const { reporter, metrics, logger } = this.#services;
    const amount = await reporter.claimReward(signal);
    this.#mayClaim = false;
    if (amount === 0n) return;
    metrics.rewards.inc(Number(amount));
    logger.info({ reporter: reporter.account, amount: amount.toString() }, "reward claimed");
  }
}

function fieldsOf(subject: Case) {
  const { where, ...offence } = subjectOf(subject.evidence);
  const place =
    "lane" in where
      ? { ...where, nonce: where.nonce.toString() }
      : { ...where, epoch: where.epoch.toString() };
  return { case: subject.id, ...offence, ...place };
}
