import type { Actor } from "../../domain/actor.ts";
import { randomUUID } from "node:crypto";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import type { Alert } from "../core/alert.ts";
import { entry } from "../core/history.ts";
import type { Matcher } from "../core/labels.ts";
import { matchesAll, printMatchers } from "../core/matchers.ts";
import {
  expireSilence,
  mustBeReplaced,
  problemOfSilence,
  type Silence,
  type SilenceDraft,
  silenceState,
} from "../core/silence.ts";
import { giveBack, takeOver } from "../core/take-over.ts";
import { type AlertView, viewAlerts } from "../core/views.ts";
import type { Commit, Ledger } from "./ledger.ts";

/** Every alert is compared with each of them, so their number is bounded. */
const MOST_SILENCES = 10_000;

/** Which firing alerts are meant: all that any of these names. */
export type Selection = {
  readonly fingerprints?: readonly string[] | undefined;
  readonly episodes?: readonly string[] | undefined;
  readonly matchers?: readonly Matcher[] | undefined;
};

/** What the acts are bounded by. */
export type ActOptions = {
  /** How long a silence may be, in milliseconds. */
  readonly longestSilence: number;
  readonly alertsPerMessage: number;
};

/**
 * What people do about alerts. Whoever calls has made sure of who they are and that they may; each act is in the audit log, and on the
 * disk before it is answered.
 */
export class Acts {
  readonly #ledger: Ledger;
  readonly #options: ActOptions;
  readonly #now: () => number;

  constructor(ledger: Ledger, now: () => number, options: ActOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#now = now;
  }

  /** All that are known, those that ended among them. */
  silences(): readonly (Silence & { readonly state: ReturnType<typeof silenceState> })[] {
    const now = this.#now();
    return [...this.#ledger.state.silences.values()].map((silence) => ({
      ...silence,
      state: silenceState(silence, now),
    }));
  }

  /** What these matchers would silence now. */
  previewSilence(matchers: readonly Matcher[]): readonly AlertView[] {
    return viewAlerts(this.#ledger.state, { matchers }, this.#now());
  }

  /**
   * Makes a silence, or changes one.
   * @returns its id: a new one where the old silence is over, or would silence other alerts from now on
   * @throws FatalError `SILENCE` saying what is wrong with it; `NO_SILENCE` when there is none with the id; RetryableError
   * `TOO_MANY_SILENCES` or `ALERTING_STORE`
   */
  putSilence(draft: SilenceDraft, actor: Actor): Promise<string> {
    return this.#ledger.run((state, commit, now) => {
      const problem = problemOfSilence(draft, now, this.#options.longestSilence);
      if (problem !== undefined)
        throw new FatalError("SILENCE", `The silence is refused: ${problem}. Nothing is silenced by it.`);
      if (state.silences.size >= MOST_SILENCES)
        throw new RetryableError(
          "TOO_MANY_SILENCES",
          `There are ${state.silences.size} silences, those that ended lately among them, and at most ${MOST_SILENCES} are kept. Nothing was silenced; silence more with fewer matchers.`,
        );
      const old = draft.id === undefined ? undefined : state.silences.get(draft.id);
      if (draft.id !== undefined && old === undefined) throw noSilence(draft.id);
      const isNew = old === undefined || mustBeReplaced(old, draft, now);
      const ended = old !== undefined && isNew ? expireSilence(old, now) : undefined;
      if (ended !== undefined) commit({ kind: "silence", silence: ended });
      const id = old === undefined || isNew ? randomUUID() : old.id;
      // What begins in the past begins now: nobody is told less of what was.
      const startsAt = isNew ? Math.max(draft.startsAt, now) : draft.startsAt;
      const silence: Silence = { ...draft, id, startsAt, updatedAt: now };
      commit({ kind: "silence", silence });
      this.#tell(isNew ? "silence-added" : "silence-changed", silence, { actor, commit, now });
      return id;
    });
  }

  /**
   * Ends a silence. One that is over already stays so.
   * @throws FatalError `NO_SILENCE` when there is none with the id
   */
  expireSilence(id: string, actor: Actor): Promise<void> {
    return this.#ledger.run((state, commit, now) => {
      const silence = state.silences.get(id);
      if (silence === undefined) throw noSilence(id);
      const ended = expireSilence(silence, now);
      if (ended === undefined) return;
      commit({ kind: "silence", silence: ended });
      this.#tell("silence-expired", ended, { actor, commit, now });
    });
  }

  /**
   * Takes firing alerts over: they escalate no further, and everybody who was told of them is told who has them.
   * @returns the episodes; empty when nothing that fires was meant
   */
  acknowledge(
    selection: Selection,
    { comment, until }: { readonly comment: string; readonly until: number | undefined },
    actor: Actor,
  ): Promise<readonly string[]> {
    return this.#ledger.run((state, commit, now) => {
      const alerts = select(state.alerts.values(), selection);
      if (alerts.length === 0) return [];
      const options = { now, limit: this.#options.alertsPerMessage };
      for (const change of takeOver(state, { alerts, actor, comment, until }, options)) commit(change);
      return alerts.map(({ episode }) => episode);
    });
  }

  /** Gives alerts back. @returns the episodes that were taken over */
  unacknowledge(selection: Selection, actor: Actor): Promise<readonly string[]> {
    return this.#ledger.run((state, commit, now) => {
      const alerts = select(state.alerts.values(), selection).filter(({ episode }) =>
        state.acknowledgements.has(episode),
      );
      if (alerts.length === 0) return [];
      for (const change of giveBack(alerts, actor, now)) commit(change);
      return alerts.map(({ episode }) => episode);
    });
  }

  /** Sends a dead letter after all. @throws FatalError `NO_DEAD_LETTER` */
  redrive(id: string, isKnown: (id: string) => boolean, actor: Actor): Promise<void> {
    return this.#ledger.run((_, commit, now) => {
      if (!isKnown(id))
        throw new FatalError("NO_DEAD_LETTER", `There is no dead letter ${id}. Nothing was sent.`);
      commit({ kind: "redriven", id, at: now });
      commit({
        kind: "audit",
        entry: { at: now, who: actor.name, what: "redriven", from: actor.from, detail: id },
      });
    });
  }

  #tell(
    what: string,
    { id, matchers, endsAt, comment }: Silence,
    { actor, commit, now }: { readonly actor: Actor; readonly commit: Commit; readonly now: number },
  ): void {
    const detail = `${id} ${printMatchers(matchers)} until ${new Date(endsAt).toISOString()}: ${comment}`;
    const labels = Object.fromEntries(
      matchers.flatMap(({ name, operator, value }) => (operator === "=" ? [[name, value]] : [])),
    );
    commit({ kind: "audit", entry: { at: now, who: actor.name, what, from: actor.from, detail } });
    commit({
      kind: "history",
      entry: entry({ at: now, kind: "act", what, labels, detail: `by ${actor.name}: ${detail}` }),
    });
  }
}

function noSilence(id: string): FatalError {
  return new FatalError("NO_SILENCE", `There is no silence ${id}. Nothing was changed.`);
}

function select(alerts: Iterable<Alert>, { fingerprints, episodes, matchers }: Selection): readonly Alert[] {
  return [...alerts].filter(
    (alert) =>
      alert.endsAt === undefined &&
      (fingerprints?.includes(alert.fingerprint) === true ||
        episodes?.includes(alert.episode) === true ||
        (matchers !== undefined && matchers.length > 0 && matchesAll(matchers, alert.labels))),
  );
}
