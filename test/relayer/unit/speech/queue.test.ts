import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { speechPriorities } from "../../../../relayer/domain/speech-jobs.ts";
import {
  type Command,
  commands,
  control,
  type Control,
  mayTake,
  SILENT,
  type SpeakerEvent,
} from "../../../../relayer/speech/core/control.ts";
import { digestOf } from "../../../../relayer/speech/core/queue/digest.ts";
import { type Entry, SpeechQueue, type Waiting } from "../../../../relayer/speech/core/queue/queue.ts";

const entry = (id: string, rest: Partial<Entry> = {}): Entry => ({
  id,
  ...{
    priority: "normal",
    key: undefined,
    print: id,
    expiresAt: undefined,
    addedAt: 0,
    labels: {},
    sentence: 0,
  },
  ...rest,
});

/** The queue as anybody would write it who need not be fast: a list that is searched. */
class Model {
  #waiting: Waiting[] = [];

  add(added: Entry): string {
    if (this.#waiting.some((each) => each.entry.id === added.id)) return "known";
    const twin = this.#twinOf(added);
    if (twin !== undefined) {
      this.#waiting = this.#waiting.map((each) =>
        each === twin ? { ...each, repeats: [...each.repeats, added.id] } : each,
      );
      return `repeats ${twin.entry.id}`;
    }
    const older = this.#waiting.findLast(({ entry: { key } }) => key !== undefined && key === added.key);
    const superseded = older?.entry.priority === "urgent" ? undefined : older;
    this.#waiting = [...this.#waiting.filter((each) => each !== superseded), { entry: added, repeats: [] }];
    return `waits for ${superseded?.entry.id ?? "nobody"}`;
  }

  putBack(waiting: Waiting): string {
    const { id, key, priority } = waiting.entry;
    if (this.#waiting.some((each) => each.entry.id === id)) return "waits undefined";
    const twin = this.#twinOf(waiting.entry);
    const later = this.#waiting.findLast(({ entry }) => key !== undefined && entry.key === key);
    if (twin === undefined && later !== undefined && priority !== "urgent")
      return `superseded ${later.entry.id}`;
    const repeats = [...waiting.repeats, ...(twin === undefined ? [] : [twin.entry.id, ...twin.repeats])];
    this.#waiting = [{ ...waiting, repeats }, ...this.#waiting.filter((each) => each !== twin)];
    return `waits ${String(twin?.entry.id)}`;
  }

  #twinOf({ print, key }: Entry): Waiting | undefined {
    return this.#waiting.find(({ entry }) => entry.print === print && entry.key === key);
  }

  remove(id: string): Waiting | undefined {
    const found = this.#waiting.find((each) => each.entry.id === id);
    this.#waiting = this.#waiting.filter((each) => each !== found);
    return found;
  }

  take(): Waiting | undefined {
    const [first] = this.list();
    return first && this.remove(first.entry.id);
  }

  expire(now: number): readonly string[] {
    const isDue = ({ entry: { expiresAt, priority } }: Waiting) =>
      priority !== "urgent" && expiresAt !== undefined && expiresAt <= now;
    const due = this.#waiting.filter(isDue).map((each) => each.entry.id);
    this.#waiting = this.#waiting.filter((each) => !isDue(each));
    return due;
  }

  list(): readonly Waiting[] {
    return speechPriorities.flatMap((level) =>
      this.#waiting.filter(({ entry: { priority } }) => priority === level),
    );
  }
}

type Step =
  | { readonly do: "add"; readonly entry: Entry }
  | { readonly do: "take" }
  | { readonly do: "putBack" }
  | { readonly do: "remove"; readonly id: string }
  | { readonly do: "expire"; readonly now: number };

const ids = fc.integer({ min: 0, max: 15 }).map((number) => `u${number}`);
const entries = fc
  .record({
    id: ids,
    priority: fc.constantFrom(...speechPriorities),
    key: fc.option(fc.constantFrom("k1", "k2"), { nil: undefined }),
    print: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    expiresAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  })
  // The same sound is of the same level: its priority is part of the print.
  .map((rest) => entry(rest.id, { ...rest, print: `${rest.print} ${rest.priority}` }));
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: entries.map((added): Step => ({ do: "add", entry: added })) },
    { weight: 2, arbitrary: fc.constantFrom<Step>({ do: "take" }, { do: "putBack" }) },
    { weight: 1, arbitrary: ids.map((id): Step => ({ do: "remove", id })) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }).map((now): Step => ({ do: "expire", now })) },
  ),
  { maxLength: 60 },
);

describe("the queue of utterances", () => {
  it("does what a list that is searched does", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const [queue, model] = [new SpeechQueue(), new Model()];
        const taken: Waiting[] = [];
        for (const step of list) {
          if (step.do === "add") {
            const added = queue.add(step.entry);
            const told =
              added.kind === "waits"
                ? `waits for ${added.superseded?.entry.id ?? "nobody"}`
                : added.kind === "repeats"
                  ? `repeats ${added.of}`
                  : "known";
            assert.equal(told, model.add(step.entry));
          } else if (step.do === "take") {
            const [is, should] = [queue.take(), model.take()];
            assert.deepEqual(is, should);
            if (is !== undefined) taken.push(is);
          } else if (step.do === "putBack") {
            const back = taken.pop();
            if (back === undefined) continue;
            const is = queue.putBack(back);
            const told = is.kind === "waits" ? `waits ${String(is.repeat?.entry.id)}` : `superseded ${is.by}`;
            assert.equal(told, model.putBack(back));
          } else if (step.do === "remove") assert.deepEqual(queue.remove(step.id), model.remove(step.id));
          else
            assert.deepEqual(
              queue
                .expire(step.now)
                .map((each) => each.entry.id)
                .sort(),
              [...model.expire(step.now)].sort(),
            );
          assert.deepEqual([...queue], model.list());
          assert.equal(queue.size, model.list().length);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("never loses what is urgent but by taking or removing it", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const queue = new SpeechQueue();
        const urgent = new Set<string>();
        for (const step of list) {
          if (step.do === "add" && queue.add(step.entry).kind !== "known" && step.entry.priority === "urgent")
            urgent.add(step.entry.id);
          if (step.do === "take" || step.do === "remove") {
            const gone = step.do === "take" ? queue.take() : queue.remove(step.id);
            for (const id of gone === undefined ? [] : [gone.entry.id, ...gone.repeats]) urgent.delete(id);
          }
          if (step.do === "expire") queue.expire(step.now);
          const waiting = new Set([...queue].flatMap((each) => [each.entry.id, ...each.repeats]));
          assert.ok([...urgent].every((id) => waiting.has(id)));
        }
      }),
    );
  });
});

describe("what listeners may ask for", () => {
  const events: fc.Arbitrary<readonly SpeakerEvent[]> = fc.array(
    fc.oneof(
      fc.constantFrom(...commands).map((command: Command): SpeakerEvent => ({ kind: "command", command })),
      fc.constantFrom(...speechPriorities).map((priority): SpeakerEvent => ({ kind: "arrived", priority })),
      fc
        .constantFrom(...speechPriorities)
        .map((priority): SpeakerEvent => ({ kind: "started", current: { id: "u", priority } })),
      fc.constant<SpeakerEvent>({ kind: "ended" }),
      fc.boolean().map((isAttended): SpeakerEvent => ({ kind: "attended", isAttended })),
    ),
  );

  it("is silent until enabled or attended, while paused and after stop; and urgent interrupts nothing that is urgent", () => {
    fc.assert(
      fc.property(events, (list) => {
        let state: Control = SILENT;
        let [isEnabled, isPaused, isAttended] = [false, false, false];
        for (const event of list) {
          if (event.kind === "started" && !mayTake(state)) continue; // nobody starts then
          const before = state;
          const result = control(state, event);
          ({ state } = result);
          if (event.kind === "command") {
            if (event.command === "enable") isEnabled = true;
            if (event.command === "disable") isEnabled = false;
            if (event.command === "pause" || event.command === "stop") isPaused = true;
            if (event.command === "resume") isPaused = false;
          }
          if (event.kind === "attended") ({ isAttended } = event);
          assert.deepEqual(
            [state.isEnabled, state.isPaused, state.isAttended],
            [isEnabled, isPaused, isAttended],
          );
          assert.ok(state.current === undefined || ((isEnabled || isAttended) && !isPaused));
          if (result.silence !== undefined)
            assert.ok(before.current !== undefined && state.current === undefined);
          if (event.kind === "arrived")
            assert.equal(
              result.silence !== undefined,
              event.priority === "urgent" &&
                before.current !== undefined &&
                before.current.priority !== "urgent",
            );
        }
      }),
    );
  });

  it("puts back what is paused, disabled or interrupted, and ends what is stopped or skipped", () => {
    const current = { id: "u", priority: "normal" } as const;
    const speaking: Control = { ...SILENT, isEnabled: true, current };
    const fate = (command: Command) => control(speaking, { kind: "command", command }).silence;
    assert.deepEqual(commands.map(fate), [
      undefined,
      "put-back",
      "put-back",
      undefined,
      "stopped",
      "skipped",
    ]);
    assert.equal(control(speaking, { kind: "arrived", priority: "urgent" }).silence, "put-back");
    const leaves: SpeakerEvent = { kind: "attended", isAttended: false };
    assert.equal(control(speaking, leaves).silence, undefined, "the device goes on");
    assert.equal(control({ ...speaking, isEnabled: false, isAttended: true }, leaves).silence, "put-back");
  });
});

describe("a storm of alerts", () => {
  const alert = (
    index: number,
    alertname: string,
    labels: Record<string, string>,
    rest: Partial<Entry> = {},
  ): Waiting => ({
    entry: entry(`a${index}`, { labels: { alertname, ...labels }, addedAt: index * 1_000, ...rest }),
    repeats: [],
  });
  const storm = [
    ...Array.from({ length: 9 }, (_, i) =>
      alert(i, "MissedAttestations", { severity: "warning", validator: String(i + 3) }),
    ),
    ...Array.from({ length: 5 }, (_, i) =>
      alert(i + 9, "rpc_no_agreement", { chain: i % 2 === 0 ? "A" : "B" }, { priority: "high" }),
    ),
  ];

  it("is told in one sentence, with ranges of numbers and names of the rest", () => {
    const digest = digestOf(storm, 5, 120_000);
    assert.equal(
      digest?.text,
      "14 alerts in 2 minutes: 9 missed attestations on validators 3 to 11, 5 rpc no agreements on chains A and B.",
    );
    assert.equal(digest.priority, "high");
    assert.equal(digest.covers.length, 14);
  });

  it("leaves out what is urgent, what was begun, and what is no alert; and waits for a storm", () => {
    const others = [
      alert(20, "Slashed", {}, { priority: "urgent" }),
      alert(21, "Slow", {}, { sentence: 1 }),
      { entry: entry("x"), repeats: [] },
    ];
    assert.deepEqual(
      digestOf([...storm, ...others], 5, 0)?.covers,
      storm.map((each) => each.entry.id),
    );
    assert.equal(digestOf(storm.slice(0, 5), 5, 0), undefined);
  });

  it("counts repeats, and names three places at most", () => {
    const many = Array.from({ length: 6 }, (_, i) => alert(i, "Down", { host: `h${i}` }));
    const [first, ...rest] = many;
    assert.ok(first !== undefined);
    const digest = digestOf([{ ...first, repeats: ["r1", "r2"] }, ...rest], 5, 30_000);
    assert.equal(digest?.text, "8 alerts in 30 seconds: 8 downs on hosts h0, h1, h2 and 3 more.");
    assert.equal(digest.covers.length, 8);
  });
});
