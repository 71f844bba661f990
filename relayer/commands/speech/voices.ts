import { UsageError } from "../../domain/errors.ts";
import { table } from "../../platform/table.ts";
import { openEngine } from "../../speech/adapters/engines.ts";
import { UtteranceBuilder } from "../../speech/core/utterance-builder.ts";
import { filterVoices, type Voice } from "../../speech/core/voices.ts";
import type { LocalContext } from "../context.ts";
import { say, type EngineName } from "./say.ts";

/** The options of `dchat speech voices`. */
export type VoicesOptions = {
  readonly language?: string;
  readonly gender?: Voice["gender"];
  readonly engine: EngineName;
  readonly preview?: true;
  readonly out?: string;
};

/** `dchat speech voices`. @throws RetryableError `ENGINE` when the engine is not there; UsageError `VOICE` when nobody fits */
export async function listVoices(options: VoicesOptions, context: LocalContext): Promise<void> {
  const engine = await openEngine(options.engine, 1, context.signal);
  const voices = filterVoices(engine.voices(), options);
  await engine.close();
  if (options.out !== undefined && options.preview !== true)
    throw new UsageError("USAGE", "--out is where a preview goes. Nothing was written; add --preview.");
  if (options.preview === true) {
    await preview(voices, options, context);
    return;
  }
  context.output.result({ voices, capabilities: engine.capabilities }, describe(voices));
}

/** One voice after the other says who it is. */
async function preview(
  voices: readonly Voice[],
  { engine, out }: VoicesOptions,
  context: LocalContext,
): Promise<void> {
  if (voices.length === 0)
    throw new UsageError("VOICE", "No voice fits. Nothing was spoken; see dchat speech voices.");
  const utterance = new UtteranceBuilder();
  for (const { id, name } of voices)
    utterance.paragraph((paragraph) =>
      paragraph.voice(id, (voice) =>
        voice.text(`This is ${name}. Validator three missed nine attestations.`),
      ),
    );
  const document = utterance.document();
  await say({ engine, document, ...(out === undefined ? {} : { out }) }, context);
}

function describe(voices: readonly Voice[]): string {
  if (voices.length === 0) return "No voice fits.";
  return table(
    ["voice", "name", "language", "gender", "Hz", "pitch"],
    voices.map(({ id, name, language, gender, sampleRate, pitch }) => [
      ...[id, name, language, gender, String(sampleRate)],
      pitch === undefined ? "fixed" : `${pitch} Hz`,
    ]),
  );
}
