import { z } from "zod";
import type { ProcessIdentity } from "../../core/undo.ts";
import { evaluate } from "../inspector.ts";

// What only a process itself can tell, asked by its inspector. The functions run there, as their source, and refer to nothing outside.

const diskSchema = z.object({
  commitMilliseconds: z.number(),
  flushMilliseconds: z.number(),
  refusal: z.string().nullable(),
});
/** How a process finds its disk: how long a durable commit and a flush take, and the code of the error if it cannot write. */
export type DiskMeasure = z.infer<typeof diskSchema>;

/** Commits and flushes once, in the process itself, in files of its own that are gone after it. @throws RetryableError `INSPECTOR` */
export async function measureDisk(target: ProcessIdentity, folder: string): Promise<DiskMeasure> {
  return diskSchema.parse(await askInside(target, commitOnce, folder));
}

/** The longest that the event loop of a process kept a timer waiting within a window, in milliseconds. @throws RetryableError `INSPECTOR` */
export async function measureEventLoop(target: ProcessIdentity, windowMilliseconds: number): Promise<number> {
  return z.number().parse(await askInside(target, watchLoop, windowMilliseconds));
}

/** How far the wall clock of a process is ahead of ours, in milliseconds; the question's way is the error. @throws RetryableError `INSPECTOR` */
export async function measureClock(target: ProcessIdentity): Promise<number> {
  const began = Date.now();
  const theirs = z.number().parse(await askInside(target, tellTime, null));
  return theirs - (began + Date.now()) / 2;
}

function askInside<T>(target: ProcessIdentity, work: (given: T) => unknown, given: T): Promise<unknown> {
  return evaluate(target, `(${work.toString()})(${JSON.stringify(given)})`);
}

function commitOnce(folder: string): DiskMeasure {
  const fs = process.getBuiltinModule("node:fs");
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const path = `${folder}/probe-${process.pid}-${performance.now()}`;
  let [commitMilliseconds, flushMilliseconds] = [0, 0];
  const timed = (work: () => void) => {
    const began = performance.now();
    work();
    return performance.now() - began;
  };
  try {
    const database = new DatabaseSync(`${path}.sqlite`);
    try {
      database.exec("PRAGMA synchronous = FULL; CREATE TABLE probe (x INTEGER)");
      commitMilliseconds = timed(() => {
        database.exec("BEGIN IMMEDIATE; INSERT INTO probe VALUES (1)");
        database.exec("COMMIT");
      });
    } finally {
      database.close();
    }
    const file = fs.openSync(path, "w");
    try {
      fs.writeSync(file, "x");
      flushMilliseconds = timed(() => {
        fs.fsyncSync(file);
      });
    } finally {
      fs.closeSync(file);
    }
    return { commitMilliseconds, flushMilliseconds, refusal: null };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const words = error instanceof Error ? error.message : "";
    return { commitMilliseconds, flushMilliseconds, refusal: `${code} ${words}` };
  } finally {
    for (const end of ["", ".sqlite", ".sqlite-journal"]) fs.rmSync(path + end, { force: true });
  }
}

function watchLoop(windowMilliseconds: number): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now();
    let [last, longest] = [began, 0];
    const look = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (now - began >= windowMilliseconds) resolve(longest);
      else setTimeout(look, 1);
    };
    setTimeout(look, 1);
  });
}

function tellTime(): number {
  return Date.now();
}
