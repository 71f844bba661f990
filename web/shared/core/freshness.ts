import type { IndexView } from "../../../relayer/api/list-schema.ts";

/** From so many seconds on, a list is too old not to say so. */
const MOST_LAG_SECONDS = 60;

/** Why a list may be old; undefined while it is fresh. */
export function ageOf(chains: IndexView["chains"]): string | undefined {
  const late = chains.filter(({ lagSeconds }) => lagSeconds === null || lagSeconds > MOST_LAG_SECONDS);
  if (late.length === 0) return undefined;
  const names = late.map(({ chain }) => chain).join(" and ");
  return `This list is old: the index is behind on ${names}. No money is affected; what is newer appears when it has caught up.`;
}
