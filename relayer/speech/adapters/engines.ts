import type { SpeechConfig } from "../../domain/speech-config.ts";
import type { Engine } from "../ports.ts";
import { EspeakEngine } from "./espeak-ng.ts";
import { FliteEngine } from "./flite.ts";
import { macOsSay, SystemEngine, windowsSapi } from "./system-engines.ts";

/**
 * Opens the engine that the configuration names. No other takes its place when it is missing.
 * @param threads how many clauses flite makes at the same time
 * @throws RetryableError `ENGINE` when it is not there
 */
export async function openEngine(
  name: SpeechConfig["engine"],
  threads: number,
  signal: AbortSignal,
): Promise<Engine> {
  switch (name) {
    case "flite":
      return new FliteEngine(threads);
    case "espeak-ng":
      return EspeakEngine.open(signal);
    case "say":
      return SystemEngine.open(macOsSay, signal);
    case "sapi":
      return SystemEngine.open(windowsSapi, signal);
  }
}
