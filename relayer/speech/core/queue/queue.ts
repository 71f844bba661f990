import { speechPriorities, type SpeechPriority } from "../../../domain/speech-jobs.ts";
import { Level, type Node } from "./level.ts";
import { Deadlines } from "./deadlines.ts";

/** What waits to be spoken. */
export type Entry = {
  readonly id: string;
  readonly priority: SpeechPriority;
  /** A later entry with the same key takes its place. */
  readonly key: string | undefined;
  /** The same for two entries that would sound the same; they are said once. */
  readonly print: string;
  /** Milliseconds since 1970; `undefined` for ever, and for what is urgent. */
  readonly expiresAt: number | undefined;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it goes on after an interruption: an index of a sentence. */
  readonly sentence: number;
};

/** What waits, with the ids of repeats that it is said for, too. */
export type Waiting = { readonly entry: Entry; readonly repeats: readonly string[] };

/** What became of an entry that was added. */
export type Added =
  | { readonly kind: "waits"; readonly superseded: Waiting | undefined }
  | { readonly kind: "repeats"; readonly of: string }
  | { readonly kind: "known" };

/** What became of an entry that was put back. */
export type PutBack =
  | {
      readonly kind: "waits";
      /** The same came meanwhile, and does not wait by itself any more. */
      readonly repeat: Waiting | undefined;
    }
  | { readonly kind: "superseded"; readonly by: string };

type Slot = { readonly entry: Entry; readonly repeats: string[] };

/**
 * What waits to be spoken: urgent, high, normal, low; in each the first come is the first served. Adding, taking and removing cost
 * the same at any length, but for the deadlines, which cost O(log n).
 *
 * What is urgent neither expires nor is superseded: it leaves by being taken or removed by id, and no other way.
 */
export class SpeechQueue {
  readonly #levels: Readonly<Record<SpeechPriority, Level<Slot>>> = {
    urgent: new Level(),
    high: new Level(),
    normal: new Level(),
    low: new Level(),
  };
  readonly #nodes = new Map<string, Node<Slot>>();
  readonly #byKey = new Map<string, string>();
  readonly #byPrint = new Map<string, string>();
  readonly #deadlines = new Deadlines();

  /** How many entries wait; repeats count as the one that they are said with. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Whether anything urgent waits. */
  get isUrgent(): boolean {
    return this.#levels.urgent.first !== undefined;
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  /** Adds an entry at the end of its level, unless it only repeats one that waits. */
  add(entry: Entry): Added {
    if (this.#nodes.has(entry.id)) return { kind: "known" };
    const twin = this.#twinOf(entry);
    if (twin !== undefined) {
      twin.repeats.push(entry.id);
      return { kind: "repeats", of: twin.entry.id };
    }
    const superseded = this.#supersede(entry);
    this.#insert({ entry, repeats: [] }, "last");
    return { kind: "waits", superseded };
  }

  /** Gives back what was taken and not said to its end: it is the next of its level, unless something took its place meanwhile. */
  putBack({ entry, repeats }: Waiting): PutBack {
    if (this.#nodes.has(entry.id)) return { kind: "waits", repeat: undefined };
    const twin = this.#twinOf(entry);
    const later = entry.key === undefined ? undefined : this.#byKey.get(entry.key);
    if (twin === undefined && later !== undefined && entry.priority !== "urgent")
      return { kind: "superseded", by: later };
    const repeat = twin && this.remove(twin.entry.id);
    const ids = repeat === undefined ? [] : [repeat.entry.id, ...repeat.repeats];
    this.#insert({ entry, repeats: [...repeats, ...ids] }, "first");
    return { kind: "waits", repeat };
  }

  /** Takes the next. What has expired by `now` must have been taken out before, with {@link expire}. */
  take(): Waiting | undefined {
    for (const priority of speechPriorities) {
      const first = this.#levels[priority].first;
      if (first !== undefined) return this.remove(first.value.entry.id);
    }
    return undefined;
  }

  /** Takes one out, wherever it stands. */
  remove(id: string): Waiting | undefined {
    const node = this.#nodes.get(id);
    if (node === undefined) return undefined;
    const { entry } = node.value;
    this.#levels[entry.priority].unlink(node);
    this.#nodes.delete(id);
    if (entry.key !== undefined && this.#byKey.get(entry.key) === id) this.#byKey.delete(entry.key);
    this.#byPrint.delete(printOf(entry));
    return node.value;
  }

  /** Takes out what is not worth saying any more. */
  expire(now: number): readonly Waiting[] {
    const ids = this.#deadlines.due(now);
    return ids.flatMap((id) => {
      const entry = this.#nodes.get(id)?.value.entry;
      // A deadline outlives its entry, which may be gone, or be another one by now.
      if (entry?.expiresAt === undefined || entry.expiresAt > now || entry.priority === "urgent") return [];
      return this.remove(id) ?? [];
    });
  }

  /** What waits, in the order in which it will be spoken. */
  *[Symbol.iterator](): Generator<Waiting> {
    for (const priority of speechPriorities) yield* this.#levels[priority].values();
  }

  #twinOf(entry: Entry): Slot | undefined {
    const id = this.#byPrint.get(printOf(entry));
    return id === undefined ? undefined : this.#nodes.get(id)?.value;
  }

  #supersede({ key }: Entry): Waiting | undefined {
    const id = key === undefined ? undefined : this.#byKey.get(key);
    const older = id === undefined ? undefined : this.#nodes.get(id)?.value.entry;
    return older === undefined || older.priority === "urgent" ? undefined : this.remove(older.id);
  }

  #insert(slot: Slot, where: "first" | "last"): void {
    const { entry } = slot;
    const level = this.#levels[entry.priority];
    this.#nodes.set(entry.id, where === "first" ? level.unshift(slot) : level.push(slot));
    if (entry.key !== undefined && (where === "last" || !this.#byKey.has(entry.key)))
      this.#byKey.set(entry.key, entry.id);
    this.#byPrint.set(printOf(entry), entry.id);
    if (entry.expiresAt !== undefined && entry.priority !== "urgent")
      this.#deadlines.add(entry.expiresAt, entry.id);
  }
}

/** What makes two entries one: how they sound, and whose place they take. At most one such entry waits at any time. */
function printOf({ print, key }: Entry): string {
  return key === undefined ? print : `${key}\n${print}`;
}
