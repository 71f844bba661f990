import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { explain, FatalError } from "../../../domain/errors.ts";
import { JOB_FAILED, jobFailureLine } from "../../../platform/job-failure.ts";
import type { FailedJob } from "../../core/checker/evidence.ts";

/**
 * The jobs that failed for good by the logs of the processes that worked on them: neither Redis nor alerting has a say in it. What a log
 * level above `error` leaves out is not there to be found.
 * @throws FatalError `EVIDENCE` when a log cannot be read, or there is none
 */
export async function readJobLogs(files: readonly string[]): Promise<readonly FailedJob[]> {
  if (files.length === 0)
    throw new FatalError(
      "EVIDENCE",
      "There are no logs to find failed jobs in. Nothing was judged; name the logs of the processes that work on queues.",
    );
  const jobs: FailedJob[] = [];
  for (const file of files) jobs.push(...(await readLog(file)));
  return jobs;
}

async function readLog(file: string): Promise<readonly FailedJob[]> {
  const jobs: FailedJob[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      if (!line.includes(JOB_FAILED)) continue;
      const { queue, job, code, time } = jobFailureLine.parse(JSON.parse(line));
      jobs.push({ source: basename(file), queue, job, code, at: time });
    }
  } catch (error) {
    throw new FatalError(
      "EVIDENCE",
      `The log ${file} cannot be read: ${explain(error)}. Nothing was judged, for jobs that failed may be in it.`,
      {},
      error,
    );
  }
  return jobs;
}
