import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Registry } from "prom-client";
import { z } from "zod";
import { Lists } from "../../relayer/api/lists.ts";
import { ReadModel } from "../../relayer/api/read-model.ts";
import { createApi } from "../../relayer/api/server.ts";
import { TokenLanes } from "../../relayer/api/token-lanes.ts";
import { SPEECH_QUEUE, utteranceRequestSchema } from "../../relayer/domain/speech-jobs.ts";
import { migrations } from "../../relayer/indexer/adapters/migrations.ts";
import { IndexQueries } from "../../relayer/indexer/adapters/queries.ts";
import type { Tables } from "../../relayer/indexer/adapters/tables.ts";
import { systemClock } from "../../relayer/platform/clock.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { Queues } from "../../relayer/platform/queues.ts";
import { Readiness } from "../../relayer/platform/readiness.ts";
import { openSql, type Sql } from "../../relayer/platform/sql.ts";
import { FakeAttestations } from "../relayer/support/fakes.ts";
import { PrivateRedis } from "../relayer/support/private-redis.ts";
import { repository, until } from "../relayer/support/processes.ts";
import { request } from "../relayer/support/speech.ts";
import { SpeechRole } from "../relayer/support/speech-role.ts";
import { accessibilityFindings, chromiumPath, complaintsOf, startBrowser } from "./support/browser.ts";

const reason = "no Chromium (Debian: apt-get install chromium)";
const title =
  chromiumPath === undefined
    ? `the panel of spoken alerts: left out, ${reason}`
    : "the panel of spoken alerts";
const heardSchema = z.object({
  ...{ begun: z.number(), silenced: z.number(), cancelled: z.number() },
  spoken: z.array(
    z.object({
      ...{ text: z.string(), lang: z.string(), rate: z.number(), volume: z.number() },
      voice: z.string().nullable(),
    }),
  ),
});
/** A folder in which pictures of every state are left, for whoever wants to look at them. */
const pictures = process.env["DCHAT_PICTURES"];
const logger = createLogger("silent", {});
const LONG =
  "Validator 3 missed 9 attestations in the last 2 minutes, and it is the third time today. ".repeat(3);

describe(title, { skip: chromiumPath === undefined ? reason : false }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-panel-"));
  let redis: PrivateRedis;
  let queues: Queues;
  let role: SpeechRole;
  let database: Sql<Tables>;
  let api: FastifyInstance;
  let browser: Browser;
  let context: BrowserContext;
  let url = "";
  const contexts: BrowserContext[] = [];

  before(async () => {
    redis = await PrivateRedis.start();
    queues = new Queues(redis.connect(), logger);
    role = new SpeechRole(folder, redis.url, { player: "none" });
    const opening = openSql<Tables>({ url: undefined, folder: join(folder, "index") }, migrations, logger);
    [database, browser] = await Promise.all([opening, startBrowser(), role.start()]);
    const attestations = new FakeAttestations();
    const queries = new IndexQueries(database);
    api = await createApi({
      readModel: new ReadModel([], attestations),
      lists: new Lists({ queries, database: database.kind, attestations, chains: [], clock: systemClock }),
      ...{ registry: new Registry(), logger, readiness: new Readiness(), findSpeaker: () => role.url },
      wallet: {
        network: { chains: [], tokens: [], hasDevelopmentWallet: false },
        tokenLanes: new TokenLanes([]),
        developmentWallet: undefined,
      },
      pages: {
        dashboard: join(repository, "web/dist/dashboard"),
        wallet: join(repository, "web/dist/dapp"),
        assets: join(repository, "web/dist/assets"),
      },
    });
    url = await api.listen({ host: "127.0.0.1", port: 0 });
  });
  after(async () => {
    await browser.close();
    await api.close();
    await database.close();
    await role.end("SIGTERM");
    await queues.close();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  const open = async (options: Parameters<Browser["newContext"]>[0] = {}, search = "") => {
    context = await browser.newContext(options);
    contexts.push(context);
    await context.addInitScript({ path: join(import.meta.dirname, "support/sound-spy.js") });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${url}/${search}#/speech`);
    await state(page, "off");
    return { page, complaints };
  };
  const state = (page: Page, name: string) => page.locator(`#speech[data-state="${name}"]`).waitFor();
  const heard = async (page: Page) => heardSchema.parse(await page.evaluate("globalThis.heard"));
  let asked = 0;
  const ask = async (text: string, rest: Record<string, unknown> = {}) => {
    const id = `panel-${++asked}`;
    await queues.add(SPEECH_QUEUE, id, utteranceRequestSchema, request({ id, text, ...rest }));
    return id;
  };
  const told = z.object({ utterances: z.array(z.object({ id: z.string(), state: z.string() })) });
  const untilSpoken = (...ids: readonly string[]) =>
    until("all is spoken", async () => {
      const answer = await fetch(`${url}/api/v1/speech/transcript`);
      const { utterances } = told.parse(await answer.json());
      return ids.every((id) => utterances.some((each) => each.id === id && each.state === "spoken"));
    });
  const look = async (page: Page, name: string) => {
    if (pictures !== undefined)
      await page
        .locator("#speech")
        .screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
    assert.deepEqual(await accessibilityFindings(page), [], name);
  };
  const leave = async (page: Page, complaints: readonly string[]) => {
    assert.deepEqual(complaints, []);
    await page.context().close();
  };
  const press = async (page: Page, name: string) => {
    const button = page.getByRole("button", { name });
    await button.focus();
    await page.keyboard.press("Enter");
  };

  it("shows what is said as text, and plays nothing before somebody turns it on", async () => {
    const { page, complaints } = await open();
    await look(page, "off");
    assert.equal((await role.dchat("enable")).code, 0);
    const first = await ask("Lane A to B has not moved for 5m.");
    await page.locator("#speech-said", { hasText: "Lane A to B has not moved for five minutes." }).waitFor();
    const second = await ask("The bridge is paused.", { priority: "urgent" });
    await page.locator("#speech-urgent", { hasText: "The bridge is paused." }).waitFor();
    assert.equal(await page.locator("#speech-said").getAttribute("role"), "status");
    assert.equal(await page.locator("#speech-urgent").getAttribute("role"), "alert");
    assert.equal(await page.locator("#speech-said").textContent(), "");
    assert.deepEqual(await heard(page), { begun: 0, silenced: 0, cancelled: 0, spoken: [] });
    await untilSpoken(first, second);
    assert.equal((await role.dchat("disable")).code, 0);
    await leave(page, complaints);
  });

  it("plays the speaker's voice once it is on, interrupted by what is urgent, and is silent at Stop", async () => {
    const { page, complaints } = await open();
    await press(page, "Turn on");
    await state(page, "quiet");
    await look(page, "quiet");
    const long = await ask(LONG);
    await state(page, "speaking");
    await until("it is heard", async () => (await heard(page)).begun > 3);
    await look(page, "speaking");
    await ask(`Funds are at risk. ${LONG}`, { priority: "urgent" });
    await state(page, "urgent");
    await page.locator("#speech-urgent", { hasText: "Funds are at risk." }).waitFor();
    await look(page, "urgent");
    await press(page, "Stop");
    await state(page, "quiet");
    const { begun, silenced } = await heard(page);
    assert.ok(silenced > 0, "what was on its way is not heard");
    await page.locator("#speech-urgent", { hasText: "third time today" }).waitFor();
    assert.equal((await heard(page)).begun, begun, "the rest of it is text alone");
    assert.equal((await role.dchat("skip")).code, 0);
    await until("the next is heard again", async () => (await heard(page)).begun > begun);
    await press(page, "Turn off");
    await state(page, "off");
    assert.equal((await role.dchat("remove", long)).code, 0, "it was put back");
    await leave(page, complaints);
  });

  it("speaks by the browser's own voices, by the plan, and remembers the choice but not that it was on", async () => {
    const { page, complaints } = await open();
    await page.getByLabel("this browser’s voice").check();
    await page.getByLabel("Voice").first().waitFor();
    await page.locator("#speech-voice").selectOption("Berta");
    await page.locator("#speech-rate").fill("1.5");
    await press(page, "Turn on");
    await ask("Validator 3 missed 9 attestations.");
    await until("it is spoken", async () => (await heard(page)).spoken.length > 0);
    const { spoken, begun } = await heard(page);
    assert.deepEqual(
      [begun, spoken[0]],
      [
        0,
        {
          text: "Validator three missed nine attestations.",
          lang: "en-US",
          rate: 1.5,
          volume: 0.5,
          voice: "Berta",
        },
      ],
    );
    await state(page, "quiet");
    const long = await ask(LONG);
    await state(page, "speaking");
    await look(page, "browser");
    await press(page, "Stop");
    await until("it is silent", async () => (await heard(page)).cancelled > 0);
    await page.reload();
    await state(page, "off");
    assert.equal(await page.locator("#speech-voice").inputValue(), "Berta");
    assert.equal(await page.locator("#speech-rate").inputValue(), "1.5");
    assert.ok(await page.getByLabel("this browser’s voice").isChecked());
    assert.equal((await heard(page)).spoken.length, 0);
    assert.equal((await role.dchat("remove", long)).code, 0, "it was put back");
    await leave(page, complaints);
  });

  it("says so where the browser has no voices, and where text alone is wanted plays nothing", async () => {
    const { page, complaints } = await open({}, "?voiceless");
    await page.getByLabel("this browser’s voice").check();
    await press(page, "Turn on");
    await state(page, "no-voices");
    await look(page, "no-voices");
    await page.getByLabel("text alone").check();
    await state(page, "quiet");
    await ask("Text alone.");
    await page.locator("#speech-said", { hasText: "Text alone." }).waitFor();
    assert.deepEqual(await heard(page), { begun: 0, silenced: 0, cancelled: 0, spoken: [] });
    await leave(page, complaints);
  });

  it("fits a small screen, and is seen in the dark", async () => {
    const small = {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
      reducedMotion: "reduce",
    } as const;
    const { page, complaints } = await open(small);
    await look(page, "dark-off");
    await page.getByLabel("this browser’s voice").check();
    await press(page, "Turn on");
    await ask("The treasury at 0x00000000000000000000000000000000000000ff paid 1.5 ETH.", {
      priority: "urgent",
    });
    await state(page, "urgent");
    await look(page, "dark-urgent");
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
    assert.equal(await page.evaluate("document.getAnimations().length"), 0);
    await leave(page, complaints);
  });

  it("says when the speaker is not reachable, and goes on when it is", async () => {
    const { page, complaints } = await open();
    await press(page, "Turn on");
    await state(page, "quiet");
    assert.deepEqual(complaints, []);
    await role.end("SIGTERM");
    await state(page, "unreachable");
    await page.locator("#speech-trouble", { hasText: "The role speech does not run here" }).waitFor();
    await look(page, "unreachable");
    await role.start();
    await state(page, "quiet");
    assert.ok(
      complaints.every((complaint) => /503|net::ERR/.test(complaint)),
      complaints.join("\n"),
    );
    await page.context().close();
  });

  it("answers nobody who came by another name or from another page", async () => {
    for (const headers of [{ host: "evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await api.inject({ url: "/api/v1/speech/transcript", headers });
      assert.equal(answer.statusCode, 403);
    }
    for (const path of ["transcript?limit=0", "plans/..%2fstate", "events?listening=yes"])
      assert.equal((await fetch(`${url}/api/v1/speech/${path}`)).status, 400, path);
    assert.equal((await fetch(`${url}/api/v1/speech/plans/nobody`)).status, 404);
    assert.equal((await fetch(`${url}/api/v1/speech/commands`, { method: "POST" })).status, 404);
  });
});
