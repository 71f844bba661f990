import type { Ora } from "ora";
import { progressBar } from "../platform/progress-bar.ts";
import type { Output } from "./context.ts";

/** Where a command's words go. */
export type OutputOptions = {
  /** One JSON document on standard output, and nothing else. */
  readonly json: boolean;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** What turns on standard error where that is a terminal; lines are written there without it. */
  readonly spinner: Pick<Ora, "start" | "stop"> | undefined;
};

/** How commands talk to people, or with `json` to programs: results on standard output, what is under way on standard error. */
export function createOutput({ json, stdout, stderr, spinner }: OutputOptions): Output {
  const progress = json ? SILENT : spinner === undefined ? asLines(stderr) : onTerminal(spinner);
  return {
    step: progress.show,
    pause: progress.end,
    result: (value, text) => {
      progress.end();
      stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    },
  };
}

type Progress = { readonly show: Output["step"]; readonly end: () => void };

const SILENT: Progress = { show: () => undefined, end: () => undefined };

/** On one line, which moves. */
function onTerminal(spinner: Pick<Ora, "start" | "stop">): Progress {
  return {
    show: (text, share) => {
      spinner.start(share === undefined ? text : `${progressBar(share)}  ${text}`);
    },
    end: () => {
      spinner.stop();
    },
  };
}

/** A line for each step, and for each tenth of what has a known end. */
function asLines(stream: NodeJS.WritableStream): Progress {
  let told = "";
  return {
    show: (text, share) => {
      const percent = share === undefined ? undefined : Math.floor(share * 10) * 10;
      const key = percent === undefined ? text : `${percent} %`;
      if (key !== told) stream.write(percent === undefined ? `${text}\n` : `${key}: ${text}\n`);
      told = key;
    },
    end: () => undefined,
  };
}
