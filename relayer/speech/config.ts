import { join } from "node:path";
import { type SpeechConfig, speechConfigSchema } from "../domain/speech-config.ts";
import type { Settings } from "./core/plan.ts";
import type { Voice, VoiceRegistry } from "./core/voices.ts";

/** The configuration of speech, its defaults where there is none. */
export function speechConfig(given: SpeechConfig | undefined): SpeechConfig {
  return given ?? speechConfigSchema.parse({});
}

/** Where speech keeps its files, below the network's data folder. */
export function speechFiles(dataFolder: string) {
  const folder = join(dataFolder, "speech");
  return {
    folder,
    /** The durable queue. */
    queue: join(folder, "queue.sqlite"),
    /** What a command must show that tells the speaker what to do. */
    token: join(folder, "token"),
    archive: join(folder, "archive"),
  };
}

/** What holds for everything that is said. */
export function settingsOf({ rate, pitch, volume, language, voice }: SpeechConfig): Settings {
  return { rate, pitch, volume, language, voice };
}

/** Who may speak. The listener's voice is the fallback, or else the first that there is. */
export function registryOf(
  { voice, voices: defaults, language }: SpeechConfig,
  voices: readonly Voice[],
): VoiceRegistry {
  const own = voices.find((each) => each.language === language) ?? voices[0];
  return { voices, defaults: new Map(Object.entries(defaults)), fallback: voice ?? own?.id ?? "" };
}

/** The names for addresses and hashes, by these in lower case. */
export function labelsOf({ labels }: SpeechConfig): ReadonlyMap<string, string> {
  return new Map(Object.entries(labels).map(([key, label]) => [key.toLowerCase(), label]));
}
