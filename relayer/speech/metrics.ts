import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** The metrics of a speaker. */
export type SpeechMetrics = ReturnType<typeof createSpeechMetrics>;

/** Registers the metrics of a speaker. */
export function createSpeechMetrics(registry: Registry) {
  const registers = [registry];
  return {
    waiting: new Gauge({
      name: "dchat_speech_waiting",
      help: "Utterances that wait to be spoken",
      registers,
    }),
    accepted: new Counter({
      name: "dchat_speech_accepted_total",
      help: "Utterances that were taken in",
      labelNames: ["priority"],
      registers,
    }),
    ended: new Counter({
      name: "dchat_speech_ended_total",
      help: "Utterances that were taken up and have ended, by outcome",
      labelNames: ["outcome", "priority"],
      registers,
    }),
    failures: new Counter({
      name: "dchat_speech_failures_total",
      help: "Times that an engine, the player or the archive failed",
      labelNames: ["part"],
      registers,
    }),
    firstSound: new Histogram({
      name: "dchat_speech_first_sound_seconds",
      help: "Time from an utterance's being taken in to its first sound; waiting for others included",
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
  };
}
