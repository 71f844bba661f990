/**
 * What one provider answered. Answers with the same `key` say the same; `said` shows one to people. A provider that does not
 * answer has no vote.
 */
export type Answer<T> =
  | { readonly provider: string; readonly key: string; readonly said: string; readonly value: T }
  | { readonly provider: string; readonly failure: string };

/** What the answers so far amount to. */
export type Verdict<T> =
  | { readonly kind: "agreed"; readonly key: string; readonly said: string; readonly value: T }
  /** Who has not answered yet may still decide it. */
  | { readonly kind: "open" }
  /** No answer can have enough votes any more, and at least two contradict each other. */
  | { readonly kind: "disagreement" }
  /** No answer can have enough votes any more, because too few answered. */
  | { readonly kind: "too-few" };

/**
 * Whether `needed` providers say the same. Where several answers have that many votes (possible only if `needed` is no more than
 * half of the providers), the one that had them first wins.
 *
 * @param answers in the order in which they came, at most one of each provider
 * @param outstanding how many providers may still answer
 */
export function agree<T>(needed: number, answers: readonly Answer<T>[], outstanding: number): Verdict<T> {
  const votes = new Map<string, number>();
  for (const answer of answers) {
    if ("failure" in answer) continue;
    const count = (votes.get(answer.key) ?? 0) + 1;
    if (count === needed) return { kind: "agreed", key: answer.key, said: answer.said, value: answer.value };
    votes.set(answer.key, count);
  }
  if (Math.max(0, ...votes.values()) + outstanding >= needed) return { kind: "open" };
  return { kind: votes.size > 1 ? "disagreement" : "too-few" };
}

/**
 * The block numbers that `needed` providers may have, highest first: the one that as many say they have, and below it what the
 * others name, for the case that one of the former lied. A lagging minority does not hold the first back, and a minority that
 * names blocks which do not exist does not push it beyond the chain's end by more than the honest are apart.
 */
export function blockCandidates(needed: number, newest: readonly number[]): readonly number[] {
  const descending = newest.toSorted((a, b) => b - a);
  return [...new Set(descending.slice(needed - 1))];
}
