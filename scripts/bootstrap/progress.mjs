import { clearInterval, setInterval } from "node:timers";

const TTY_MS = 100;
const PLAIN_MS = 15_000;

/**
 * Runs `work` and says on stderr what is going on and for how long: one updating line on a terminal, plain lines
 * elsewhere (one at the start, one every 15 s, one at the end). stdout is left to the command.
 *
 * @template T
 * @param {string} title such as "Installing dependencies"
 * @param {() => Promise<T>} work
 * @param {{ quiet?: boolean }} [options] quiet: nothing is said unless stderr is a terminal
 * @returns {Promise<T>}
 */
export async function step(title, work, { quiet = false } = {}) {
  const terminal = process.stderr.isTTY === true;
  const started = Date.now();
  const elapsed = (digits) => `${((Date.now() - started) / 1000).toFixed(digits)} s`;
  const say = (text, end) => {
    if (terminal) process.stderr.write(`\r\u001B[K${text}${end}`);
    else if (!quiet) process.stderr.write(`${text}\n`);
  };
  say(`${title}…`, "");
  const timer = setInterval(() => say(`${title}… ${elapsed(0)}`, ""), terminal ? TTY_MS : PLAIN_MS);
  try {
    const result = await work();
    say(`${title}: done in ${elapsed(1)}`, "\n");
    return result;
  } catch (error) {
    say(`${title}: stopped after ${elapsed(1)}`, "\n");
    throw error;
  } finally {
    clearInterval(timer);
  }
}
