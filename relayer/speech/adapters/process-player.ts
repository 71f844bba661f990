import { type ChildProcess, spawn } from "node:child_process";
import { bytesOf, OUTPUT_RATE } from "../core/audio.ts";
import type { Playback, Player } from "../ports.ts";

/** A program that plays raw samples from its standard input. */
export type PlayerProgram = { readonly command: string; readonly words: readonly string[] };

/** How much sound PulseAudio holds: little, so that what is new is heard soon. */
const LATENCY_MILLISECONDS = 20;

/** How long after an utterance's first samples the process for the next is started. */
const REPLENISH_MILLISECONDS = 30;

/** How long a player may take to end. */
const GRACE_MILLISECONDS = 100;

/** The programs that can play a stream, the best first: PulseAudio and PipeWire, ALSA, SoX (CoreAudio), FFmpeg. */
export const playerPrograms: readonly PlayerProgram[] = [
  {
    command: "pacat",
    words: [
      ...["--playback", "--raw", "--format=s16le", `--rate=${OUTPUT_RATE}`, "--channels=1"],
      ...[`--latency-msec=${LATENCY_MILLISECONDS}`, "--client-name=dchat", "--stream-name=speech"],
    ],
  },
  {
    command: "pw-cat",
    words: ["--playback", "--raw", "--format=s16", `--rate=${OUTPUT_RATE}`, "--channels=1", "-"],
  },
  {
    command: "aplay",
    words: ["-q", "-t", "raw", "-f", "S16_LE", "-r", String(OUTPUT_RATE), "-c", "1", "--buffer-time=60000"],
  },
  {
    command: "play",
    words: [
      ...["-q", "-t", "raw", "-e", "signed-integer", "-b", "16", "-L"],
      ...["-r", String(OUTPUT_RATE), "-c", "1", "-"],
    ],
  },
  {
    command: "ffplay",
    words: [
      ...["-nodisp", "-autoexit", "-loglevel", "quiet", "-f", "s16le"],
      ...["-ar", String(OUTPUT_RATE), "-ch_layout", "mono", "-i", "-"],
    ],
  },
];

/** The first of the programs that this machine has. @param name take this one only */
export async function findPlayer(name?: string): Promise<PlayerProgram | undefined> {
  for (const program of playerPrograms)
    if ((name === undefined || program.command === name) && (await isThere(program.command))) return program;
  return undefined;
}

/** Whether a program can be started; how it answers does not matter. */
async function isThere(command: string): Promise<boolean> {
  const child = spawn(command, ["--version"], { stdio: "ignore", windowsHide: true, timeout: 2_000 });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once("error", () => {
    resolve(false);
  });
  child.once("exit", () => {
    resolve(true);
  });
  return promise;
}

/**
 * Plays through a program: one process an utterance, so that ending it is silence at once, whatever it still holds. The next
 * process is started before it is needed, and waits for its first sample: an utterance does not wait for it to connect. None is
 * started before somebody wants to hear something.
 */
export class ProcessPlayer implements Player {
  readonly #program: PlayerProgram;
  readonly #onFailure: (why: string) => void;
  #spare: ChildProcess | undefined;
  readonly #running = new Set<ChildProcess>();
  #isClosed = false;

  constructor(program: PlayerProgram, onFailure: (why: string) => void) {
    this.#program = program;
    this.#onFailure = onFailure;
  }

  prepare(): void {
    if (!this.#isClosed && !isRunning(this.#spare)) this.#spare = this.#start();
  }

  play(): Playback {
    const child = isRunning(this.#spare) ? this.#spare : this.#start();
    this.#spare = undefined;
    let [isStopped, isHeard] = [false, false];
    return {
      write: (samples) => {
        // The caller may use its samples again before the pipe has taken them.
        if (!isStopped && child.stdin?.writable === true) child.stdin.write(Buffer.from(bytesOf(samples)));
        // Not before the first samples are on their way, for starting a process takes time of its own.
        if (!isHeard)
          setTimeout(() => {
            this.prepare();
          }, REPLENISH_MILLISECONDS).unref();
        isHeard = true;
      },
      end: () => {
        child.stdin?.end();
      },
      stop: () => {
        isStopped = true;
        endNow(child);
        // What comes next is played soon.
        setImmediate(() => {
          this.prepare();
        });
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const child of this.#running) endNow(child);
  }

  #start(): ChildProcess {
    const { command, words } = this.#program;
    const child = spawn(command, words, { stdio: ["pipe", "ignore", "pipe"], windowsHide: true });
    this.#running.add(child);
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-200)));
    // The pipe of a process that was killed breaks; why it ended is told by its end.
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => {
      this.#running.delete(child);
      this.#onFailure(error.message);
    });
    child.once("exit", (code) => {
      this.#running.delete(child);
      if (!child.killed && code !== 0)
        this.#onFailure(`${command} ended with ${code ?? "?"}: ${complaint.trim()}`);
    });
    return child;
  }
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child?.exitCode === null && child.signalCode === null;
}

/**
 * Ends a player at once, but by its own hand: PulseAudio 16 can abort, with everybody's sound, when a client is torn away whose sound
 * somebody records (its issue 824). One that does not obey is killed.
 */
function endNow(child: ChildProcess): void {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MILLISECONDS).unref();
  child.once("exit", () => {
    clearTimeout(timer);
  });
}
