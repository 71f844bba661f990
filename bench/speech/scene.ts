import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Registry } from "prom-client";
import { systemClock } from "../../relayer/platform/clock.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { FliteEngine } from "../../relayer/speech/adapters/flite.ts";
import { SqliteUtteranceStore } from "../../relayer/speech/adapters/utterance-store.ts";
import { OUTPUT_RATE, type Sound } from "../../relayer/speech/core/audio.ts";
import type { Voice } from "../../relayer/speech/core/voices.ts";
import { createSpeechMetrics } from "../../relayer/speech/metrics.ts";
import type { Engine, Player } from "../../relayer/speech/ports.ts";
import { Backlog } from "../../relayer/speech/worker/backlog.ts";
import { Planner } from "../../relayer/speech/worker/planner.ts";
import { Speaker } from "../../relayer/speech/worker/speaker.ts";

/** What operators hear, of the nth of whatever it is about: no two of them begin alike. */
export const alertsOf = (n: number) => [
  `Validator ${n} missed 9 attestations in the last 2 minutes.`,
  `The sender on chain ${n} is out of money: 0.002 ETH are left.`,
  `Lane ${n} to B has not moved for 5m.`,
  `Validators ${n} and ${n + 1} signed two histories at block 21456789.`,
  `Gas on chain ${n} is above 120 gwei; deliveries wait.`,
  `Provider ${n} of chain A was outvoted 14 times.`,
];
export const ALERTS = alertsOf(3);

export const TONE_HERTZ = 5_000;
const TONE_SECONDS = 5;

/** A voice that is no voice: one tone, however long, so that a recording shows when it ends and something else begins. */
class ToneEngine implements Engine {
  readonly id = "tone";
  readonly capabilities = { hasExactRate: false, changesPitch: false, isDeterministic: true };
  readonly #sound: Sound = {
    sampleRate: OUTPUT_RATE,
    samples: Int16Array.from({ length: TONE_SECONDS * OUTPUT_RATE }, (_, at) =>
      Math.round(8_000 * Math.sin((2 * Math.PI * TONE_HERTZ * at) / OUTPUT_RATE)),
    ),
  };

  voices(): readonly Voice[] {
    const rest = { language: "en-US", gender: "neutral", engine: "tone", sampleRate: OUTPUT_RATE } as const;
    return [{ id: "tone/tone", name: "tone", pitch: undefined, ...rest }];
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  synthesize(): Promise<Sound> {
    return Promise.resolve(this.#sound);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A speaker as the role runs it, with its durable queue on the disk of the working folder. */
export async function speakerScene(player: Player) {
  mkdirSync(".dchat", { recursive: true });
  const folder = mkdtempSync(join(".dchat", "bench-speech-"));
  const stopping = new AbortController();
  const flite = new FliteEngine(2);
  await flite.warmUp(stopping.signal);
  const tone = new ToneEngine();
  const store = new SqliteUtteranceStore(join(folder, "queue.sqlite"));
  store.setSwitches({ isEnabled: true, isPaused: false });
  const settings = { rate: 1, pitch: 1, volume: 0, language: "en-US", voice: undefined };
  const voices = [...flite.voices(), ...tone.voices()];
  const options = { consumer: "bench", claimMilliseconds: 5_000, digestAbove: 1_000 };
  const speaker = new Speaker({
    ...{ store, player, clock: systemClock, archive: undefined },
    backlog: new Backlog(options, { store, clock: systemClock }),
    planner: new Planner(settings, { voices, defaults: new Map(), fallback: "flite/slt" }, new Map()),
    engines: new Map<string, Engine>([
      ["flite", flite],
      ["tone", tone],
    ]),
    metrics: createSpeechMetrics(new Registry()),
    logger: createLogger("warn", { role: "bench" }),
  });
  const running = speaker.run(stopping.signal);
  return {
    ...{ speaker, store },
    close: async () => {
      stopping.abort();
      await running;
      player.close();
      await flite.close();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of all is not above. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export const round1 = (value: number) => Math.round(value * 10) / 10;
