import { z } from "zod";

/** What a process logs when a job of its queues has failed for good. Whoever looks for such jobs without Redis finds them by it. */
export const JOB_FAILED = "job failed for good; it is kept with its reason";

/** That line of a log. */
export const jobFailureLine = z.object({
  msg: z.literal(JOB_FAILED),
  /** Unix milliseconds; an ISO time in the log. */
  time: z.iso.datetime().transform((text) => Date.parse(text)),
  queue: z.string(),
  job: z.string(),
  code: z.string(),
});
