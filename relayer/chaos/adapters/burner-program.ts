// Takes CPU or memory of this machine, started by an injector: node burner-program.ts cpu PERCENT MILLISECONDS | memory MB MILLISECONDS
// It ends after that time, and with the process that started it: its stdin is a pipe of that.
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { exitWithParent } from "../../platform/parent-watch.ts";

/** The share is kept within each of these, in milliseconds. */
const PERIOD_MILLISECONDS = 100;
const BLOCK_BYTES = 16 * 1_048_576;
const MEGABYTE = 1_048_576;
/** A page of the machine may be larger, never smaller. */
const PAGE_BYTES = 4_096;
/** How often the pages are written to again, so that they are not swapped out, in milliseconds. */
const TOUCH_MILLISECONDS = 1_000;

if (isMainThread) await burn();
else await compute(Number(workerData));

async function burn(): Promise<void> {
  const [kind = "", measure = "", milliseconds = ""] = process.argv.slice(2);
  // Nothing is to be put in order at the end, and a busy process must not keep itself from it.
  const end = () => process.kill(process.pid, "SIGKILL");
  exitWithParent(end, {});
  setTimeout(end, Number(milliseconds));
  if (kind === "cpu") await startThreads(Number(measure));
  else fill(Number(measure) * MEGABYTE);
  process.stdout.write("burning\n");
}

async function startThreads(percent: number): Promise<void> {
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL(import.meta.url), { workerData: percent }),
  );
  await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("message", resolve))));
}

async function compute(percent: number): Promise<void> {
  parentPort?.postMessage("ready");
  for (;;) {
    const busyUntil = performance.now() + (percent / 100) * PERIOD_MILLISECONDS;
    while (performance.now() < busyUntil);
    await sleep(PERIOD_MILLISECONDS * (1 - percent / 100));
  }
}

function fill(bytes: number): void {
  const blocks: Buffer[] = [];
  for (let left = bytes; left > 0; left -= BLOCK_BYTES)
    blocks.push(Buffer.alloc(Math.min(left, BLOCK_BYTES), 1));
  let round = 1;
  setInterval(() => {
    round = (round + 1) % 256;
    for (const block of blocks) for (let at = 0; at < block.length; at += PAGE_BYTES) block[at] = round;
  }, TOUCH_MILLISECONDS);
}
