import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { UserRole } from "../../../relayer/domain/actor.ts";
import { Notice, Skeleton } from "../../shared/views/parts.tsx";
import { usePolling } from "../../shared/views/polling.ts";
import type { Tone } from "../core/health.ts";
import { whyNot } from "../core/permission.ts";
import type { Page } from "../core/rows.ts";
import { isSessionKnown, session } from "../services/session.ts";

/** The small parts that the dashboard's views are made of. */

/** A part of a view, with a heading. */
export function Panel({
  id,
  title,
  aside,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="panel" aria-labelledby={`${id}-title`}>
      <div class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** A table that scrolls by itself where it is too wide. Columns whose name begins with `#` hold numbers. */
export function Table({
  label,
  head,
  children,
}: {
  readonly label: string;
  readonly head: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    <div class="scroll" role="group" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col" class={name.startsWith("#") ? "number" : undefined}>
                {name.replace(/^#/, "")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A word with a tone; the word says the same as its colour. */
export function Chip({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`chip ${tone}`}>{children}</span>;
}

/** Says what an empty place means. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Turns the pages of a long list; nothing where it is short. */
export function Pager<T>({
  at,
  what,
  onPage,
}: {
  readonly at: Page<T>;
  readonly what: string;
  readonly onPage: (page: number) => void;
}) {
  if (at.pages === 1) return null;
  const turn = (by: number, name: string, isEnd: boolean) => (
    <button
      type="button"
      class="secondary tight"
      disabled={isEnd}
      onClick={() => {
        onPage(at.page + by);
      }}
    >
      {name}
    </button>
  );
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      {turn(-1, "Back", at.page === 0)}
      <span role="status">{at.words}</span>
      {turn(1, "Next", at.page === at.pages - 1)}
    </nav>
  );
}

/** A field that narrows a list. */
export function Search({
  id,
  label,
  value,
  onInput,
}: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}) {
  return (
    <div class="search">
      <label class="sr" for={id}>
        {label}
      </label>
      <input
        id={id}
        type="search"
        autocomplete="off"
        spellcheck={false}
        placeholder={label}
        value={value}
        onInput={(event) => {
          onInput(event.currentTarget.value);
        }}
      />
    </div>
  );
}

/** A button for what takes a role. Whoever may not press it is told why, by {@link Why} of the same role. */
export function Act({
  needs,
  style = "secondary tight",
  disabled = false,
  label,
  onClick,
  children,
}: {
  readonly needs: UserRole;
  readonly style?: string;
  readonly disabled?: boolean;
  /** Names the button where its text alone would not. */
  readonly label?: string;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}) {
  const why = whyNot(session.value?.user, needs);
  return (
    <button
      type="button"
      class={style}
      disabled={disabled || why !== undefined}
      title={why}
      aria-label={label}
      aria-describedby={why === undefined ? undefined : `why-${needs}`}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

/** Why whoever looks may not do what takes a role; nothing where they may. */
export function Why({ needs }: { readonly needs: UserRole }) {
  const why = whyNot(session.value?.user, needs);
  return why === undefined ? null : (
    <p class="why" id={`why-${needs}`}>
      {why}
    </p>
  );
}

/** In the place of what is for users alone. */
export function NeedsSession({ what }: { readonly what: string }) {
  // Nobody is told to sign in before it is known that they have not.
  if (!isSessionKnown.value) return <Skeleton lines={6} label="Finding out who is signed in" />;
  return (
    <section class="panel needs-session">
      <h2>For operators</h2>
      <p>{what} Sign in at the top to see it; a viewer’s token will do.</p>
    </section>
  );
}

/** What a view asks for: what came the last time, and why nothing newer did. */
export type Looked<T> = {
  readonly value: T | undefined;
  readonly trouble: string | undefined;
  /** Looks at once. */
  readonly again: () => void;
};

/** Asks again and again while the view is shown; anew when one of `inputs` changes. */
export function useLooks<T>(
  look: () => Promise<T>,
  milliseconds: number,
  inputs: readonly unknown[] = [],
): Looked<T> {
  const value = useSignal<T | undefined>(undefined);
  const trouble = useSignal<string | undefined>(undefined);
  const times = useSignal(0);
  usePolling(
    async (isStopped) => {
      const found = await look();
      if (isStopped()) return;
      value.value = found;
      trouble.value = undefined;
    },
    (text) => {
      trouble.value = text;
    },
    milliseconds,
    [...inputs, times.value],
  );
  return {
    value: value.value,
    trouble: trouble.value,
    again: () => {
      times.value++;
    },
  };
}

/** What is there, or that it is on its way, or why it is not. */
export function Loaded<T>({
  looked: { value, trouble },
  label,
  children,
}: {
  readonly looked: Looked<T>;
  readonly label: string;
  readonly children: (value: T) => ComponentChildren;
}) {
  return (
    <>
      {trouble !== undefined && <Notice tone={value === undefined ? "bad" : "warn"}>{trouble}</Notice>}
      {value === undefined ? trouble === undefined && <Skeleton lines={4} label={label} /> : children(value)}
    </>
  );
}

/** A part of a page of rows that is remembered while the view is shown. */
export function usePage() {
  const page = useSignal(0);
  const words = useSignal("");
  return useComputed(() => ({
    page: page.value,
    words: words.value,
    turn: (to: number) => {
      page.value = to;
    },
    search: (text: string) => {
      words.value = text;
      page.value = 0;
    },
  })).value;
}

/** How many rows of a list are asked for at first, and at most. */
export const LIST_ROWS = { first: 25, most: 200 };

/** Asks for all the rows that a list may have. */
export function MoreRows({ limit }: { readonly limit: Signal<number> }) {
  if (limit.value >= LIST_ROWS.most) return null;
  return (
    <button
      type="button"
      class="secondary tight"
      onClick={() => {
        limit.value = LIST_ROWS.most;
      }}
    >
      Show {LIST_ROWS.most}
    </button>
  );
}
