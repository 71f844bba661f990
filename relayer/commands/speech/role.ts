import type { AddressInfo } from "node:net";
import { ConfigurationError, explain, RetryableError } from "../../domain/errors.ts";
import type { SpeechConfig } from "../../domain/speech-config.ts";
import { SPEECH_QUEUE, type UtteranceRequest, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import { systemClock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { announceSpeaker, speechToken } from "../../speech/adapters/announcement.ts";
import { openEngine } from "../../speech/adapters/engines.ts";
import { FileArchive } from "../../speech/adapters/file-archive.ts";
import { createSpeechServer } from "../../speech/adapters/http-server.ts";
import { findPlayer, type PlayerProgram, ProcessPlayer } from "../../speech/adapters/process-player.ts";
import { SqliteUtteranceStore } from "../../speech/adapters/utterance-store.ts";
import { labelsOf, registryOf, settingsOf, speechConfig, speechFiles } from "../../speech/config.ts";
import { createSpeechMetrics } from "../../speech/metrics.ts";
import type { Engine, UtteranceStore } from "../../speech/ports.ts";
import { Backlog } from "../../speech/worker/backlog.ts";
import { Planner } from "../../speech/worker/planner.ts";
import { silentPlayer } from "../../speech/worker/silent-player.ts";
import { Speaker } from "../../speech/worker/speaker.ts";
import type { CommandContext } from "../context.ts";
import type { CommonParts } from "../parts.ts";

/** How long a claim outlives a process that says nothing any more. */
const CLAIM_MILLISECONDS = 5_000;
/** What is urgent never waits for a clause that is being made. */
const THREADS = 2;
/** How many jobs are taken over into the durable queue at the same time. */
const CONCURRENCY = 4;
const DAY_MILLISECONDS = 86_400_000;

/**
 * The role `speech`: speaks what others ask for in the queue `speech`, and serves what is said to pages. Nothing is heard before
 * a listener has turned it on.
 * @returns what ends it; what is being said goes on at the start of its sentence when the role starts again
 * @throws ConfigurationError `SPEECH_QUEUE`, `SPEECH_PLAYER`, `SPEECH_PORT` or `SPEECH_TOKEN`; RetryableError `ENGINE`
 */
export async function startSpeech(
  parts: CommonParts,
  { network, signal }: CommandContext,
): Promise<() => Promise<void>> {
  const config = speechConfig(network.speech);
  const files = speechFiles(network.dataFolder);
  const program = await choosePlayer(config.player, parts.logger);
  const engine = await openEngine(config.engine, THREADS, signal);
  const store = new SqliteUtteranceStore(files.queue);
  store.prune(systemClock.now() - config.keepDays * DAY_MILLISECONDS);
  const player =
    program === undefined
      ? silentPlayer
      : new ProcessPlayer(program, (why) => {
          speaker.deviceFailed(why);
        });
  const archive = config.archive && new FileArchive(files.archive, config.archive);
  const { planner, backlog } = coreOf(config, engine, store);
  const speaker = new Speaker({
    ...{ backlog, store, planner, player, archive, clock: systemClock },
    engines: new Map([[engine.id, engine]]),
    metrics: createSpeechMetrics(parts.registry),
    logger: parts.logger,
  });
  const stopServing = await serve(
    speaker,
    { config, engine, program, planner, backlog, store },
    parts.logger,
    {
      folder: network.dataFolder,
    },
  );
  const accept = async (request: UtteranceRequest) => {
    speaker.accept(request);
    // It may be heard before; the job is done when a loss of power does not lose it.
    await store.flushed();
  };
  parts.queues.work(SPEECH_QUEUE, utteranceRequestSchema, accept, { concurrency: CONCURRENCY });
  const { isEnabled } = speaker.control;
  const heard = isEnabled ? "speaking" : 'silent until "dchat speech enable"';
  parts.logger.info({ engine: engine.id, player: program?.command ?? null, isEnabled }, heard);
  const running = speaker.run(signal);
  return async () => {
    await running;
    await parts.queues.close();
    await stopServing();
    player.close();
    await engine.close();
    store.close();
  };
}

function coreOf(config: SpeechConfig, engine: Engine, store: UtteranceStore) {
  const planner = new Planner(settingsOf(config), registryOf(config, engine.voices()), labelsOf(config));
  const backlog = new Backlog(
    {
      consumer: `${process.pid}-${systemClock.now()}`,
      claimMilliseconds: CLAIM_MILLISECONDS,
      digestAbove: config.digestAbove,
    },
    { store, clock: systemClock },
  );
  return { planner, backlog };
}

/** @throws ConfigurationError `SPEECH_PLAYER` when the one that is named is not there */
async function choosePlayer(
  name: SpeechConfig["player"],
  logger: Logger,
): Promise<PlayerProgram | undefined> {
  if (name === "none") return undefined;
  const found = await findPlayer(name === "auto" ? undefined : name);
  if (found === undefined && name !== "auto")
    throw new ConfigurationError(
      "SPEECH_PLAYER",
      `The player ${name} is not installed. Nothing is spoken; alerts still go their other ways. Install it, or set speech.player to auto or none.`,
    );
  if (found === undefined)
    logger.warn(
      "no program that plays sound was found (pacat, pw-cat, aplay, play or ffplay): what is said is heard on pages alone",
    );
  return found;
}

type Served = {
  readonly config: SpeechConfig;
  readonly engine: Engine;
  readonly program: PlayerProgram | undefined;
  readonly planner: Planner;
  readonly backlog: Backlog;
  readonly store: UtteranceStore;
};

/** How many of what waits are shown. */
const MOST_NEXT = 50;

async function serve(
  speaker: Speaker,
  { config, engine, program, planner, backlog, store }: Served,
  logger: Logger,
  { folder }: { readonly folder: string },
): Promise<() => Promise<void>> {
  const files = speechFiles(folder);
  const app = createSpeechServer({
    view: () => ({
      control: speaker.control,
      waiting: backlog.size,
      next: backlog.next(MOST_NEXT).map(({ id, priority }) => ({ id, priority })),
      engine: engine.id,
      player: program?.command ?? null,
    }),
    told: (limit) => store.told(limit),
    plan: (id) => {
      const found = store.find(id);
      return found && planner.plan(found.request);
    },
    command: (command) => {
      speaker.command(command);
    },
    remove: (id) => speaker.remove(id),
    watch: (watcher) => speaker.watch(watcher),
    listen: (listener) => speaker.listen(listener),
    attend: () => speaker.attend(),
    token: speechToken(files.token),
    logger,
  });
  await app.listen({ host: "127.0.0.1", port: config.port }).catch((error: unknown) => {
    throw new ConfigurationError(
      "SPEECH_PORT",
      `What is said cannot be served on 127.0.0.1:${config.port}: ${explain(error)}. Nothing was started; end what listens there, or set another speech.port, or 0.`,
      {},
      error,
    );
  });
  const bound: AddressInfo | string | null = app.server.address();
  if (bound === null || typeof bound === "string")
    throw new RetryableError("SPEECH_PORT", "The server has no port.");
  const url = `http://127.0.0.1:${bound.port}`;
  logger.info({ url }, "what is said is served");
  const withdraw = announceSpeaker(files.folder, { pid: process.pid, url });
  return async () => {
    withdraw();
    await app.close();
  };
}
