import { Worker } from "node:worker_threads";
import { explain, RetryableError } from "../../domain/errors.ts";
import type { Sound } from "../core/audio.ts";
import { amplify } from "../core/audio.ts";
import type { Voice } from "../core/voices.ts";
import type { Capabilities, Engine, SpeechRequest } from "../ports.ts";
import { Openings } from "./openings.ts";

/** What a thread is asked, and what it answers. */
export type FliteQuestion = { readonly id: number; readonly words: readonly string[] };
export type FliteAnswer =
  { readonly id: number; readonly sound: Sound } | { readonly id: number; readonly failure: string };

/** Longer than any clause takes on a slow machine; a thread that is silent for so long hangs, and is replaced. */
const PATIENCE_MILLISECONDS = 10_000;

/** What is not longer, in characters, may be the beginning of another utterance, too. */
const MOST_OPENING = 24;

/**
 * A voice that is built in. `offset` and `slope` make a pitch of what `int_f0_target_mean` says, as measured from 80 to 230 Hz
 * (test/relayer/integration/speech/flite.test.ts holds them to 5%); `headroom` brings its peaks at least 6 dB below full scale.
 */
type BuiltIn = Voice & {
  readonly flite: string;
  readonly tuning: { readonly slope: number; readonly offset: number } | undefined;
  readonly headroom: number;
};

const builtIn = (
  name: string,
  flite: string,
  rest: Pick<BuiltIn, "language" | "gender" | "pitch" | "tuning" | "headroom">,
): BuiltIn => ({ id: `flite/${name}`, name, flite, engine: "flite", sampleRate: 16_000, ...rest });

const VOICES: readonly BuiltIn[] = [
  builtIn("slt", "slt", {
    language: "en-US",
    gender: "female",
    pitch: 174,
    tuning: { slope: 1, offset: 2 },
    headroom: -6,
  }),
  builtIn("rms", "rms", {
    language: "en-US",
    gender: "male",
    pitch: undefined,
    tuning: undefined,
    headroom: 0,
  }),
  builtIn("kal", "kal16", {
    language: "en-US",
    gender: "male",
    pitch: 88,
    tuning: { slope: 1.06, offset: -13 },
    headroom: 3,
  }),
  builtIn("awb", "awb", {
    language: "en-GB",
    gender: "male",
    pitch: 131,
    tuning: { slope: 1, offset: 0 },
    headroom: -7,
  }),
];

/** Runs at a rate of 1 unless told otherwise; the diphone voice would not. */
function wordsFor({ text, rate, pitch }: SpeechRequest, { flite, tuning }: BuiltIn): readonly string[] {
  const target = tuning === undefined || pitch === undefined ? [] : [(pitch - tuning.offset) / tuning.slope];
  return [
    ...["-voice", flite, "--setf", `duration_stretch=${(1 / rate).toFixed(4)}`],
    ...target.flatMap((hertz) => ["--setf", `int_f0_target_mean=${hertz.toFixed(1)}`]),
    ...["-t", text],
  ];
}

type Task = {
  readonly question: FliteQuestion;
  readonly settle: (answer: FliteAnswer) => void;
  timer?: NodeJS.Timeout;
};

/**
 * The engine that needs nothing but npm: four English voices, offline, deterministic. Each thread does one clause at a time; what
 * is aborted before its turn is never begun.
 */
export class FliteEngine implements Engine {
  readonly id = "flite";
  readonly capabilities: Capabilities = { hasExactRate: true, changesPitch: true, isDeterministic: true };
  /** Started when there is something to say. */
  readonly #threads: Thread[] = [];
  readonly #most: number;
  readonly #waiting: Task[] = [];
  readonly #openings = new Openings();
  #questions = 0;
  #isWarm = false;

  /** @param threads how many clauses are made at the same time: two, so that what is urgent never waits for another clause */
  constructor(threads = 1) {
    this.#most = threads;
  }

  voices(): readonly Voice[] {
    return VOICES;
  }

  /** Has every thread speak, so that the first sentence does not pay for the compiler; once. */
  async warmUp(signal: AbortSignal): Promise<void> {
    const [voice] = VOICES;
    if (voice === undefined || this.#isWarm) return;
    this.#isWarm = true;
    const request = { text: "Validator three missed nine attestations.", voice, rate: 1, pitch: undefined };
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: this.#most }, () => this.synthesize(request, signal)));
  }

  async synthesize(request: SpeechRequest, signal: AbortSignal): Promise<Sound> {
    signal.throwIfAborted();
    const voice = VOICES.find(({ id }) => id === request.voice.id);
    if (voice === undefined) throw new RetryableError("ENGINE", `flite has no voice ${request.voice.id}.`);
    const text = asciiOf(request.text);
    if (!/[A-Za-z0-9]/.test(text)) return { sampleRate: voice.sampleRate, samples: new Int16Array() };
    const words = wordsFor({ ...request, text }, voice);
    const key = JSON.stringify(words);
    const known = this.#openings.find(key);
    if (known !== undefined) return known;
    const answer = await this.#ask(words, signal);
    if ("failure" in answer)
      throw new RetryableError(
        "ENGINE",
        `The speech engine failed: ${answer.failure}. The utterance is tried again; its text is in the transcript.`,
      );
    const { sampleRate, samples } = answer.sound;
    const sound = { sampleRate, samples: amplify(samples, voice.headroom) };
    if (text.length <= MOST_OPENING) this.#openings.keep(key, sound);
    return sound;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    for (const { question, settle } of this.#waiting.splice(0))
      settle({ id: question.id, failure: "it was closed" });
  }

  #ask(words: readonly string[], signal: AbortSignal): Promise<FliteAnswer> {
    return new Promise((resolve, reject) => {
      const task: Task = {
        question: { id: this.#questions++, words },
        settle: (answer) => {
          signal.removeEventListener("abort", abort);
          resolve(answer);
        },
      };
      const abort = () => {
        const index = this.#waiting.indexOf(task);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(task);
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#threads.find(({ isBusy }) => !isBusy) ?? this.#another();
      const task = thread && this.#waiting.shift();
      if (task === undefined) return;
      thread?.take(task);
    }
  }

  #another(): Thread | undefined {
    if (this.#threads.length >= this.#most) return undefined;
    const thread = new Thread(() => {
      this.#assign();
    });
    this.#threads.push(thread);
    return thread;
  }
}

/** A thread and what it works on. One that hangs or dies is replaced. */
class Thread {
  readonly #onFree: () => void;
  #worker: Worker;
  #task: Task | undefined;
  #isClosed = false;

  constructor(onFree: () => void) {
    this.#onFree = onFree;
    this.#worker = this.#start();
  }

  get isBusy(): boolean {
    return this.#task !== undefined;
  }

  take(task: Task): void {
    this.#task = task;
    task.timer = setTimeout(() => {
      this.#replace(`no answer within ${PATIENCE_MILLISECONDS} ms`);
    }, PATIENCE_MILLISECONDS);
    this.#worker.postMessage(task.question);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker.terminate();
    this.#settle({ id: this.#task?.question.id ?? 0, failure: "it was closed" });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./flite-thread.ts", import.meta.url));
    worker.unref();
    worker.on("message", (answer: FliteAnswer) => {
      if (answer.id === this.#task?.question.id) this.#settle(answer);
    });
    worker.on("error", (error) => {
      if (worker === this.#worker) this.#replace(explain(error));
    });
    return worker;
  }

  #replace(failure: string): void {
    if (this.#isClosed) return;
    void this.#worker.terminate();
    this.#worker = this.#start();
    this.#settle({ id: this.#task?.question.id ?? 0, failure });
  }

  #settle(answer: FliteAnswer): void {
    const task = this.#task;
    this.#task = undefined;
    clearTimeout(task?.timer);
    task?.settle(answer);
    if (!this.#isClosed) this.#onFree();
  }
}

/** Flite reads ASCII: letters lose their accents, and what has none in ASCII is left out. */
function asciiOf(text: string): string {
  return text
    .replace(/[‘’]/g, "'")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim();
}
