import { existsSync } from "node:fs";
import { explain, RetryableError, UsageError } from "../../domain/errors.ts";
import { table } from "../../platform/table.ts";
import { runningSpeakers, speechToken } from "../../speech/adapters/announcement.ts";
import { SqliteUtteranceStore } from "../../speech/adapters/utterance-store.ts";
import { speechFiles } from "../../speech/config.ts";
import type { Switches, Told } from "../../speech/ports.ts";
import type { CommandContext } from "../context.ts";

/** How long a speaker may take to answer, in milliseconds. */
const PATIENCE_MILLISECONDS = 5_000;
const MOST_TOLD = 500;
const MOST_SHOWN = 100;

/** `dchat speech queue`: read from the disk, so it is there without a speaker, too. @throws UsageError `USAGE` */
export function showQueue({ limit = "20" }: { readonly limit?: string }, context: CommandContext): void {
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MOST_TOLD)
    throw new UsageError("USAGE", `--limit ${limit} is no number from 1 to ${MOST_TOLD}.`);
  const { folder } = speechFiles(context.network.dataFolder);
  const speakers = runningSpeakers(folder);
  const { switches, waiting, told } = withStore(context, (store) => ({
    switches: store.switches(),
    waiting: store.waiting(),
    told: store.told(Number(limit)),
  })) ?? { switches: { isEnabled: false, isPaused: false }, waiting: 0, told: [] };
  context.output.result(
    { ...switches, speakers, waiting, utterances: told },
    describe(switches, speakers, waiting, told),
  );
}

/**
 * `dchat speech enable` and its like: told to every speaker on this machine. Without one, what is a switch is set on the disk, for the
 * next speaker to find.
 * @throws RetryableError `SPEAKER`
 */
export async function tell(command: string, context: CommandContext): Promise<void> {
  const { folder } = speechFiles(context.network.dataFolder);
  const speakers = runningSpeakers(folder);
  if (speakers.length === 0) setSwitch(command, context);
  else await Promise.all(speakers.map((url) => ask(url, command, context)));
  const where = speakers.length === 0 ? "no speaker runs; the next one will find it so" : speakers.join(", ");
  context.output.result({ command, speakers }, `${command}: ${where}`);
}

/** `dchat speech remove`: on the disk, where a speaker claims what it speaks. @throws UsageError `UTTERANCE` */
export function removeUtterance(id: string, context: CommandContext): void {
  const removed = withStore(context, (store) => {
    return store.drop([id], { outcome: "removed", at: Date.now() });
  });
  if (removed === undefined || removed.length === 0)
    throw new UsageError("UTTERANCE", `No utterance ${id} waits. Nothing was done; see dchat speech queue.`);
  context.output.result({ removed: id }, `${id} will not be spoken`);
}

function setSwitch(command: string, context: CommandContext): void {
  const changes: Readonly<Record<string, Partial<Switches>>> = {
    enable: { isEnabled: true },
    disable: { isEnabled: false },
    pause: { isPaused: true },
    resume: { isPaused: false },
  };
  const change = changes[command];
  if (change === undefined)
    throw new RetryableError(
      "SPEAKER",
      `No speaker runs on this machine, so there is nothing to ${command}. Start one with "dchat relayer start --role speech".`,
    );
  const store = new SqliteUtteranceStore(speechFiles(context.network.dataFolder).queue);
  store.setSwitches({ ...store.switches(), ...change });
  store.close();
}

/** Looks at the store, where there is one. */
function withStore<T>(context: CommandContext, look: (store: SqliteUtteranceStore) => T): T | undefined {
  const { queue } = speechFiles(context.network.dataFolder);
  if (!existsSync(queue)) return undefined;
  const store = new SqliteUtteranceStore(queue);
  try {
    return look(store);
  } finally {
    store.close();
  }
}

async function ask(url: string, command: string, { network, signal }: CommandContext): Promise<void> {
  const token = speechToken(speechFiles(network.dataFolder).token);
  try {
    const response = await fetch(new URL("/speech/commands", url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ command }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MILLISECONDS)]),
    });
    if (!response.ok)
      throw new Error(`it answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  } catch (error) {
    throw new RetryableError(
      "SPEAKER",
      `The speaker at ${url} did not do it: ${explain(error)}. Look at its log; "dchat speech queue" shows where it stands.`,
      {},
      error,
    );
  }
}

function describe(
  { isEnabled, isPaused }: Switches,
  speakers: readonly string[],
  waiting: number,
  told: readonly Told[],
): string {
  const state = !isEnabled ? "silent; turn it on with dchat speech enable" : isPaused ? "paused" : "on";
  const where = speakers.length === 0 ? "no speaker runs" : `served at ${speakers.join(", ")}`;
  const rows = told.map(({ id, priority, state: each, text }) => [
    ...[id, priority, each],
    text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text,
  ]);
  const list =
    rows.length === 0 ? "Nothing was asked for yet." : table(["utterance", "priority", "", "text"], rows);
  return `speech is ${state}; ${where}; ${waiting} ${waiting === 1 ? "waits" : "wait"}\n${list}`;
}
