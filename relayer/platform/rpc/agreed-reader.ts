import { isError } from "ethers";
import type { DomainEvent, Emit } from "../../domain/events.ts";
import { explain, RetryableError } from "../../domain/errors.ts";
import type { ChainName } from "../../domain/ids.ts";
import { chainAnswer } from "../chain-answer.ts";
import type { Clock } from "../clock.ts";
import { agree, type Answer, type Verdict } from "./agreement.ts";
import type { Endpoint } from "./endpoint.ts";

/** The same event is told once in this time, however often it happens; the metrics count every time. */
const REPEAT_MILLISECONDS = 60_000;

/** The key of "there is none": whoever says so may lag behind the others, and does not contradict them. */
export const NOTHING = "none";

/** A provider's answer in a form that can be compared (`key`) and shown (`said`). */
export type Described = { readonly key: string; readonly said: string };

/** What one provider answered: a value, or an error that the chain itself gave, such as a revert. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** Several providers of one chain, of which `needed` must agree. */
export type Panel = {
  readonly chain: ChainName;
  readonly endpoints: readonly Endpoint[];
  readonly needed: number;
};

/** Asks all providers of a chain the same, and believes what enough of them say. */
export class AgreedReader {
  readonly panel: Panel;
  readonly #emit: Emit;
  readonly #clock: Clock;
  readonly #told = new Map<string, number>();

  constructor(panel: Panel, { emit, clock }: { readonly emit: Emit; readonly clock: Clock }) {
    this.panel = panel;
    this.#emit = emit;
    this.#clock = clock;
  }

  /**
   * Asks everybody at once and returns as soon as enough agree; who comes later is only compared. Providers that rest are asked
   * when the others do not suffice.
   * @throws RetryableError `RPC_DISAGREEMENT` or `RPC`; or the chain's own error, if that is what they agree on
   */
  async ask<T>(
    method: string,
    one: (endpoint: Endpoint) => Promise<T>,
    describe: (value: T) => Described,
  ): Promise<T> {
    const { endpoints, needed } = this.panel;
    const awake = endpoints.filter(({ circuit }) => !circuit.isResting);
    const first = awake.length >= needed ? awake : endpoints;
    const answers: Answer<Outcome<T>>[] = [];
    let verdict = await this.#poll(method, first, answers, one, describe);
    const rest = endpoints.filter((endpoint) => !first.includes(endpoint));
    if (verdict.kind !== "agreed" && rest.length > 0)
      verdict = await this.#poll(method, rest, answers, one, describe);
    if (verdict.kind !== "agreed") throw this.#noAgreement(method, verdict.kind, answers);
    if ("error" in verdict.value) throw verdict.value.error;
    return verdict.value.value;
  }

  /** Asks some providers, adding to `answers`, until it is decided. */
  #poll<T>(
    method: string,
    endpoints: readonly Endpoint[],
    answers: Answer<Outcome<T>>[],
    one: (endpoint: Endpoint) => Promise<T>,
    describe: (value: T) => Described,
  ): Promise<Verdict<Outcome<T>>> {
    const { promise, resolve } = Promise.withResolvers<Verdict<Outcome<T>>>();
    let outstanding = endpoints.length;
    let verdict: Verdict<Outcome<T>> = { kind: "open" };
    for (const endpoint of endpoints)
      void answerOf(endpoint, one, describe).then((answer) => {
        outstanding--;
        answers.push(answer);
        if (verdict.kind === "agreed") this.#compare(method, verdict, [answer]);
        if (verdict.kind !== "open") return;
        verdict = agree(this.panel.needed, answers, outstanding);
        if (verdict.kind === "agreed") this.#compare(method, verdict, answers);
        if (verdict.kind !== "open") resolve(verdict);
      });
    return promise;
  }

  /** Tells of those who contradict what was agreed. */
  #compare(method: string, agreed: Described, answers: readonly Answer<unknown>[]): void {
    const { chain } = this.panel;
    for (const answer of answers) {
      if ("failure" in answer || answer.key === agreed.key) continue;
      if (answer.key === NOTHING || agreed.key === NOTHING) continue;
      const { provider, said } = answer;
      this.#endpoint(provider)?.distrust();
      this.#tell(`${provider} ${method}`, {
        kind: "rpc-outvoted",
        chain,
        method,
        provider,
        said,
        agreed: agreed.said,
      });
    }
  }

  #noAgreement(
    method: string,
    reason: "open" | "disagreement" | "too-few",
    answers: readonly Answer<unknown>[],
  ): RetryableError {
    const { chain, needed, endpoints } = this.panel;
    const told = answers.map((answer) => ({
      provider: answer.provider,
      said: "failure" in answer ? `no answer (${answer.failure})` : answer.said,
    }));
    const isContradiction = reason === "disagreement";
    if (isContradiction)
      for (const answer of answers) if (!("failure" in answer)) this.#endpoint(answer.provider)?.distrust();
    this.#tell(`${reason} ${method}`, {
      kind: "rpc-no-agreement",
      chain,
      method,
      reason: isContradiction ? "disagreement" : "too-few",
      needed,
      answers: told,
    });
    const list = told.map(({ provider, said }) => `${provider} said ${said}`).join("; ");
    return new RetryableError(
      isContradiction ? "RPC_DISAGREEMENT" : "RPC",
      `Chain ${chain}: ${method}: fewer than ${needed} of ${endpoints.length} providers ${isContradiction ? "agree" : "answered the same"}: ${list}. Nothing was signed or counted on this, nothing is lost, and relayers try again by themselves. If it goes on, compare the providers with a block explorer and replace the wrong ones in chains.${chain}.rpcUrls.`,
      { chain, method },
    );
  }

  #endpoint(name: string): Endpoint | undefined {
    return this.panel.endpoints.find((endpoint) => endpoint.name === name);
  }

  #tell(key: string, event: DomainEvent): void {
    const last = this.#told.get(key);
    if (last !== undefined && this.#clock.now() - last < REPEAT_MILLISECONDS) return;
    this.#told.set(key, this.#clock.now());
    this.#emit(event);
  }
}

async function answerOf<T>(
  endpoint: Endpoint,
  one: (endpoint: Endpoint) => Promise<T>,
  describe: (value: T) => Described,
): Promise<Answer<Outcome<T>>> {
  const { name: provider } = endpoint;
  try {
    const value = await one(endpoint);
    return { provider, ...describe(value), value: { value } };
  } catch (error) {
    const answer = chainAnswer(error);
    if (answer === undefined) return { provider, failure: shorten(explain(error)) };
    const data = isError(error, "CALL_EXCEPTION") ? (error.data ?? "") : "";
    return { provider, key: `${answer} ${data}`, said: shorten(`${answer} ${data}`), value: { error } };
  }
}

/** Enough of a text to tell it from another. */
export function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 80)}… (${text.length} characters)`;
}
