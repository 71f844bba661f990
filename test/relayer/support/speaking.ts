import { Registry } from "prom-client";
import type { UtteranceRequest } from "../../../relayer/domain/speech-jobs.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { OUTPUT_RATE, type Sound } from "../../../relayer/speech/core/audio.ts";
import { createSpeechMetrics } from "../../../relayer/speech/metrics.ts";
import type {
  Clock,
  Engine,
  Player,
  SpeakerNews,
  SpeechRequest,
  UtteranceStore,
} from "../../../relayer/speech/ports.ts";
import { Backlog } from "../../../relayer/speech/worker/backlog.ts";
import { Planner } from "../../../relayer/speech/worker/planner.ts";
import { Speaker } from "../../../relayer/speech/worker/speaker.ts";
import { settings, voice } from "./speech.ts";

/** A clock whose time passes when somebody waits for it, and only then. */
export class FastClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const wake = this.#now + milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.#now = Math.max(this.#now, wake);
  }
}

/** An engine that hums for 10 ms a character, or fails as often as it is told to. */
export class HummingEngine implements Engine {
  readonly id = "test";
  readonly capabilities = { hasExactRate: true, changesPitch: true, isDeterministic: true };
  readonly said: string[] = [];
  failures = 0;

  voices() {
    return [voice("anna")];
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  synthesize({ text }: SpeechRequest, signal: AbortSignal): Promise<Sound> {
    signal.throwIfAborted();
    if (this.failures > 0) {
      this.failures--;
      return Promise.reject(new Error("the engine is hoarse"));
    }
    this.said.push(text);
    const samples = new Int16Array(text.length * OUTPUT_RATE * 0.01).fill(5_000);
    return Promise.resolve({ samples, sampleRate: OUTPUT_RATE });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A player that counts. */
export class CountingPlayer implements Player {
  readonly ends: ("ended" | "stopped")[] = [];
  samples = 0;
  plays = 0;
  preparations = 0;

  prepare() {
    this.preparations++;
  }

  play() {
    this.plays++;
    return {
      write: (samples: Int16Array) => (this.samples += samples.length),
      end: () => this.ends.push("ended"),
      stop: () => this.ends.push("stopped"),
    };
  }

  close(): void {
    this.ends.push("stopped");
  }
}

/** A speaker with everything around it but the store. */
export function speakerOf(
  store: UtteranceStore,
  {
    clock,
    consumer = "one",
    digestAbove = 5,
  }: { readonly clock: Clock; readonly consumer?: string; readonly digestAbove?: number },
) {
  const engine = new HummingEngine();
  const player = new CountingPlayer();
  const registry = { voices: engine.voices(), defaults: new Map<string, string>(), fallback: "anna" };
  const backlog = new Backlog({ consumer, claimMilliseconds: 5_000, digestAbove }, { store, clock });
  const speaker = new Speaker({
    ...{ backlog, store, player, clock, archive: undefined },
    planner: new Planner(settings, registry, new Map()),
    engines: new Map([["test", engine]]),
    metrics: createSpeechMetrics(new Registry()),
    logger: createLogger("silent", {}),
  });
  const news: SpeakerNews[] = [];
  speaker.watch((each) => news.push(each));
  return { speaker, engine, player, backlog, news };
}

/** Lets a speaker speak until `isOver`. */
export async function runUntil(speaker: Speaker, isOver: () => boolean): Promise<void> {
  const stopping = new AbortController();
  const check = () => {
    if (isOver()) stopping.abort();
    else setImmediate(check);
  };
  check();
  await speaker.run(stopping.signal);
}

/** Takes many in. */
export function acceptAll(speaker: Speaker, requests: readonly UtteranceRequest[]): void {
  for (const each of requests) speaker.accept(each);
}
