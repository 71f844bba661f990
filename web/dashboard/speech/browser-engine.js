// The browser's own engine: says a plan of the speech role with the browser's voices. Words, silences, rate and volume are the plan's,
// as for every engine; what a browser cannot do is in `capabilities` and in notes, and never passed over.

/** What a browser's voices can do, in the terms of relayer/speech/ports.ts. A pitch in hertz needs to know the voice's own. */
export const capabilities = { hasExactRate: false, changesPitch: false, isDeterministic: false };

/** Browsers take a volume from 0 to 1: half of that is the voice's own loudness, so that 6 dB are free, as for other engines. */
const OWN_VOLUME = 0.5;
/** Clauses that a shorter silence parts, in milliseconds, are said in one go: browsers take longer than that to begin. */
const SHORT_MILLISECONDS = 50;
const RATE = { least: 0.5, most: 2 };

/**
 * @typedef {{ kind: "speech", text: string, language: string, rate: number, pitch?: number | undefined, gain: number | null, sentence: number }} Speech
 * @typedef {Speech | { kind: "silence", milliseconds: number, sentence: number } | { kind: "mark", name: string, sentence: number }} Segment
 * @typedef {{ segments: readonly Segment[] }} Plan
 * @typedef {{ name: string, lang: string, localService?: boolean, default?: boolean }} Voice
 * @typedef {{ kind: "say", text: string, language: string, rate: number, volume: number, voice: Voice | undefined } | { kind: "wait", milliseconds: number }} Step
 * @typedef {{ voices: readonly Voice[], voice?: string | undefined, rate: number }} Choice what the listener has chosen on the page
 */

/**
 * What a browser has to do to say one sentence of a plan.
 *
 * @param {Plan | undefined} plan `undefined` where it is not known: then the text is said as it is
 * @param {{ sentence: number, text: string, language?: string }} said
 * @param {Choice} choice
 * @returns {{ steps: Step[], notes: string[] }}
 */
export function stepsOf(plan, said, choice) {
  const planned = plan?.segments.filter(({ sentence }) => sentence === said.sentence) ?? [];
  const first = planned.findIndex(({ kind }) => kind === "speech");
  // A pause before a sentence is the time that the speaker itself takes between two.
  const segments = first < 0 ? [plainly(said)] : planned.slice(first);
  const notes = new Set();
  /** @type {Step[]} */
  const steps = [];
  for (const segment of merged(segments)) {
    if (segment.kind === "silence") steps.push({ kind: "wait", milliseconds: segment.milliseconds });
    if (segment.kind !== "speech") continue;
    if (segment.pitch !== undefined) notes.add("the browser speaks at its voice's own pitch");
    const voice = voiceFor(segment.language, choice);
    if (voice === undefined) notes.add(`no voice of the browser speaks ${segment.language}`);
    steps.push({
      kind: "say",
      ...{ text: segment.text, language: segment.language, voice },
      rate: Math.min(RATE.most, Math.max(RATE.least, segment.rate * choice.rate)),
      volume: segment.gain === null ? 0 : Math.min(1, OWN_VOLUME * 10 ** (segment.gain / 20)),
    });
  }
  return { steps, notes: [...notes] };
}

/** @returns {Speech} */
function plainly({ text, sentence, language = "en-US" }) {
  return { kind: "speech", text, language, rate: 1, gain: 0, sentence };
}

/**
 * Puts clauses together that sound alike and that hardly anything parts.
 * @param {readonly Segment[]} segments
 * @returns {Segment[]}
 */
function merged(segments) {
  /** @type {Segment[]} */
  const all = [];
  for (const segment of segments) {
    if (segment.kind === "mark") continue;
    const [before, last] = [all.at(-2), all.at(-1)];
    const isJoined = last?.kind === "silence" && last.milliseconds <= SHORT_MILLISECONDS;
    if (segment.kind === "speech" && before?.kind === "speech" && isJoined && isAlike(before, segment))
      all.splice(-2, 2, { ...before, text: `${before.text} ${segment.text}` });
    else all.push(segment);
  }
  return all;
}

/** @param {Speech} one @param {Speech} other */
function isAlike(one, other) {
  return ["language", "rate", "pitch", "gain"].every((key) => one[key] === other[key]);
}

/**
 * The listener's voice where it speaks the language, or else the first that does, one that needs no network before others.
 * @param {string} language
 * @param {Choice} choice
 */
export function voiceFor(language, { voices, voice }) {
  const primary = (tag) => tag.toLowerCase().split(/[-_]/)[0];
  const speakers = voices.filter(({ lang }) => primary(lang) === primary(language));
  const exact = speakers.filter(
    ({ lang }) => lang.replace("_", "-").toLowerCase() === language.toLowerCase(),
  );
  const local = (list) => list.find(({ localService }) => localService) ?? list[0];
  return speakers.find(({ name }) => name === voice) ?? local(exact) ?? local(speakers);
}

/** How long a browser may take for a step before it counts as done: some never say that they have ended. */
const patience = ({ text, rate }) => 5_000 + (text.length * 200) / rate;

/**
 * Says sentences one after the other. What is urgent goes first and interrupts; what it interrupted is said after it from its start.
 */
export class BrowserSpeaker {
  #synthesis;
  #Utterance;
  #onChange;
  /** What waits, each with an id, a sentence, a priority and its steps. */
  #waiting = [];
  #current;
  #isHeld = false;

  /** @param {{ synthesis: any, Utterance: any, onChange: () => void }} services the browser's, and who wants to know when something begins or ends */
  constructor({ synthesis, Utterance, onChange }) {
    this.#synthesis = synthesis;
    this.#Utterance = Utterance;
    this.#onChange = onChange;
  }

  get isSpeaking() {
    return this.#current !== undefined;
  }

  /** @param {{ id: string, sentence: number, priority: string, steps: Step[] }} said */
  say(said) {
    const isKnown = (other) => other?.id === said.id && other.sentence === said.sentence;
    if (isKnown(this.#current) || this.#waiting.some(isKnown)) return;
    if (said.priority !== "urgent") this.#waiting.push(said);
    else {
      const at = this.#waiting.findIndex(({ priority }) => priority !== "urgent");
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, said);
      if (this.#current !== undefined && this.#current.priority !== "urgent") this.#interrupt();
    }
    void this.#work();
  }

  /** Leaves an utterance unsaid. */
  drop(id) {
    this.#waiting = this.#waiting.filter((each) => each.id !== id);
    if (this.#current?.id === id) this.#cancel();
  }

  /** Silence, until {@link resume}; what was being said is said again from the start of its sentence. */
  hold() {
    this.#isHeld = true;
    if (this.#current !== undefined) this.#interrupt();
  }

  resume() {
    this.#isHeld = false;
    void this.#work();
  }

  /** Silence, at once, and nothing of what waits. */
  stop() {
    this.#waiting = [];
    this.#cancel();
  }

  #interrupt() {
    const { id, sentence, priority, steps } = this.#current;
    const at = this.#waiting.findIndex((each) => each.priority !== "urgent");
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, { id, sentence, priority, steps });
    this.#cancel();
  }

  #cancel() {
    const current = this.#current;
    this.#current = undefined;
    current?.ending.abort();
    this.#synthesis.cancel();
  }

  async #work() {
    if (this.#current !== undefined || this.#isHeld) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const current = { ...next, ending: new AbortController() };
    this.#current = current;
    this.#onChange();
    for (const step of current.steps) {
      if (this.#current !== current) break;
      await this.#do(step, current.ending.signal);
    }
    if (this.#current === current) this.#current = undefined;
    this.#onChange();
    void this.#work();
  }

  #do(step, signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, step.kind === "wait" ? step.milliseconds : patience(step));
      const end = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
      signal.addEventListener("abort", end, { once: true });
      if (step.kind === "wait") return;
      const utterance = new this.#Utterance(step.text);
      Object.assign(utterance, { lang: step.language, rate: step.rate, volume: step.volume });
      if (step.voice !== undefined) utterance.voice = step.voice;
      utterance.onend = end;
      utterance.onerror = end;
      this.#synthesis.speak(utterance);
    });
  }
}
