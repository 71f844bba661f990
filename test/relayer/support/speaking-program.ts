// Takes utterances in and speaks them, and kills itself at one step of its store:
// speaking-program.ts {"file": …, "log": …, "now": …, "consumer": …, "requests": […], "step": "before-claim-1"}
import { appendFileSync, readFileSync } from "node:fs";
import { z } from "zod";
import { utteranceRequestSchema } from "../../../relayer/domain/speech-jobs.ts";
import { SqliteUtteranceStore } from "../../../relayer/speech/adapters/utterance-store.ts";
import { acceptAll, FastClock, runUntil, speakerOf } from "./speaking.ts";

const { file, log, now, consumer, requests, step } = z
  .object({
    file: z.string(),
    log: z.string(),
    now: z.number(),
    consumer: z.string(),
    requests: z.array(utteranceRequestSchema),
    step: z.string(),
  })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));

/** The store, which ends this process before or after the nth call of one of its methods. */
class DeadlyStore extends SqliteUtteranceStore {
  readonly #calls = new Map<string, number>();

  #at<T>(name: string, work: () => T): T {
    const count = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, count);
    if (step === `before-${name}-${count}`) process.kill(process.pid, "SIGKILL");
    const result = work();
    if (step === `after-${name}-${count}`) process.kill(process.pid, "SIGKILL");
    return result;
  }

  override add(...given: Parameters<SqliteUtteranceStore["add"]>) {
    return this.#at("add", () => super.add(...given));
  }
  override claim(...given: Parameters<SqliteUtteranceStore["claim"]>) {
    return this.#at("claim", () => super.claim(...given));
  }
  override progress(...given: Parameters<SqliteUtteranceStore["progress"]>) {
    return this.#at("progress", () => super.progress(...given));
  }
  override release(...given: Parameters<SqliteUtteranceStore["release"]>) {
    this.#at("release", () => {
      super.release(...given);
    });
  }
  override finish(...given: Parameters<SqliteUtteranceStore["finish"]>) {
    return this.#at("finish", () => super.finish(...given));
  }
}

const store = new DeadlyStore(file);
store.setSwitches({ isEnabled: true, isPaused: false });
const { speaker } = speakerOf(store, { clock: new FastClock(now), consumer, digestAbove: 100 });
const urgent = requests.filter(({ priority }) => priority === "urgent");
speaker.watch((news) => {
  if (news.kind !== "said") return;
  appendFileSync(log, `${news.id} ${news.sentence}\n`);
  // What is urgent comes when something else is being said.
  if (news.sentence === 1) acceptAll(speaker, urgent);
});
acceptAll(
  speaker,
  requests.filter(({ priority }) => priority !== "urgent"),
);
const hasEnded = () => {
  const told = store.told(100);
  return told.length === requests.length && told.every(({ state }) => state === "spoken");
};
await runUntil(speaker, hasEnded);
store.close();
