import { useSignal } from "@preact/signals";
import { showMoment } from "../../shared/core/format.ts";
import { wordsOf } from "../../shared/services/http.ts";
import { Skeleton } from "../../shared/views/parts.tsx";
import { showAct } from "../core/audit.ts";
import { pageOf, search } from "../core/rows.ts";
import { removed, type SpeechCommand, speakerView } from "../core/speech-schema.ts";
import { change } from "../services/session.ts";
import { listening, refreshSpeech, transcript } from "../services/speech.ts";
import { Act, Chip, Empty, Pager, Panel, Search, Table, usePage, Why } from "./parts.tsx";

const API = "/api/v1/speech";

/** Does something with the role, and says what came of it. */
function useOutcome() {
  const outcome = useSignal("");
  const attempt = (asked: Promise<unknown>, done: string) => {
    asked
      .then(
        () => {
          outcome.value = done;
        },
        (error: unknown) => {
          outcome.value = wordsOf(error);
        },
      )
      .finally(() => void refreshSpeech());
  };
  return { outcome: outcome.value, attempt };
}

/** What will be said next. */
export function Waiting() {
  const { outcome, attempt } = useOutcome();
  const { speaker } = listening.value;
  if (speaker === undefined) return null;
  const textOf = (id: string) => transcript.value.find((each) => each.id === id)?.text;
  return (
    <Panel id="waiting" title="Waits to be said" aside={<span class="quiet">{speaker.waiting}</span>}>
      <p role="status" class="outcome">
        {outcome}
      </p>
      {speaker.next.length === 0 ? (
        <Empty>Nothing waits.</Empty>
      ) : (
        <>
          <Why needs="operator" />
          <ol class="waiting">
            {speaker.next.map(({ id, priority }) => (
              <li key={id}>
                <Chip tone={priority === "urgent" ? "bad" : "unknown"}>{priority}</Chip>
                <span>{textOf(id) ?? <code>{id}</code>}</span>
                <Act
                  needs="operator"
                  label={`Remove: ${textOf(id) ?? id}`}
                  onClick={() => {
                    attempt(
                      change(`${API}/utterances/${encodeURIComponent(id)}`, removed, { method: "DELETE" }),
                      "Removed: it will not be said. Its alert goes its other ways.",
                    );
                  }}
                >
                  Remove
                </Act>
              </li>
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
}

/** What the role itself does, for everybody who hears it. */
export function Loudspeaker() {
  const { outcome, attempt } = useOutcome();
  const { speaker } = listening.value;
  if (speaker === undefined) return null;
  const { isEnabled, isPaused, current } = speaker.control;
  const tell = (command: SpeechCommand, label: string, done: string, disabled = false) => (
    <Act
      needs="operator"
      disabled={disabled}
      onClick={() => {
        attempt(change(`${API}/commands`, speakerView, { method: "POST", body: { command } }), done);
      }}
    >
      {label}
    </Act>
  );
  return (
    <Panel
      id="loudspeaker"
      title="For everybody who hears it"
      aside={
        <span class="quiet">
          {speaker.player == null ? "Heard on pages alone" : `Loudspeaker: ${isEnabled ? "on" : "off"}`}
        </span>
      }
    >
      <div class="row-acts">
        {isPaused
          ? tell("resume", "Go on", "It goes on.")
          : tell("pause", "Pause", "Paused: what comes waits, and what was being said is said again.")}
        {tell("skip", "Skip", "Skipped.", current === undefined)}
        {isEnabled
          ? tell("disable", "Loudspeaker off", "This machine’s loudspeaker is silent.")
          : tell("enable", "Loudspeaker on", "This machine’s loudspeaker speaks.")}
      </div>
      <Why needs="operator" />
      <p role="status" class="outcome">
        {outcome}
      </p>
    </Panel>
  );
}

/** All that was said, and what was not. */
export function Transcript() {
  const paging = usePage();
  const told = transcript.value;
  const found = search(told, paging.words, ({ text, state, priority }) => `${text} ${state} ${priority}`);
  const page = pageOf(found, paging.page);
  if (listening.value.speaker === undefined)
    return listening.value.trouble === "" ? <Skeleton lines={3} label="Loading the transcript" /> : null;
  return (
    <Panel id="transcript" title="Transcript, newest first">
      {told.length === 0 ? (
        <Empty>Nothing was said yet.</Empty>
      ) : (
        <>
          <div class="tools">
            <Search id="transcript-search" label="Words" value={paging.words} onInput={paging.search} />
            <Pager at={page} what="the transcript" onPage={paging.turn} />
          </div>
          {found.length === 0 && <Empty>None fits the search.</Empty>}
          {found.length > 0 && (
            <Table label="Transcript" head={["When", "Priority", "State", "Words"]}>
              {page.rows.map(({ id, priority, state, text, addedAt }) => (
                <tr key={id}>
                  <td>{showMoment(addedAt / 1_000)}</td>
                  <td>
                    <Chip tone={priority === "urgent" ? "bad" : "unknown"}>{priority}</Chip>
                  </td>
                  <td>{showAct(state)}</td>
                  <td class="long">{text}</td>
                </tr>
              ))}
            </Table>
          )}
        </>
      )}
    </Panel>
  );
}
