import { useEffect } from "preact/hooks";
import { type Way } from "../core/speech-schema.ts";
import { speechWords } from "../core/speech-words.ts";
import {
  choices,
  followSpeech,
  listening,
  note,
  prefer,
  saidBefore,
  state,
  stopHere,
  troubleWords,
  turn,
  voices,
  words,
} from "../services/speech.ts";
import { Loudspeaker, Transcript, Waiting } from "./speech-queue.tsx";

/** What is said, as text and as sound. */
export function SpeechView() {
  useEffect(followSpeech, []);
  return (
    <>
      <h1>Speech</h1>
      <SpeechPanel />
      <Waiting />
      <Loudspeaker />
      <Transcript />
    </>
  );
}

const WAYS: readonly (readonly [Way, string])[] = [
  ["stream", "the speaker’s voice"],
  ["browser", "this browser’s voice"],
  ["text", "text alone"],
];

function SpeechPanel() {
  const now = state.value;
  const { isOn } = listening.value;
  const [word, more] = speechWords(now, listening.value);
  return (
    <section id="speech" class="panel speech" aria-labelledby="speech-title" data-state={now}>
      <div class="panel-head">
        <div>
          <h2 id="speech-title">On this page</h2>
          <p>
            <span class="lamp" aria-hidden="true" />
            <strong>{word}</strong> <span class="quiet">{more}</span>
          </p>
        </div>
        <div class="row-acts">
          <button
            type="button"
            class={isOn ? "secondary" : "primary"}
            onClick={() => {
              turn(!isOn);
            }}
          >
            {isOn ? "Turn off" : "Turn on"}
          </button>
          <button type="button" class="secondary danger" disabled={!isOn} onClick={stopHere}>
            Stop
          </button>
        </div>
      </div>
      <p id="speech-trouble" role="status" class={troubleWords.value === "" ? undefined : "wrong"}>
        {troubleWords.value}
      </p>
      <Words />
      <Choices />
      <p id="speech-note" class="help">
        {note.value}
      </p>
    </section>
  );
}

/** Two live regions: what is urgent interrupts a screen reader, the rest does not. */
function Words() {
  const said = words.value;
  const isUrgent = said?.priority === "urgent";
  return (
    <>
      <p id="speech-urgent" class="words urgent" role="alert">
        {isUrgent ? said.text : ""}
      </p>
      <p id="speech-said" class="words" role="status">
        {isUrgent ? "" : said?.text}
      </p>
      {saidBefore.value.length > 0 && (
        <div class="said-before">
          <h3 id="speech-before-title">Said before</h3>
          <ol aria-labelledby="speech-before-title">
            {saidBefore.value.map(({ id, priority, text }, i) => (
              <li key={`${id} ${i}`}>
                {priority === "urgent" && <strong>Urgent: </strong>}
                {text}
              </li>
            ))}
          </ol>
        </div>
      )}
    </>
  );
}

function Choices() {
  const { way, voice, rate } = choices.value;
  const hasOwn = way === "browser" && voices.value.length > 0;
  return (
    <div class="choices">
      <fieldset>
        <legend>Hear it in</legend>
        {WAYS.map(([each, label]) => (
          <label key={each} class="check">
            <input
              type="radio"
              name="speech-way"
              value={each}
              checked={way === each}
              onChange={() => {
                prefer({ way: each });
              }}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {hasOwn && (
        <>
          <div class="field">
            <label for="speech-voice">Voice</label>
            <select
              id="speech-voice"
              value={voices.value.some(({ name }) => name === voice) ? voice : ""}
              onChange={(event) => {
                prefer({ voice: event.currentTarget.value });
              }}
            >
              <option value="">The language’s own</option>
              {voices.value.map(({ name, lang }) => (
                <option key={name} value={name}>
                  {name} ({lang})
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="speech-rate">
              Rate <output for="speech-rate">{rate.toFixed(1)}×</output>
            </label>
            <input
              id="speech-rate"
              type="range"
              min="0.5"
              max="2"
              step="0.1"
              value={String(rate)}
              aria-valuetext={`${rate.toFixed(1)} times`}
              onInput={(event) => {
                prefer({ rate: Number(event.currentTarget.value) });
              }}
            />
          </div>
        </>
      )}
    </div>
  );
}
