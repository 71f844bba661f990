import type { Signal } from "@preact/signals";
import { MOST_ROWS, moreThan } from "../core/pages.ts";

/** The end of a list that goes on: a button for more of it, or how to get at what is older than all that is shown. */
export function More({
  wanted,
  hasMore,
  what,
}: {
  readonly wanted: Signal<number>;
  readonly hasMore: boolean;
  readonly what: string;
}) {
  if (!hasMore) return null;
  if (wanted.value >= MOST_ROWS)
    return (
      <p class="quiet">
        These are the newest {MOST_ROWS.toLocaleString()} {what}. Older ones open by their ids.
      </p>
    );
  return (
    <button
      type="button"
      class="secondary small"
      onClick={() => {
        wanted.value = moreThan(wanted.value);
      }}
    >
      Show more
    </button>
  );
}
