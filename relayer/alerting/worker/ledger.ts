import type { Change } from "../core/change.ts";
import type { AlertingPlan } from "../core/routing-types.ts";
import { AlertingState } from "../core/state.ts";
import { GroupCommit } from "../../platform/group-commit.ts";
import type { AlertingStore } from "../ports.ts";

/** Makes a change: in memory at once, on the disk with everything else of the transaction. */
export type Commit = (change: Change) => void;

/** Decides what changes, from what is known. */
export type Work<T> = (state: AlertingState, commit: Commit, now: number) => T;

type LedgerStore = Pick<AlertingStore, "load" | "transaction">;

/** Says what follows from the changes of a transaction and belongs into it. */
export type Complete = (state: AlertingState, changes: readonly Change[], now: number) => readonly Change[];

type Outcome<T> = { readonly answer: T } | { readonly error: unknown };

/**
 * What alerting knows, in memory and on the disk alike. All changes go through here, one decision after the other, and nobody gets an
 * answer before its changes are on the disk; decisions that come together share one flush of it.
 */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #now: () => number;
  readonly #commits: GroupCommit;
  readonly #complete: Complete;
  readonly #onCommitted: (changes: readonly Change[]) => void;
  #state: AlertingState;
  /** Asks for those who are in no hurry, in the order in which they came. */
  #patient: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pending: Change[] = [];
  /** A transaction failed: what is in memory was never committed. */
  #isStale = false;

  /** @param onCommitted told of changes once they are on the disk */
  constructor(
    plan: AlertingPlan,
    {
      store,
      now,
      complete,
      onCommitted,
    }: {
      readonly store: LedgerStore;
      readonly now: () => number;
      readonly complete: Complete;
      readonly onCommitted: (changes: readonly Change[]) => void;
    },
  ) {
    this.#store = store;
    this.#now = now;
    this.#complete = complete;
    this.#onCommitted = onCommitted;
    this.#state = new AlertingState(plan, store.load());
    this.#commits = new GroupCommit((work) => {
      this.#transaction(work);
    });
  }

  /** What is known; only to be read. */
  get state(): AlertingState {
    this.#refresh();
    return this.#state;
  }

  /**
   * Does `work` and answers what it returns, once its changes are on the disk.
   * @throws what `work` throws before its first change: then it changed nothing; RetryableError `ALERTING_STORE` when the disk refuses
   */
  run<T>(work: Work<T>): Promise<T> {
    this.#askPatient();
    return this.#ask(work);
  }

  /**
   * The same, for whoever is in no hurry: shares the next flush of the disk that somebody else needs, and has one of its own after
   * `milliseconds` at the latest.
   */
  runSoon<T>(work: Work<T>, milliseconds: number): Promise<T> {
    this.#timer ??= setTimeout(() => {
      this.#askPatient();
    }, milliseconds);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#patient.push(() => {
      this.#ask(work).then(resolve, reject);
    });
    return promise;
  }

  /** Works with another configuration from now on. */
  usePlan(plan: AlertingPlan): void {
    this.#flush();
    this.#refresh();
    this.#state = this.#state.under(plan);
  }

  /** Commits what waits. */
  close(): void {
    this.#flush();
  }

  #flush(): void {
    this.#askPatient();
    this.#commits.flush();
  }

  #askPatient(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const patient = this.#patient;
    this.#patient = [];
    for (const ask of patient) ask();
  }

  async #ask<T>(work: Work<T>): Promise<T> {
    const outcome = await this.#commits.run((): Outcome<T> => this.#decide(work));
    if ("error" in outcome) throw outcome.error;
    return outcome.answer;
  }

  readonly #commit = (change: Change): void => {
    this.#pending.push(change);
    this.#state.apply(change);
  };

  #decide<T>(work: Work<T>): Outcome<T> {
    const before = this.#pending.length;
    try {
      return { answer: work(this.#state, this.#commit, this.#now()) };
    } catch (error) {
      // Whoever asked for nothing valid must not undo what others asked for at the same time.
      if (this.#pending.length === before) return { error };
      throw error;
    }
  }

  #transaction(work: () => void): void {
    this.#refresh();
    this.#pending = [];
    try {
      work();
      for (const change of this.#complete(this.#state, this.#pending, this.#now())) this.#commit(change);
      const changes = this.#pending;
      if (changes.length === 0) return;
      this.#store.transaction(this.#now(), (write) => {
        for (const change of changes) write(change);
      });
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
    this.#onCommitted(this.#pending);
  }

  #refresh(): void {
    if (!this.#isStale) return;
    this.#state = new AlertingState(this.#state.plan, this.#store.load());
    this.#isStale = false;
  }
}
