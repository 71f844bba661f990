import { computed, signal } from "@preact/signals";
import type { z } from "zod";
import { ask, wordsOf } from "../../shared/services/http.ts";
import { stepsOf } from "../core/browser-plan.ts";
import { retryMilliseconds } from "../core/line.ts";
import {
  commandNews,
  endedNews,
  type PlanView,
  planView,
  type Preferences,
  preferences as preferencesSchema,
  saidNews,
  speakerView,
  type SpeakerView,
  type Told,
  transcriptView,
} from "../core/speech-schema.ts";
import { type Listening, speechState } from "../core/speech-words.ts";
import { BrowserSpeaker } from "./browser-speaker.ts";
import { StreamSound } from "./stream-sound.ts";

/**
 * What is said, always as text; and as sound, in the way that the listener has turned on. It goes on while other views are looked at.
 *
 * @module
 */

const API = "/api/v1/speech";
const PREFERENCES = "dchat-speech";
const MOST_BEFORE = 5;
const MOST_PLANS = 20;
const TRANSCRIPT_ROWS = 200;

type Words = { readonly id: string; readonly priority: string; readonly text: string };

/** A browser may have none. */
const synthesis = "speechSynthesis" in globalThis ? globalThis.speechSynthesis : undefined;

/** Heard here or not; never remembered, for nothing plays before somebody turns it on. */
const isOn = signal(false);
const speaker = signal<SpeakerView | undefined>(undefined);
const trouble = signal("");
/** What is being said, with its words. */
const current = signal<Words | undefined>(undefined);
const stopped = signal<string | undefined>(undefined);
const isBrowserSpeaking = signal(false);
const preferred = signal<Preferences>(remembered());
const allVoices = signal<readonly SpeechSynthesisVoice[]>(synthesis?.getVoices() ?? []);

/** What the last words were, in which live region; they stay until others come. */
export const words = signal<Words | undefined>(undefined);
/** What was said before, the newest first. */
export const saidBefore = signal<readonly Words[]>([]);
/** What the browser could not do as it was asked. */
export const note = signal("");
export const transcript = signal<readonly Told[]>([]);
export const voices = computed(() => allVoices.value);
export const choices = computed(() => preferred.value);
export const troubleWords = computed(() => trouble.value);
export const listening = computed((): Listening => ({
  ...{ speaker: speaker.value, trouble: trouble.value, isOn: isOn.value, way: preferred.value.way },
  ...{ hasVoices: allVoices.value.length > 0, current: current.value, stopped: stopped.value },
  isBrowserSpeaking: isBrowserSpeaking.value,
}));
export const state = computed(() => speechState(listening.value));

const browser =
  synthesis &&
  new BrowserSpeaker(synthesis, () => {
    isBrowserSpeaking.value = browser?.isSpeaking === true;
  });
const plans = new Map<string, PlanView | undefined>();
let failures = 0;
let events: EventSource | undefined;
let sound: StreamSound | undefined;

synthesis?.addEventListener("voiceschanged", () => {
  allVoices.value = synthesis.getVoices();
});

/** Begins to follow what is said; nothing more where that has begun. */
export function followSpeech(): void {
  if (events === undefined && failures === 0) connect();
}

export function turn(on: boolean): void {
  isOn.value = on;
  stopped.value = undefined;
  stopSound();
  startSound();
  connect();
}

/** Silence here, until the next message. */
export function stopHere(): void {
  stopped.value = current.value?.id;
  sound?.mute();
  // With nothing being said there is nothing to mute until something ends.
  if (stopped.value === undefined) sound?.unmute();
  browser?.stop();
}

export function prefer(change: Partial<Preferences>): void {
  preferred.value = { ...preferred.value, ...change };
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify(preferred.value));
    note.value = "";
  } catch {
    note.value = "This browser does not let the page remember your choice.";
  }
  if (change.way === undefined) return;
  stopSound();
  startSound();
}

/** Asks what the role says of itself, and what it has told. */
export async function refreshSpeech(): Promise<void> {
  speaker.value = (await get("state", speakerView)) ?? speaker.value;
  const told = await get(`transcript?limit=${TRANSCRIPT_ROWS}`, transcriptView);
  transcript.value = told?.utterances ?? transcript.value;
}

function remembered(): Preferences {
  try {
    return preferencesSchema.parse(JSON.parse(localStorage.getItem(PREFERENCES) ?? "{}"));
  } catch {
    return preferencesSchema.parse({}); // what is stored is somebody else's, or storing is forbidden
  }
}

// What comes from the role

function connect(): void {
  events?.close();
  const source = new EventSource(`${API}/events${isOn.value ? "?listening=1" : ""}`);
  events = source;
  const on = <S extends z.ZodType>(kind: string, schema: S, handle: (news: z.output<S>) => void) => {
    source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
      if (source === events) handle(schema.parse(JSON.parse(data)));
    });
  };
  on("state", speakerView, (view) => {
    [speaker.value, trouble.value, failures] = [view, "", 0];
    current.value = undefined;
    if (view.control.current !== undefined) void catchUp(view.control.current);
    startSound();
    void refreshSpeech();
  });
  source.addEventListener("queued", () => {
    if (source === events) void refreshSpeech();
  });
  on("command", commandNews, ({ command }) => {
    if (command === "pause" || command === "stop") browser?.hold();
    if (command === "resume") browser?.resume();
    void refreshSpeech();
  });
  on("said", saidNews, said);
  on("ended", endedNews, ended);
  source.onerror = () => {
    if (source !== events) return;
    source.close();
    void lost();
  };
}

/** What was begun before this page came is shown as a whole. */
async function catchUp({ id, priority }: { readonly id: string; readonly priority: string }) {
  const plan = await planOf(id);
  if (current.value === undefined && plan !== undefined)
    tell({ id, priority, text: plan.sentences.join(" ") });
}

/** Says why, and asks again by and by. */
async function lost(): Promise<void> {
  failures++;
  [speaker.value, current.value] = [undefined, undefined];
  stopSound();
  trouble.value = await ask(`${API}/state`, speakerView).then(
    () => "The connection to the speaker was lost; asking again.",
    wordsOf,
  );
  setTimeout(connect, retryMilliseconds(failures + 1));
}

/** What the role answers; undefined where it does not: that the news have ended tells why. */
async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  return ask(`${API}/${path}`, schema).catch(() => undefined);
}

function said({ id, priority, sentence, text }: z.output<typeof saidNews>): void {
  if (stopped.value !== id) {
    stopped.value = undefined;
    sound?.unmute();
  }
  tell({ id, priority, text });
  if (isOn.value && preferred.value.way === "browser" && stopped.value !== id)
    void sayHere({ id, priority, sentence, text });
}

/** What was said last makes room, and stays to be read. */
function tell(next: Words): void {
  if (words.value !== undefined) saidBefore.value = [words.value, ...saidBefore.value].slice(0, MOST_BEFORE);
  [current.value, words.value] = [next, next];
}

async function sayHere(sentence: z.output<typeof saidNews>): Promise<void> {
  const plan = await planOf(sentence.id);
  // Stopped or turned off while the plan was on its way.
  if (!isOn.value || preferred.value.way !== "browser" || stopped.value === sentence.id) return;
  const { voice, rate } = preferred.value;
  const { steps, notes } = stepsOf(plan, sentence, { voices: allVoices.value, voice, rate });
  note.value = notes.join("; ");
  browser?.say({ ...sentence, steps });
}

async function planOf(id: string): Promise<PlanView | undefined> {
  if (!plans.has(id)) {
    plans.set(id, await get(`plans/${encodeURIComponent(id)}`, planView));
    const [oldest] = plans.keys();
    if (plans.size > MOST_PLANS && oldest !== undefined) plans.delete(oldest);
  }
  return plans.get(id);
}

function ended({ id, outcome }: z.output<typeof endedNews>): void {
  if (outcome === "skipped" || outcome === "stopped") browser?.drop(id);
  void refreshSpeech();
  if (current.value?.id !== id) return;
  current.value = undefined;
  if (stopped.value === id) sound?.unmute();
  stopped.value = undefined;
}

function startSound(): void {
  if (!isOn.value || preferred.value.way !== "stream" || speaker.value === undefined || sound !== undefined)
    return;
  const mine = new StreamSound();
  sound = mine;
  mine.start(`${API}/audio.wav`).catch((error: unknown) => {
    if (sound !== mine) return; // closed, or begun anew with the news
    stopSound();
    trouble.value = `No sound: ${wordsOf(error)}`;
  });
}

function stopSound(): void {
  sound?.close();
  sound = undefined;
  browser?.stop();
}
