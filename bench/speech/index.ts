import { performance } from "node:perf_hooks";
import { FliteEngine } from "../../relayer/speech/adapters/flite.ts";
import { millisecondsOf, render } from "../../relayer/speech/core/audio.ts";
import { SpeechQueue, type Entry } from "../../relayer/speech/core/queue/queue.ts";
import { parseSsml } from "../../relayer/speech/core/ssml/parse.ts";
import { measureDevice } from "./device.ts";
import { measureFirstSound } from "./first-sound.ts";
import { ALERTS, median } from "./scene.ts";

type Figures = Record<string, number>;

/** Many short rounds, so that one in which the machine did something else is no median. */
const ROUNDS = 401;
const ENTRIES = 100_000;
const WARM_UP = 30_000;
/** How many operations of a kind are timed together: the clock is no finer than some of them. */
const OPERATIONS = 100;

/** Documents as subsystems write them. */
const DOCUMENTS = [
  '<speak>Validator <say-as interpret-as="cardinal">3</say-as> missed <emphasis>nine</emphasis> attestations.</speak>',
  '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US"><s>The bridge is paused.</s></speak>',
  '<speak>Gas is dear.<break time="300ms"/><prosody rate="slow" pitch="+10%">12.5 gwei</prosody></speak>',
];

/** Everything about speech that has a number. */
export async function measureSpeech(): Promise<Figures> {
  const pure = { ...documents(), ...queueOperations() };
  return { ...pure, ...(await realTimeFactor()), ...(await measureFirstSound()), ...(await measureDevice()) };
}

function documents(): Figures {
  const rate = (count: number) => {
    const began = performance.now();
    for (let index = 0; index < count; index++) parseSsml(DOCUMENTS[index % DOCUMENTS.length] ?? "");
    return (count * 1_000) / (performance.now() - began);
  };
  rate(WARM_UP); // compiles
  const rates = Array.from({ length: ROUNDS }, () => rate(OPERATIONS));
  return { ssmlDocumentsPerSecond: Math.round(median(rates)) };
}

/** Adding, removing by id, and taking what was put back, among 100,000 that wait. */
function queueOperations(): Figures {
  const priorities = ["urgent", "high", "normal", "low"] as const;
  const entryOf = (index: number): Entry => ({
    ...{
      id: `alert-${index}`,
      print: `print-${index}`,
      priority: priorities[index % 4] ?? "low",
      key: undefined,
    },
    ...{ expiresAt: index % 2 === 0 ? index * 7_919 : undefined, addedAt: index, labels: {}, sentence: 0 },
  });
  const queue = new SpeechQueue();
  for (let index = 0; index < ENTRIES; index++) queue.add(entryOf(index));
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const entries = Array.from({ length: OPERATIONS }, (_each, index) =>
      entryOf(ENTRIES + round * OPERATIONS + index),
    );
    const adding = perOperation(() => {
      for (const entry of entries) queue.add(entry);
    });
    // From all over the queue, and not in the order in which they came.
    const ids = entries.map(({ id }) => id).sort((a, b) => a.slice(-3).localeCompare(b.slice(-3)));
    const removing = perOperation(() => {
      for (const id of ids) queue.remove(id);
    });
    const taking = perOperation(() => {
      const taken = Array.from({ length: OPERATIONS / 2 }, () => queue.take());
      for (const waiting of taken.reverse()) if (waiting !== undefined) queue.putBack(waiting);
    });
    return { adding, removing, taking, mean: (adding + removing + taking) / 3 };
  });
  const of = (name: "adding" | "removing" | "taking" | "mean") =>
    round3(median(rounds.map((each) => each[name])));
  return {
    queueOpMicrosecondsAt100k: of("mean"),
    queueAddMicrosecondsAt100k: of("adding"),
    queueRemoveMicrosecondsAt100k: of("removing"),
    queueTakeAndPutBackMicrosecondsAt100k: of("taking"),
  };
}

function perOperation(work: () => void): number {
  const began = performance.now();
  work();
  return ((performance.now() - began) * 1_000) / OPERATIONS;
}

/** How long one thread works for a second of speech, the silence around it not counted. */
async function realTimeFactor(): Promise<Figures> {
  const engine = new FliteEngine(1);
  const { signal } = new AbortController();
  await engine.warmUp(signal);
  const [voice] = engine.voices();
  if (voice === undefined) throw new Error("flite has no voice");
  const factors: number[] = [];
  for (const text of [...ALERTS, ...ALERTS, ...ALERTS]) {
    const began = performance.now();
    const samples = render(await engine.synthesize({ text, voice, rate: 1, pitch: undefined }, signal), 0);
    factors.push((performance.now() - began) / millisecondsOf(samples.length));
  }
  await engine.close();
  return { realTimeFactor: round3(median(factors)) };
}

const round3 = (value: number) => Math.round(value * 1_000) / 1_000;
