import { useSignal } from "@preact/signals";
import type { DeadLetterList } from "../../../relayer/api/operator-schema.ts";
import { showMoment } from "../../shared/core/format.ts";
import { wordsOf } from "../../shared/services/http.ts";
import { Dialog, Notice } from "../../shared/views/parts.tsx";
import { showCount } from "../core/measures.ts";
import { pageOf, search } from "../core/rows.ts";
import { api, type LetterAct } from "../services/api.ts";
import { fleet } from "../services/fleet.ts";
import { session } from "../services/session.ts";
import { Act, Empty, Loaded, NeedsSession, Pager, Panel, Search, useLooks, usePage, Why } from "./parts.tsx";

type Letter = DeadLetterList["deadLetters"][number];

/** What somebody is about to do: with one job, or with all. */
type Intent = { readonly act: LetterAct; readonly letter: Letter | undefined; readonly count: number };

const LIST_MILLISECONDS = 5_000;

/** The jobs of one queue that failed for good. */
export function QueueView({ queue }: { readonly queue: string }) {
  return (
    <>
      <p class="crumb">
        <a href="#/queues">Queues</a>
      </p>
      <h1>{queue}</h1>
      {session.value === undefined ? (
        <NeedsSession what="What failed here is for users of this fleet." />
      ) : (
        <>
          <Working queue={queue} />
          <Letters queue={queue} />
        </>
      )}
    </>
  );
}

/** Whether its work goes on, and what has it go on or wait. */
function Working({ queue }: { readonly queue: string }) {
  const trouble = useSignal<string | undefined>(undefined);
  const known = fleet.value?.queues.find((each) => each.queue === queue);
  if (known === undefined) return null;
  const { isPaused } = known;
  const turn = () => {
    api.pause(queue, !isPaused).then(
      () => {
        trouble.value = undefined;
      },
      (error: unknown) => {
        trouble.value = wordsOf(error);
      },
    );
  };
  return (
    <Panel id="working" title={isPaused ? "Paused: what comes waits" : "Works"}>
      <div class="tools">
        <span>
          {showCount(known.waiting)} wait, {showCount(known.active)} under way, {showCount(known.delayed)}{" "}
          later
        </span>
        <Act needs="admin" onClick={turn}>
          {isPaused ? "Go on" : "Pause"}
        </Act>
      </div>
      <Why needs="admin" />
      <p role="alert" class={trouble.value === undefined ? undefined : "wrong"}>
        {trouble.value}
      </p>
    </Panel>
  );
}

function Letters({ queue }: { readonly queue: string }) {
  const looked = useLooks(() => api.deadLetters(queue), LIST_MILLISECONDS, [queue]);
  const intent = useSignal<Intent | undefined>(undefined);
  const outcome = useSignal("");
  const paging = usePage();
  const plan = (act: LetterAct, letter: Letter | undefined, count: number) => {
    intent.value = { act, letter, count };
  };
  return (
    <Panel id="failed" title="Failed for good, oldest first">
      <p role="status" class="outcome">
        {outcome.value}
      </p>
      <Loaded looked={looked} label="Loading what failed">
        {({ deadLetters }) => {
          if (deadLetters.length === 0) return <Empty>Nothing has failed here.</Empty>;
          const found = search(deadLetters, paging.words, ({ id, reason }) => `${id} ${reason}`);
          const page = pageOf(found, paging.page);
          return (
            <>
              <div class="tools">
                <Search
                  id="letter-search"
                  label="Id or reason"
                  value={paging.words}
                  onInput={paging.search}
                />
                <Pager at={page} what="failed jobs" onPage={paging.turn} />
                <Act
                  needs="operator"
                  onClick={() => {
                    plan("retry", undefined, deadLetters.length);
                  }}
                >
                  Try all again
                </Act>
                <Act
                  needs="operator"
                  style="secondary tight danger"
                  onClick={() => {
                    plan("remove", undefined, deadLetters.length);
                  }}
                >
                  Remove all
                </Act>
              </div>
              <Why needs="operator" />
              {found.length === 0 && <Empty>None fits the search.</Empty>}
              <ul class="letters">
                {page.rows.map((letter) => (
                  <LetterRow
                    key={letter.id}
                    letter={letter}
                    onAct={(act) => {
                      plan(act, letter, 1);
                    }}
                  />
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
      {intent.value !== undefined && (
        <Confirm
          queue={queue}
          intent={intent.value}
          onDone={(text) => {
            outcome.value = text;
            looked.again();
          }}
          onClose={() => {
            intent.value = undefined;
          }}
        />
      )}
    </Panel>
  );
}

function LetterRow({ letter, onAct }: { readonly letter: Letter; readonly onAct: (act: LetterAct) => void }) {
  const { id, reason, failedAt, attempts, data } = letter;
  return (
    <li>
      <div>
        <p class="reason">{reason}</p>
        <p class="quiet">
          <code>{id}</code> · {attempts === 1 ? "tried once" : `tried ${attempts} times`}
          {failedAt !== null && ` · ${showMoment(failedAt / 1_000)}`}
        </p>
        <details>
          <summary>What it was about</summary>
          <pre tabIndex={0} role="group" aria-label={`What ${id} was about`}>
            {JSON.stringify(data, undefined, 2)}
          </pre>
        </details>
      </div>
      <div class="row-acts">
        <Act
          needs="operator"
          label={`Try again: ${id}`}
          onClick={() => {
            onAct("retry");
          }}
        >
          Try again
        </Act>
        <Act
          needs="operator"
          style="secondary tight danger"
          label={`Remove: ${id}`}
          onClick={() => {
            onAct("remove");
          }}
        >
          Remove
        </Act>
      </div>
    </li>
  );
}

const WORDS: Readonly<
  Record<
    LetterAct,
    { readonly title: string; readonly text: string; readonly button: string; readonly done: string }
  >
> = {
  retry: {
    title: "Try again",
    text: "Each is done once more, as if it had just come. What was done already is not done twice: every job is safe to repeat.",
    button: "Try again",
    done: "will be tried again",
  },
  remove: {
    title: "Remove",
    text: "The fleet forgets it, and nobody does it. What it was about stays on the chains, and the watcher or an operator may bring it up again. This cannot be taken back.",
    button: "Remove",
    done: "removed",
  },
};

function Confirm({
  queue,
  intent: { act, letter, count },
  onDone,
  onClose,
}: {
  readonly queue: string;
  readonly intent: Intent;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}) {
  const trouble = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const words = WORDS[act];
  const submit = async () => {
    isBusy.value = true;
    try {
      const jobs = await api.handleLetters(queue, act, letter?.id);
      onDone(`${jobs === 1 ? "One job was" : `${showCount(jobs)} jobs were`} taken: ${words.done}.`);
      onClose();
    } catch (error) {
      trouble.value = wordsOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      title={`${words.title}: ${letter === undefined ? `all ${showCount(count)}` : "one job"}`}
      onClose={onClose}
    >
      {letter !== undefined && (
        <p>
          <code>{letter.id}</code>
        </p>
      )}
      <p>{words.text}</p>
      {trouble.value !== undefined && <Notice tone="bad">{trouble.value}</Notice>}
      <div class="dialog-actions">
        <button type="button" class="secondary" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          class={act === "remove" ? "primary danger" : "primary"}
          disabled={isBusy.value}
          onClick={() => void submit()}
        >
          {words.button}
        </button>
      </div>
    </Dialog>
  );
}
