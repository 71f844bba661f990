import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { utteranceRequestSchema } from "../../relayer/domain/speech-jobs.ts";
import { findPlayer, ProcessPlayer } from "../../relayer/speech/adapters/process-player.ts";
import { OUTPUT_RATE, rms } from "../../relayer/speech/core/audio.ts";
import { ALERTS, alertsOf, quantile, round1, speakerScene, TONE_HERTZ } from "./scene.ts";

const ROUNDS = 30;
/** The grain in which a recording is looked at: 5 ms. */
const WINDOW = OUTPUT_RATE / 200;
/** So many windows in a row are one sound: where two sounds meet, a window holds parts of both. */
const RUN = 3;
/** Louder than this is heard; both sounds are twenty times as loud. */
const AUDIBLE = 150;
const PATIENCE_MILLISECONDS = 3_000;

/**
 * What a listener hears, on a null sink of PulseAudio whose monitor is recorded: from an urgent utterance's being taken in, while
 * something else is said, to its first sound; and from "stop" to silence. The recorder's own delay is in both.
 *
 * Where PulseAudio is not installed these figures are left out, and a line on standard error says so.
 */
export async function measureDevice(): Promise<Record<string, number>> {
  const sink = await NullSink.start();
  if (sink === undefined) {
    process.stderr.write(
      "left out: urgentAudibleMsP95, silenceMsP95 (they need pulseaudio, pacat and parec: Debian's pulseaudio and pulseaudio-utils)\n",
    );
    return {};
  }
  const program = await findPlayer("pacat");
  if (program === undefined) throw new Error("pacat is there, and cannot be started");
  const player = new ProcessPlayer(program, (why) => {
    process.stderr.write(`the player failed: ${why}\n`);
  });
  const { speaker, close } = await speakerScene(player);
  const accept = (id: string, rest: Record<string, unknown>) =>
    speaker.accept(utteranceRequestSchema.parse({ id, ...rest }));
  const [urgent, silent]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      accept(`tone-${round}`, { text: "Tone.", voice: "tone" });
      await sink.until(performance.now(), "tone");
      await sleep(200 + 50 * Math.random());
      const asked = performance.now();
      accept(`urgent-${round}`, {
        text: `critical: ${alertsOf(round + 10)[round % ALERTS.length] ?? ""}`,
        priority: "urgent",
      });
      urgent.push((await sink.until(asked, "speech")) - asked);
      speaker.command("skip");
      await sink.until(performance.now(), "tone");
      await sleep(200 + 50 * Math.random());
      const stopped = performance.now();
      speaker.command("stop");
      silent.push(Math.max(0, (await sink.lastHeard(stopped)) - stopped));
      speaker.command("resume");
    }
    return {
      urgentAudibleMsP95: round1(quantile(urgent, 0.95)),
      urgentAudibleMsP50: round1(quantile(urgent, 0.5)),
      silenceMsP95: round1(quantile(silent, 0.95)),
      silenceMsP50: round1(quantile(silent, 0.5)),
    };
  } finally {
    await close();
    await sink.stop();
  }
}

/** What is heard in a window. Told once for each, for the speaker that is measured shares this thread. */
type Heard = "nothing" | "tone" | "speech" | "both";

const SINES = Array.from({ length: WINDOW }, (_, at) =>
  Math.sin((2 * Math.PI * TONE_HERTZ * at) / OUTPUT_RATE),
);
const COSINES = Array.from({ length: WINDOW }, (_, at) =>
  Math.cos((2 * Math.PI * TONE_HERTZ * at) / OUTPUT_RATE),
);

function hear(window: Int16Array): Heard {
  const loudness = rms(window);
  if (loudness <= AUDIBLE) return "nothing";
  let [sine, cosine] = [0, 0];
  for (let at = 0; at < window.length; at++) {
    sine += (window[at] ?? 0) * (SINES[at] ?? 0);
    cosine += (window[at] ?? 0) * (COSINES[at] ?? 0);
  }
  // A sine's amplitude is 1.4 times its loudness.
  const amplitude = (2 * Math.hypot(sine, cosine)) / window.length;
  if (amplitude > loudness * 1.2) return "tone";
  return amplitude < loudness / 2 ? "speech" : "both";
}

/** A window of a recording, and when it ended. */
type Recorded = { readonly at: number; readonly heard: Heard };

/** A private PulseAudio without a sound card, and what it plays. */
class NullSink {
  readonly #processes: readonly ChildProcess[];
  readonly #folder: string;
  readonly #before: string | undefined;
  #recorded: Recorded[] = [];
  #rest = Buffer.alloc(0);

  private constructor(processes: readonly ChildProcess[], folder: string, before: string | undefined) {
    this.#processes = processes;
    this.#folder = folder;
    this.#before = before;
    processes[1]?.stdout?.on("data", (chunk: Buffer) => {
      this.#take(chunk);
    });
  }

  /** @returns `undefined` where PulseAudio is not installed */
  static async start(): Promise<NullSink | undefined> {
    for (const command of ["pulseaudio", "pacat", "parec"]) if (!(await isThere(command))) return undefined;
    const folder = mkdtempSync(join(tmpdir(), "dchat-pulse-"));
    const socket = join(folder, "native");
    const before = process.env["PULSE_SERVER"];
    process.env["PULSE_SERVER"] = `unix:${socket}`;
    const modules = [
      `module-null-sink sink_name=bench rate=${OUTPUT_RATE} channels=1`,
      `module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
    ];
    // Without shared memory: with it PulseAudio 16 aborts when a client ends whose sound is recorded (its issue 824).
    const words = [
      "-n",
      "--daemonize=no",
      "--exit-idle-time=-1",
      "--use-pid-file=no",
      "--disable-shm=yes",
      ...modules.flatMap((each) => ["-L", each]),
    ];
    // The kernel would kill it where it has the right to real time and a busy machine keeps it from its work.
    const configuration = join(folder, "daemon.conf");
    writeFileSync(configuration, "rlimit-rttime = -1\n");
    const paths = {
      HOME: folder,
      XDG_RUNTIME_DIR: folder,
      PULSE_RUNTIME_PATH: folder,
      PULSE_CONFIG: configuration,
    };
    const env = { ...process.env, ...paths };
    const server = spawn("pulseaudio", words, { stdio: "ignore", env });
    await sleep(1_500);
    const format = ["--raw", "--format=s16le", `--rate=${OUTPUT_RATE}`, "--channels=1", "--latency-msec=4"];
    const recorder = spawn("parec", ["-d", "bench.monitor", ...format], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const sink = new NullSink([server, recorder], folder, before);
    await sleep(500);
    return sink;
  }

  #take(chunk: Buffer): void {
    const now = performance.now();
    const bytes = Buffer.concat([this.#rest, chunk]);
    const count = Math.floor(bytes.length / (2 * WINDOW));
    for (let index = 0; index < count; index++) {
      const window = Int16Array.from({ length: WINDOW }, (_, at) =>
        bytes.readInt16LE(2 * (index * WINDOW + at)),
      );
      const later = bytes.length / 2 - (index + 1) * WINDOW;
      this.#recorded.push({ at: now - (later * 1_000) / OUTPUT_RATE, heard: hear(window) });
    }
    this.#rest = bytes.subarray(count * 2 * WINDOW);
    this.#recorded = this.#recorded.slice(-2_000);
  }

  /** When the first of some windows in a row that are as asked for ended, after `since`. */
  async until(since: number, what: Heard): Promise<number> {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const after = this.#recorded.filter(({ at }) => at > since);
      const first = after.find((_, index) => {
        const run = after.slice(index, index + RUN);
        return run.length === RUN && run.every(({ heard }) => heard === what);
      });
      if (first !== undefined) return first.at;
      if (performance.now() > deadline) throw new Error(`no ${what} is heard`);
      await sleep(5);
    }
  }

  /** When something was heard for the last time after `since`; `since` where nothing was. */
  async lastHeard(since: number): Promise<number> {
    await sleep(300);
    return this.#recorded.findLast(({ at, heard }) => at > since && heard !== "nothing")?.at ?? since;
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.toReversed()) {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    if (this.#before === undefined) delete process.env["PULSE_SERVER"];
    else process.env["PULSE_SERVER"] = this.#before;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function isThere(command: string): Promise<boolean> {
  const child = spawn(command, ["--version"], { stdio: "ignore" });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once("error", () => {
    resolve(false);
  });
  child.once("exit", () => {
    resolve(true);
  });
  return promise;
}
