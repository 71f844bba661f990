import { millisecondsOf, OUTPUT_RATE, render, silence } from "../core/audio.ts";
import type { Plan, Segment } from "../core/plan.ts";
import type { Clock, Engine, Player } from "../ports.ts";

/** How much is given to the device at a time, and how far ahead of what is heard, in milliseconds. */
const BLOCK_MILLISECONDS = 40;
const AHEAD_MILLISECONDS = 120;
/** What a performance needs, and whom it tells how far it is. */
export type Stage = {
  readonly engines: ReadonlyMap<string, Engine>;
  readonly player: Player;
  readonly clock: Clock;
  /** A block is on its way to the device. */
  readonly onSound: (samples: Int16Array) => void;
  /** A segment begins. */
  readonly onSegment: (segment: Segment) => void;
};

/**
 * Speaks a plan from one of its sentences on: each segment is made while the one before it is heard.
 * @param signal silences the device at once
 * @param first its first segment, if that is being made already
 * @throws RetryableError `ENGINE`; whatever `signal` aborts with
 */
export async function perform(
  plan: Plan,
  from: number,
  stage: Stage,
  signal: AbortSignal,
  first?: Promise<Made>,
): Promise<void> {
  signal.throwIfAborted();
  const playback = stage.player.play();
  const stop = () => {
    playback.stop();
  };
  signal.addEventListener("abort", stop, { once: true });
  const pace = new Pace(stage.clock);
  try {
    for await (const { segment, samples } of made({ plan, from, first }, stage.engines, signal)) {
      stage.onSegment(segment);
      const block = Math.round((BLOCK_MILLISECONDS * OUTPUT_RATE) / 1_000);
      for (let at = 0; at < samples.length; at += block) {
        const part = samples.subarray(at, at + block);
        await pace.wait(signal);
        playback.write(part);
        stage.onSound(part);
        pace.add(part.length);
      }
    }
    await pace.drain(signal);
    playback.end();
  } catch (error) {
    playback.stop();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A segment as samples. */
export type Made = { readonly segment: Segment; readonly samples: Int16Array };

/** The segments of a plan as sound: while one is heard, the next is made. */
async function* made(
  {
    plan,
    from,
    first,
  }: { readonly plan: Plan; readonly from: number; readonly first: Promise<Made> | undefined },
  engines: ReadonlyMap<string, Engine>,
  signal: AbortSignal,
): AsyncGenerator<Made> {
  const segments = segmentsFrom(plan, from);
  const speech = segments.filter(({ kind }) => kind === "speech");
  let ahead = segments[0] && first && { segment: segments[0], made: first };
  for (const segment of segments) {
    const made = await (ahead?.segment === segment ? ahead.made : make(segment, engines, signal));
    // The next, and no other: what is urgent must not wait for clauses that will never be heard.
    const next = segment.kind === "speech" ? speech[speech.indexOf(segment) + 1] : undefined;
    if (next !== undefined) {
      ahead = { segment: next, made: make(next, engines, signal) };
      ahead.made.catch(() => undefined); // told when its turn comes
    }
    yield made;
  }
}

/** What is left of a plan; an utterance that goes on does not begin with the pause before its sentence. */
export function segmentsFrom({ segments }: Plan, from: number): readonly Segment[] {
  if (from === 0) return segments;
  const rest = segments.filter(({ sentence }) => sentence >= from);
  return rest.slice(
    Math.max(
      0,
      rest.findIndex(({ kind }) => kind === "speech"),
    ),
  );
}

/** One segment as samples at {@link OUTPUT_RATE}. */
export async function make(
  segment: Segment,
  engines: ReadonlyMap<string, Engine>,
  signal: AbortSignal,
): Promise<Made> {
  if (segment.kind === "silence") return { segment, samples: silence(segment.milliseconds) };
  if (segment.kind === "mark") return { segment, samples: silence(0) };
  const engine = engines.get(segment.engine);
  const voice = engine?.voices().find(({ id }) => id === segment.voice);
  if (engine === undefined || voice === undefined)
    throw new Error(`no engine for the voice ${segment.voice}`);
  const sound = await engine.synthesize({ ...segment, voice }, signal);
  return { segment, samples: render(sound, segment.gain) };
}

/** Keeps what is written just ahead of what is heard: a program's pipe would take seconds, and nobody knew what was said. */
class Pace {
  readonly #clock: Clock;
  #began: number | undefined;
  #written = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(samples: number): void {
    this.#written += millisecondsOf(samples);
  }

  /** Waits until there is room for another block. */
  async wait(signal: AbortSignal): Promise<void> {
    await this.#until(AHEAD_MILLISECONDS, signal);
  }

  /** Waits until everything is heard. */
  async drain(signal: AbortSignal): Promise<void> {
    await this.#until(0, signal);
  }

  async #until(ahead: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = this.#clock.now();
    this.#began ??= now;
    // The device ran dry while a segment was made: it goes on from there, and does not catch up.
    this.#began = Math.max(this.#began, now - this.#written);
    const wait = this.#began + this.#written - now - ahead;
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }
}
