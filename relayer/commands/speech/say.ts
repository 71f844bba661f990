import { writeFile } from "node:fs/promises";
import { explain, FatalError, RetryableError, UsageError } from "../../domain/errors.ts";
import { speechConfigSchema } from "../../domain/speech-config.ts";
import { utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import { systemClock } from "../../platform/clock.ts";
import { openEngine } from "../../speech/adapters/engines.ts";
import { findPlayer, ProcessPlayer } from "../../speech/adapters/process-player.ts";
import { registryOf, settingsOf } from "../../speech/config.ts";
import { bytesOf, millisecondsOf, wavHeader } from "../../speech/core/audio.ts";
import type { Plan, Segment } from "../../speech/core/plan.ts";
import type { Engine } from "../../speech/ports.ts";
import { make, perform } from "../../speech/worker/performance.ts";
import { Planner } from "../../speech/worker/planner.ts";
import type { LocalContext } from "../context.ts";
import { readDocument } from "./input.ts";

/** The engines that there are. */
export type EngineName = "flite" | "espeak-ng" | "say" | "sapi";

/** The options of `dchat speech say`. */
export type SayOptions = {
  readonly text?: string;
  readonly ssml?: string;
  /** An SSML document itself, for commands that make one. */
  readonly document?: string;
  readonly out?: string;
  readonly voice?: string;
  readonly language?: string;
  readonly rate?: string;
  readonly pitch?: string;
  readonly volume?: string;
  readonly spellOut?: true;
  readonly engine: EngineName;
};

/** A segment, and when it is heard, in milliseconds from the beginning. */
type Timed = Segment & { readonly begin: number; readonly end: number };

/**
 * `dchat speech say`: speaks here and now, to a file or to this machine's loudspeaker.
 * @throws UsageError `USAGE` or `FILE`; FatalError `SSML`; RetryableError `ENGINE` or `PLAYER`
 */
export async function say(options: SayOptions, context: LocalContext): Promise<void> {
  const request = await requestOf(options);
  const engine = await openEngine(options.engine, 1, context.signal);
  try {
    const config = speechConfigSchema.parse({ language: request.language ?? "en-US" });
    const registry = registryOf(config, engine.voices());
    const plan = new Planner(settingsOf(config), registry, new Map()).plan(request);
    const segments =
      options.out === undefined
        ? await play(plan, engine, context.signal)
        : await write(plan, engine, options.out, context.signal);
    const milliseconds = segments.at(-1)?.end ?? 0;
    const { sentences, notes } = plan;
    context.output.result(
      { segments, sentences, notes, milliseconds, out: options.out ?? null },
      [...sentences, ...notes.map((note) => `note: ${note}`), toldEnd(milliseconds, options.out)].join("\n"),
    );
  } finally {
    await engine.close();
  }
}

function toldEnd(milliseconds: number, out: string | undefined): string {
  const seconds = `${(milliseconds / 1_000).toFixed(1)} s`;
  return out === undefined ? `spoken in ${seconds}` : `${seconds} written to ${out}`;
}

async function requestOf(options: SayOptions) {
  const given = [options.text, options.ssml, options.document].filter((each) => each !== undefined);
  if (given.length !== 1) throw new UsageError("USAGE", "Nothing was spoken: give either --text or --ssml.");
  const document =
    options.document ?? (options.ssml === undefined ? undefined : await readDocument(options.ssml));
  const parsed = utteranceRequestSchema.safeParse({
    id: "say",
    ...(document === undefined ? { text: options.text } : { ssml: document }),
    ...(options.voice === undefined ? {} : { voice: options.voice }),
    ...(options.language === undefined ? {} : { language: options.language }),
    ...numbers(options),
    spellsOut: options.spellOut === true,
  });
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new UsageError("USAGE", `Nothing was spoken: ${why}.`);
}

/** @throws UsageError `USAGE` */
function numbers(options: SayOptions): Readonly<Record<string, number>> {
  const names = ["rate", "pitch", "volume"] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = options[name];
      if (text === undefined) return [];
      if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text))
        throw new UsageError("USAGE", `--${name} ${text} is no number. Nothing was spoken.`);
      return [[name, Number(text)] as const];
    }),
  );
}

/** Writes a plan as a WAV file. */
async function write(
  plan: Plan,
  engine: Engine,
  out: string,
  signal: AbortSignal,
): Promise<readonly Timed[]> {
  const engines = new Map([[engine.id, engine]]);
  const segments: Timed[] = [];
  const sound: Int16Array[] = [];
  let at = 0;
  for (const planned of plan.segments) {
    const { samples } = await make(planned, engines, signal);
    const end = at + samples.length;
    segments.push({ ...planned, begin: millisecondsOf(at), end: millisecondsOf(end) });
    sound.push(samples);
    at = end;
  }
  await writeFile(out, Buffer.concat([wavHeader(at), ...sound.map(bytesOf)])).catch((error: unknown) => {
    throw new FatalError(
      "FILE",
      `${out} cannot be written: ${explain(error)}. Name another file with --out.`,
    );
  });
  return segments;
}

/** Plays a plan on this machine. @throws RetryableError `PLAYER` */
async function play(plan: Plan, engine: Engine, signal: AbortSignal): Promise<readonly Timed[]> {
  const program = await findPlayer();
  if (program === undefined)
    throw new RetryableError(
      "PLAYER",
      "No program that plays sound was found (pacat, pw-cat, aplay, play or ffplay). Nothing was spoken; install one, or write a file with --out.",
    );
  const failing = new AbortController();
  const player = new ProcessPlayer(program, (why) => {
    failing.abort(
      new RetryableError(
        "PLAYER",
        `The player failed: ${why}. Not everything was heard; mend that, or write a file with --out.`,
      ),
    );
  });
  const segments: Timed[] = [];
  let at = 0;
  const stage = {
    engines: new Map([[engine.id, engine]]),
    player,
    clock: systemClock,
    onSegment: (segment: Segment) => {
      segments.push({ ...segment, begin: millisecondsOf(at), end: millisecondsOf(at) });
    },
    onSound: (samples: Int16Array) => {
      at += samples.length;
      const last = segments.pop();
      if (last !== undefined) segments.push({ ...last, end: millisecondsOf(at) });
    },
  };
  try {
    await perform(plan, 0, stage, AbortSignal.any([signal, failing.signal]));
  } catch (error) {
    if (failing.signal.aborted && failing.signal.reason instanceof Error) throw failing.signal.reason;
    throw error;
  } finally {
    player.close();
  }
  return segments;
}
