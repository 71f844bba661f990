import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { SPEECH_QUEUE, utteranceRequestSchema } from "../../../../relayer/domain/speech-jobs.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { decodeWav, rms } from "../../../../relayer/speech/core/audio.ts";
import type { Told } from "../../../../relayer/speech/ports.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";
import { request } from "../../support/speech.ts";
import { SpeechRole } from "../../support/speech-role.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-speech-role-"));
const TREASURY = `0x${"ab".repeat(20)}`;

/** What a page that speaks by itself needs of a plan. */
const planShown = z.object({
  segments: z.array(
    z.discriminatedUnion("kind", [
      z.object({
        ...{ kind: z.literal("speech"), text: z.string(), language: z.string(), sentence: z.number().int() },
        ...{ rate: z.number().min(0.5).max(2), gain: z.number().max(6).nullable() },
      }),
      z.object({ kind: z.literal("silence"), milliseconds: z.number(), sentence: z.number().int() }),
      z.object({ kind: z.literal("mark"), name: z.string(), sentence: z.number().int() }),
    ]),
  ),
  sentences: z.array(z.string()),
  notes: z.array(z.string()),
});

describe("the role speech", () => {
  let redis: PrivateRedis;
  let queues: Queues;
  let role: SpeechRole;

  before(async () => {
    redis = await PrivateRedis.start();
    queues = new Queues(redis.connect(), createLogger("silent", {}));
    const speech = { player: "none", labels: { [TREASURY]: "the treasury" }, archive: { days: 1 } };
    role = new SpeechRole(folder, redis.url, speech);
    await role.start();
  });
  after(async () => {
    await role.end("SIGTERM");
    await queues.close();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  const dchat = (...words: readonly string[]) => role.dchat(...words);
  const at = (path: string) => new URL(path, role.url);
  const get = async (path: string) => (await fetch(at(path))).json() as Promise<Record<string, unknown>>;
  const transcript = async () => (await get("/speech/transcript"))["utterances"] as readonly Told[];
  const stateOf = async (id: string) => (await transcript()).find((told) => told.id === id)?.state;
  const ask = (id: string, rest: Record<string, unknown>) =>
    queues.add(SPEECH_QUEUE, id, utteranceRequestSchema, request({ id, ...rest }));

  it("takes in what others ask for, is silent until a listener turns it on, and then says it once", async () => {
    await ask("alert-1", { text: `${TREASURY} paid 1.5 ETH.` });
    await ask("alert-1", { text: `${TREASURY} paid 1.5 ETH.` });
    await until("it is taken in", async () => (await stateOf("alert-1")) === "waiting");
    assert.equal((await get("/speech/state"))["waiting"], 1);

    const sound = new AbortController();
    const heard = listen(sound.signal);
    assert.equal((await dchat("enable")).code, 0);
    await until("it is spoken", async () => (await stateOf("alert-1")) === "spoken");
    sound.abort();
    assert.deepEqual(
      (await transcript()).map(({ id, text }) => [id, text]),
      [["alert-1", "the treasury paid one point five ether."]],
    );
    const wav = decodeWav(await heard);
    assert.ok(wav !== undefined && rms(wav.samples) > 500, "the page hears it");
    await ask("alert-1", { text: `${TREASURY} paid 1.5 ETH.` });
    await ask("alert-2", { text: "Another." });
    await until("the next is spoken", async () => (await stateOf("alert-2")) === "spoken");
    assert.equal((await transcript()).length, 2);
  });

  /** What the page hears. */
  async function listen(signal: AbortSignal): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    try {
      const { body } = await fetch(at("/speech/audio.wav"), { signal });
      for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return Buffer.concat(chunks);
  }

  it("archives what it said, with its transcript, for its owner alone", async () => {
    const archive = join(role.speechFolder, "archive");
    const names = () =>
      readdirSync(archive).filter((name) => name.includes("alert-1") && !name.endsWith(".new"));
    await until("both files are there", () => names().length === 2);
    const [json = "", wav = ""] = names().sort();
    const sound = decodeWav(readFileSync(join(archive, wav)));
    assert.ok(sound !== undefined && sound.samples.length > sound.sampleRate);
    const { transcript: said } = JSON.parse(readFileSync(join(archive, json), "utf8")) as {
      transcript: string[];
    };
    assert.deepEqual(said, ["the treasury paid one point five ether."]);
    assert.equal(statSync(join(archive, wav)).mode & 0o077, 0);
  });

  it("gives a page that speaks by itself the plan, and news as they come", async () => {
    const news = new AbortController();
    const { body } = await fetch(at("/speech/events"), { signal: news.signal });
    await ask("urgent-1", { text: "The bridge is paused.", priority: "urgent" });
    let text = "";
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes("event: ended")) break;
    }
    news.abort();
    assert.match(text, /^event: state\n/);
    assert.match(
      text,
      /event: said\ndata: \{"kind":"said","id":"urgent-1","priority":"urgent","sentence":0,"text":"The bridge is paused\."\}/,
    );
    const plan = planShown.parse(await get("/speech/plans/urgent-1"));
    assert.deepEqual(plan.sentences, ["The bridge is paused."]);
    assert.deepEqual(
      plan.segments.map(({ kind }) => kind),
      ["speech"],
    );
    assert.equal((await fetch(at("/speech/plans/nobody"))).status, 404);
  });

  it("changes nothing without the token, and answers nobody who came by another name", async () => {
    const post = (headers: Record<string, string>, body: unknown = { command: "disable" }) =>
      fetch(at("/speech/commands"), {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const token = readFileSync(join(role.speechFolder, "token"), "utf8").trim();
    assert.equal(statSync(join(role.speechFolder, "token")).mode & 0o077, 0);
    for (const headers of [
      {},
      { authorization: "Bearer x" },
      { authorization: `Bearer ${"0".repeat(token.length)}` },
    ])
      assert.equal((await post(headers)).status, 401);
    assert.equal((await post({ authorization: `Bearer ${token}` }, { command: "format" })).status, 400);
    assert.equal(await statusOf({ host: "evil.example" }), 403);
    assert.equal(await statusOf({ "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await statusOf({ "sec-fetch-site": "same-origin" }), 200);
    assert.equal(((await get("/speech/state"))["control"] as { isEnabled: boolean }).isEnabled, true);
  });

  const statusOf = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      httpRequest(at("/speech/transcript"), { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });

  it("is killed, and goes on with what it was saying; a document that is refused is a dead letter", async () => {
    const long = "This sentence is rather long, so that there is time. ".repeat(2);
    await ask("long-1", { text: long });
    await until("it is being said", async () => (await stateOf("long-1")) === "speaking");
    await role.end("SIGKILL");
    await role.start();
    await ask("bad-1", { ssml: "<speak><bad/></speak>" });
    await until("it has gone on", async () => (await stateOf("long-1")) === "spoken", 60_000);
    await until(
      "the bad one has failed for good",
      async () => (await queues.counts(SPEECH_QUEUE))["failed"] === 1,
    );
  });

  it("does what listeners tell it by commands, and by itself remembers it", async () => {
    assert.equal((await dchat("pause")).code, 0);
    await ask("held-1", { text: "Held." });
    await until("it waits", async () => (await stateOf("held-1")) === "waiting");
    const queue = await dchat("queue");
    assert.deepEqual([queue.value["isPaused"], queue.value["waiting"]], [true, 1]);
    assert.equal((await dchat("remove", "held-1")).code, 0);
    assert.equal((await dchat("remove", "held-1")).code, 2);
    assert.equal((await dchat("resume")).code, 0);
    assert.equal(await stateOf("held-1"), "removed");
    for (const command of ["stop", "skip", "disable"]) assert.equal((await dchat(command)).code, 0);
    assert.equal((await dchat("queue")).value["isEnabled"], false);
  });
});
