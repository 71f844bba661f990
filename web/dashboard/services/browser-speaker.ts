import type { Step } from "../core/browser-plan.ts";

/** How long a browser may take for a step before it counts as done: some never say that they have ended. */
const patience = (text: string, rate: number) => 5_000 + (text.length * 200) / rate;

/** What is to be said: one sentence of an utterance. */
type Said = {
  readonly id: string;
  readonly sentence: number;
  readonly priority: string;
  readonly steps: readonly Step<SpeechSynthesisVoice>[];
};

/** Says sentences one after the other. What is urgent goes first and interrupts; what it interrupted is said after it from its start. */
export class BrowserSpeaker {
  readonly #synthesis: SpeechSynthesis;
  /** Wants to know when something begins or ends. */
  readonly #onChange: () => void;
  #waiting: Said[] = [];
  #current: (Said & { readonly ending: AbortController }) | undefined;
  #isHeld = false;

  constructor(synthesis: SpeechSynthesis, onChange: () => void) {
    this.#synthesis = synthesis;
    this.#onChange = onChange;
  }

  get isSpeaking(): boolean {
    return this.#current !== undefined;
  }

  say(said: Said): void {
    const isKnown = (other: Said | undefined) => other?.id === said.id && other.sentence === said.sentence;
    if (isKnown(this.#current) || this.#waiting.some(isKnown)) return;
    if (said.priority !== "urgent") this.#waiting.push(said);
    else {
      this.#putBeforeUsual(said);
      if (this.#current !== undefined && this.#current.priority !== "urgent") this.#interrupt();
    }
    void this.#work();
  }

  /** Leaves an utterance unsaid. */
  drop(id: string): void {
    this.#waiting = this.#waiting.filter((each) => each.id !== id);
    if (this.#current?.id === id) this.#cancel();
  }

  /** Silence, until {@link resume}; what was being said is said again from the start of its sentence. */
  hold(): void {
    this.#isHeld = true;
    if (this.#current !== undefined) this.#interrupt();
  }

  resume(): void {
    this.#isHeld = false;
    void this.#work();
  }

  /** Silence, at once, and nothing of what waits. */
  stop(): void {
    this.#waiting = [];
    this.#cancel();
  }

  #interrupt(): void {
    if (this.#current === undefined) return;
    const { id, sentence, priority, steps } = this.#current;
    this.#putBeforeUsual({ id, sentence, priority, steps });
    this.#cancel();
  }

  #putBeforeUsual(said: Said): void {
    const at = this.#waiting.findIndex(({ priority }) => priority !== "urgent");
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, said);
  }

  #cancel(): void {
    const current = this.#current;
    this.#current = undefined;
    current?.ending.abort();
    this.#synthesis.cancel();
  }

  async #work(): Promise<void> {
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

  #do(step: Step<SpeechSynthesisVoice>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        resolve,
        step.kind === "wait" ? step.milliseconds : patience(step.text, step.rate),
      );
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", end, { once: true });
      if (step.kind === "wait") return;
      const utterance = new SpeechSynthesisUtterance(step.text);
      Object.assign(utterance, { lang: step.language, rate: step.rate, volume: step.volume });
      if (step.voice !== undefined) utterance.voice = step.voice;
      utterance.onend = end;
      utterance.onerror = end;
      this.#synthesis.speak(utterance);
    });
  }
}
