import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { usualOpenings } from "../../../../relayer/domain/speech-jobs.ts";
import { SqliteUtteranceStore } from "../../../../relayer/speech/adapters/utterance-store.ts";
import type { SpeakerNews } from "../../../../relayer/speech/ports.ts";
import { request } from "../../support/speech.ts";
import { acceptAll, FastClock, runUntil, speakerOf } from "../../support/speaking.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-speaker-"));
after(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
const newStore = () => {
  const store = new SqliteUtteranceStore(join(folder, `${++files}.sqlite`));
  store.setSwitches({ isEnabled: true, isPaused: false });
  return store;
};
const text = (id: string, rest: Record<string, unknown> = {}) =>
  request({ id, text: `This is ${id}.`, ...rest });
const said = (news: readonly SpeakerNews[]) =>
  news.flatMap((each) => (each.kind === "said" ? [`${each.id} ${each.sentence}`] : []));
const texts = (news: readonly SpeakerNews[]) =>
  news.flatMap((each) => (each.kind === "said" ? [each.text] : []));
const states = (store: SqliteUtteranceStore) =>
  Object.fromEntries(store.told(100).map(({ id, state }) => [id, state]));

describe("a speaker", () => {
  const scene = (options: { digestAbove?: number } = {}) => {
    const store = newStore();
    const parts = speakerOf(store, { clock: new FastClock(1_000), ...options });
    const isDone = () => store.told(100).every(({ state }) => state !== "waiting" && state !== "speaking");
    return { store, ...parts, finish: () => runUntil(parts.speaker, isDone) };
  };

  it("speaks the most pressing first, and in the order of coming", async () => {
    const { speaker, news, finish, player } = scene();
    acceptAll(speaker, [
      text("l", { priority: "low" }),
      text("n1"),
      text("h", { priority: "high" }),
      text("u", { priority: "urgent" }),
      text("n2"),
    ]);
    await finish();
    assert.deepEqual(said(news), ["u 0", "h 0", "n1 0", "n2 0", "l 0"]);
    assert.ok(player.samples > 0 && player.ends.every((end) => end === "ended"));
  });

  it("plays nothing until a listener turns it on, and says then what still matters", async () => {
    const { store, speaker, engine, news, finish } = scene();
    speaker.command("disable");
    acceptAll(speaker, [
      text("a"),
      text("old", { expiresAt: 5_000 }),
      text("u", { priority: "urgent", expiresAt: 1 }),
    ]);
    let looks = 0;
    await runUntil(speaker, () => ++looks > 200);
    assert.deepEqual([engine.said, said(news)], [[], []]);
    speaker.command("enable");
    await finish();
    assert.deepEqual(said(news), ["u 0", "a 0"]);
    assert.equal(states(store)["old"], "expired");
  });

  it("says what waits to a page that listens, and plays nothing on a device that nobody turned on", async () => {
    const { store, speaker, player, news } = scene();
    speaker.command("disable");
    acceptAll(speaker, [text("a"), text("b")]);
    const leave = speaker.attend();
    let heard = 0;
    speaker.listen((samples) => (heard += samples.length));
    await runUntil(speaker, () => states(store)["a"] === "spoken");
    assert.ok(heard > 0);
    leave();
    leave();
    let looks = 0;
    await runUntil(speaker, () => ++looks > 100);
    assert.deepEqual([player.plays, player.preparations, states(store)["b"]], [0, 0, "waiting"]);
    assert.equal(said(news)[0], "a 0");
  });

  it("makes the usual openings once somebody listens, before they are asked for", async () => {
    const { speaker, engine } = scene();
    let looks = 0;
    await runUntil(speaker, () => ++looks > 100);
    assert.deepEqual(engine.said, usualOpenings);
  });

  it("pauses at once, and goes on at the start of the sentence", async () => {
    const { speaker, news, player, finish } = scene();
    speaker.accept(request({ id: "a", text: "One. Two. Three." }));
    const forget = speaker.watch((each) => {
      if (each.kind !== "said" || each.sentence !== 1) return;
      forget();
      speaker.command("pause");
    });
    let looks = 0;
    await runUntil(speaker, () => ++looks > 100);
    assert.ok(player.ends.includes("stopped"));
    assert.deepEqual(said(news), ["a 0", "a 1"]);
    speaker.command("resume");
    await finish();
    assert.deepEqual(said(news), ["a 0", "a 1", "a 1", "a 2"]);
  });

  it("stops what is said, and keeps the rest until it is resumed; skips to the next", async () => {
    const { store, speaker, news, finish } = scene();
    acceptAll(speaker, [text("a"), text("b"), text("c")]);
    speaker.watch((each) => {
      if (each.kind === "said" && each.id === "a") speaker.command("skip");
      if (each.kind === "said" && each.id === "b") {
        speaker.command("stop");
        setImmediate(() => {
          speaker.command("resume");
        });
      }
    });
    await finish();
    assert.deepEqual(said(news), ["a 0", "b 0", "c 0"]);
    assert.deepEqual(states(store), { a: "skipped", b: "stopped", c: "spoken" });
  });

  it("takes the same id once, ever; says repeats once, with their number; and the newest of a key", async () => {
    const { store, speaker, news, finish } = scene();
    acceptAll(speaker, [
      text("a"),
      text("a"),
      request({ id: "r1", text: "Again." }),
      request({ id: "r2", text: "Again." }),
      text("k1", { key: "k" }),
      text("k2", { key: "k" }),
    ]);
    await finish();
    assert.equal(speaker.accept(text("a")), false);
    assert.deepEqual(states(store), {
      a: "spoken",
      r1: "spoken",
      r2: "repeated",
      k1: "superseded",
      k2: "spoken",
    });
    assert.match(texts(news).join(" "), /Again\. Said two times\./);
    assert.equal(texts(news).filter((each) => each.includes("This is a")).length, 1);
  });

  it("tells a storm in one sentence, after what is urgent", async () => {
    const { store, speaker, news, finish } = scene({ digestAbove: 5 });
    const storm = Array.from({ length: 9 }, (_, i) =>
      text(`s${i}`, { labels: { alertname: "MissedAttestations", validator: String(i + 3) } }),
    );
    acceptAll(speaker, [...storm, text("u", { priority: "urgent" })]);
    await finish();
    assert.deepEqual(texts(news).slice(0, 1), ["This is u."]);
    assert.match(
      texts(news).join(" "),
      /nine alerts .* nine missed attestations on validators three to eleven\.$/,
    );
    assert.equal(Object.values(states(store)).filter((state) => state === "digested").length, 9);
  });

  it("tries again when the engine fails, and in the end leaves the text", async () => {
    const { store, speaker, engine, news, finish } = scene();
    engine.failures = 2;
    speaker.accept(text("a"));
    await finish();
    engine.failures = 100;
    speaker.accept(text("b"));
    await finish();
    assert.deepEqual(states(store), { a: "spoken", b: "failed" });
    assert.ok(news.some((each) => each.kind === "ended" && each.id === "b" && each.outcome === "failed"));
    assert.equal(store.told(1)[0]?.text, "This is b.");
  });

  it("refuses a bad document before it is taken in", () => {
    const { store, speaker } = scene();
    assert.throws(
      () => speaker.accept(request({ id: "x", ssml: "<speak><bad/></speak>" })),
      /1:8 there is no element <bad>/,
    );
    assert.deepEqual(store.told(10), []);
  });

  it("shares a store with others: each utterance is spoken by one of them, once", async () => {
    const store = newStore();
    const file = join(folder, `${files}.sqlite`);
    const others = [1, 2, 3].map((number) =>
      speakerOf(number === 1 ? store : new SqliteUtteranceStore(file), {
        clock: new FastClock(1_000),
        consumer: `c${number}`,
        digestAbove: 100,
      }),
    );
    const many = Array.from({ length: 30 }, (_, i) => text(`m${i}`));
    many.forEach((each, index) => {
      others[index % 3]?.speaker.accept(each);
      others[(index + 1) % 3]?.speaker.accept(each);
    });
    const isDone = () => store.told(100).every(({ state }) => state === "spoken");
    await Promise.all(others.map(({ speaker }) => runUntil(speaker, isDone)));
    const all = others.flatMap(({ news }) => said(news)).sort();
    assert.deepEqual(all, many.map(({ id }) => `${id} 0`).sort());
  });

  it("leaves an utterance alone whose claim it lost while it was frozen", async () => {
    const store = newStore();
    const { speaker, news } = speakerOf(store, { clock: new FastClock(1_000) });
    speaker.accept(request({ id: "a", text: "One. Two. Three." }));
    speaker.watch((each) => {
      if (each.kind !== "said" || each.sentence !== 0) return;
      store.reclaim(Number.MAX_SAFE_INTEGER);
      store.claim("a", "another", Number.MAX_SAFE_INTEGER);
    });
    await runUntil(speaker, () => news.some((each) => each.kind === "ended"));
    assert.deepEqual(news.at(-1), { kind: "ended", id: "a", outcome: "lost" });
    assert.ok(store.progress("a", "another", 1, 1), "the other one has it still");
  });
});

describe("a store of utterances", () => {
  it("keeps everything over a restart, and forgets only what ended long ago", () => {
    const file = join(mkdtempSync(join(tmpdir(), "dchat-store-")), "queue.sqlite");
    const first = new SqliteUtteranceStore(file);
    for (const id of ["a", "b", "c"]) assert.ok(first.add(text(id), 1));
    assert.ok(first.claim("a", "one", 100));
    assert.ok(first.finish("a", "one", { outcome: "spoken", at: 50, text: "said" }));
    first.setSwitches({ isEnabled: true, isPaused: true });
    first.close();
    const second = new SqliteUtteranceStore(file);
    assert.deepEqual(second.switches(), { isEnabled: true, isPaused: true });
    assert.deepEqual(
      second.waitingAfter(0).map((stored) => stored.request.id),
      ["b", "c"],
    );
    assert.equal(second.add(text("a"), 2), false);
    second.prune(51);
    assert.ok(second.add(text("a"), 2));
    assert.deepEqual(
      second.told(10).map(({ id }) => id),
      ["a", "c", "b"],
    );
    second.close();
    rmSync(join(file, ".."), { recursive: true });
  });

  it("replaces all or nothing", () => {
    const store = newStore();
    for (const id of ["a", "b"]) store.add(text(id), 1);
    store.claim("b", "other", 100);
    assert.equal(store.replace(["a", "b"], text("d"), 2), false);
    assert.deepEqual(
      store.waitingAfter(0).map((stored) => stored.request.id),
      ["a"],
    );
    assert.equal(store.replace(["a"], text("d"), 2), true);
    assert.deepEqual(states(store), { a: "digested", b: "speaking", d: "waiting" });
    store.close();
  });
});
