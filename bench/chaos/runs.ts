import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const repository = join(import.meta.dirname, "../..");
/** A record of two hundred windows is some megabytes. */
const MOST_BYTES = 1 << 28;

const runRecord = z.looseObject({
  verdict: z.object({ kind: z.string(), reason: z.string() }),
  experiment: z.looseObject({
    method: z.array(
      z.looseObject({
        name: z.string().optional(),
        window: z.number().optional(),
        startMilliseconds: z.number(),
        durationMilliseconds: z.number(),
        fault: z.looseObject({ type: z.string() }),
      }),
    ),
  }),
  faults: z.array(
    z.looseObject({
      step: z.number(),
      type: z.string(),
      injectedAt: z.number(),
      healedAt: z.number(),
      firstSuccess: z.number().nullish(),
      effect: z.looseObject({ isEffective: z.boolean(), inFlight: z.number() }).nullish(),
    }),
  ),
  skipped: z.array(z.object({ type: z.string(), reason: z.string() })),
  messages: z.number(),
  violations: z.array(z.object({ rule: z.string(), text: z.string() })),
});
/** What `dchat chaos run` and `campaign` print of a run with `--json`, as far as it is counted. Times in milliseconds. */
export type RunRecord = z.output<typeof runRecord>;

/**
 * Runs an experiment by the command that people use, and waits for its end.
 * @param args after `dchat chaos`
 * @param records where the record is kept for who wants to look at it; nowhere if undefined
 * @throws Error where there is no record, with what the command said
 */
export async function runChaos(
  networkFile: string,
  args: readonly string[],
  records: string | undefined,
): Promise<RunRecord> {
  const command = [join(repository, "relayer/main.ts"), "--config", networkFile, "--json", "chaos", ...args];
  const { promise, resolve } = Promise.withResolvers<{ readonly stdout: string; readonly stderr: string }>();
  // A run that did not pass ends with another code, and has a record, too.
  execFile(process.execPath, command, { maxBuffer: MOST_BYTES }, (_error, stdout, stderr) => {
    resolve({ stdout, stderr });
  });
  const { stdout, stderr } = await promise;
  if (stdout === "") throw new Error(`dchat chaos ${args.join(" ")} printed no record: ${stderr}`);
  if (records !== undefined) {
    mkdirSync(records, { recursive: true });
    writeFileSync(join(records, `${args.slice(0, 2).join("-").replaceAll("--", "")}.json`), stdout);
  }
  return runRecord.parse(JSON.parse(stdout));
}

/** From each fault's healing to the first message that was executed after it, in milliseconds, the shortest first; Infinity where there was none. */
export function recoveriesOf(faults: RunRecord["faults"]): readonly number[] {
  return faults.map(({ firstSuccess }) => firstSuccess ?? Infinity).toSorted((a, b) => a - b);
}
