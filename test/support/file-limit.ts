/**
 * Ends the process of a test file that does not end by itself, because a hook hangs or a connection was left open: the limit of a test does not
 * reach either, and one such file would keep all that come after it from being tested. Loaded before each file by scripts/test.ts.
 */
import { isMainThread } from "node:worker_threads";

const MOST_MINUTES = 15;

/** Whether this is a test file's own process: neither the runner that started it nor a thread of it. */
const isTestFile = process.env["NODE_TEST_CONTEXT"] !== undefined && isMainThread;

if (isTestFile)
  setTimeout(() => {
    process.stderr.write(
      `This file has not ended within ${MOST_MINUTES} minutes: something that it started was not stopped. It is ended now, and has failed.\n`,
    );
    process.exit(1);
  }, MOST_MINUTES * 60_000).unref();
