import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SPEECH_QUEUE, utteranceRequestSchema } from "../../../../relayer/domain/speech-jobs.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { decodeWav, rms } from "../../../../relayer/speech/core/audio.ts";
import type { Plan } from "../../../../relayer/speech/core/plan.ts";
import type { Told } from "../../../../relayer/speech/ports.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { repository, type Running, start, until } from "../../support/processes.ts";
import { request } from "../../support/speech.ts";

const main = join(repository, "relayer/main.ts");
const folder = mkdtempSync(join(tmpdir(), "dchat-speech-role-"));
const configuration = join(folder, "network.json");
const address = `0x${"1".repeat(40)}`;
const TREASURY = `0x${"ab".repeat(20)}`;

/** Chains that nobody runs: the role must speak all the same. */
const chain = (chainId: number) => ({
  ...{ chainId, rpcUrl: "http://127.0.0.1:9", finality: { depth: 0 }, outbox: address, inbox: address },
  ...{ deploymentBlock: 0, senderKeyFile: "key" },
});

describe("the role speech", () => {
  let redis: PrivateRedis;
  let queues: Queues;
  let role: Running;
  let url = "";

  before(async () => {
    redis = await PrivateRedis.start();
    queues = new Queues(redis.connect(), createLogger("silent", {}));
    const speech = { player: "none", labels: { [TREASURY]: "the treasury" }, archive: { days: 1 } };
    const network = {
      ...{ chains: { A: chain(1), B: chain(2) }, redisUrl: redis.url, dataFolder: "data", speech },
      api: { port: 1 },
    };
    writeFileSync(configuration, JSON.stringify(network));
    role = await startRole();
  });
  after(async () => {
    role.child.kill("SIGTERM");
    await role.ended;
    await queues.close();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  async function startRole(): Promise<Running> {
    const running = start(process.execPath, [
      main,
      "--config",
      configuration,
      "relayer",
      "start",
      "--role",
      "speech",
    ]);
    await until("the role is ready", () => {
      if (running.child.exitCode !== null) throw new Error(`${running.stdout()} ${running.stderr()}`);
      return running.stdout().includes('"ready":true');
    });
    const [file = assert.fail()] = readdirSync(join(folder, "data/speech")).filter(
      (name) => name.startsWith("server-") && name.includes(String(running.pid)),
    );
    ({ url } = JSON.parse(readFileSync(join(folder, "data/speech", file), "utf8")) as { url: string });
    return running;
  }

  const dchat = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await start(process.execPath, [
      main,
      "--config",
      configuration,
      "--json",
      "speech",
      ...words,
    ]).ended;
    return { code, value: JSON.parse(stdout) as Record<string, unknown>, stderr };
  };
  const get = async (path: string) =>
    (await fetch(new URL(path, url))).json() as Promise<Record<string, unknown>>;
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
      const { body } = await fetch(new URL("/speech/audio.wav", url), { signal });
      for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return Buffer.concat(chunks);
  }

  it("archives what it said, with its transcript, for its owner alone", async () => {
    const archive = join(folder, "data/speech/archive");
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
    const { body } = await fetch(new URL("/speech/events", url), { signal: news.signal });
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
    const plan = (await get("/speech/plans/urgent-1")) as unknown as Plan;
    assert.deepEqual(plan.sentences, ["The bridge is paused."]);
    assert.equal((await fetch(new URL("/speech/plans/nobody", url))).status, 404);
  });

  it("changes nothing without the token, and answers nobody who came by another name", async () => {
    const post = (headers: Record<string, string>, body: unknown = { command: "disable" }) =>
      fetch(new URL("/speech/commands", url), {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const token = readFileSync(join(folder, "data/speech/token"), "utf8").trim();
    assert.equal(statSync(join(folder, "data/speech/token")).mode & 0o077, 0);
    for (const headers of [
      {},
      { authorization: "Bearer x" },
      { authorization: `Bearer ${"0".repeat(token.length)}` },
    ])
      assert.equal((await post(headers)).status, 401);
    assert.equal((await post({ authorization: `Bearer ${token}` }, { command: "format" })).status, 400);
    assert.equal(await statusWithHost("evil.example"), 403);
    assert.equal(((await get("/speech/state"))["control"] as { isEnabled: boolean }).isEnabled, true);
  });

  const statusWithHost = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      httpRequest(new URL("/speech/transcript", url), { headers: { host } }, (response) => {
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
    role.child.kill("SIGKILL");
    await role.ended;
    role = await startRole();
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
