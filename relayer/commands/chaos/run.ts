import { randomInt } from "node:crypto";
import { duration } from "../../chaos/core/report/words.ts";
import { methodMilliseconds } from "../../chaos/core/experiment.ts";
import type { RunRequest } from "../../chaos/core/run-request.ts";
import { FatalError } from "../../domain/errors.ts";
import { systemClock } from "../../platform/clock.ts";
import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";
import { ChaosClient, oneRunView, previewView, type RecordView, runView, type RunView } from "./client.ts";
import { type CampaignTexts, readCampaign, readHow, readRequest, type RequestOptions } from "./request.ts";
import { stopRun } from "./stop.ts";

/** How often it is asked how a run is getting on, in milliseconds. */
const POLL_MILLISECONDS = 300;

/** The options of `dchat chaos run`. */
export type RunOptions = RequestOptions & { readonly preview?: true; readonly detach?: true };

/** `dchat chaos run`. @returns whether it passed; true where nobody waits for its end */
export function run(named: string, options: RunOptions, context: CommandContext): Promise<boolean> {
  return runRequest(readRequest(named, options), options, context);
}

/** `dchat chaos campaign`. @returns whether it passed; true where nobody waits for its end */
export function campaign(options: RunOptions & CampaignTexts, context: CommandContext): Promise<boolean> {
  const drawn = readCampaign(options, randomInt(2 ** 32));
  context.output.step(`seed ${drawn.seed}`);
  return runRequest({ what: { kind: "campaign", campaign: drawn }, ...readHow(options) }, options, context);
}

async function runRequest(
  request: RunRequest,
  { preview, detach }: Pick<RunOptions, "preview" | "detach">,
  { network, output, signal }: CommandContext,
): Promise<boolean> {
  const client = new ChaosClient(network);
  if (preview === true) {
    const shown = await client.post("/api/v1/runs/preview", request, previewView);
    output.result(shown, describePreview(shown));
    return true;
  }
  const { id } = await client.post("/api/v1/runs", request, runView);
  if (detach === true) {
    output.result({ id }, `${id} is run; see "dchat chaos status ${id}"`);
    return true;
  }
  const { run: ended, record } = await follow(client, id, { output, signal });
  if (record === null)
    throw new FatalError("NOT_RUN", `${ended.title}: ${ended.verdict?.reason ?? "it was not run"}.`);
  output.result(record, describeRun(ended, record));
  return ended.verdict?.kind === "passed";
}

/** Waits for the end of a run, and tells of its way there. Aborting is the kill switch. */
async function follow(
  client: ChaosClient,
  id: string,
  { output, signal }: Pick<CommandContext, "output" | "signal">,
) {
  let told = 0;
  let isStopping = false;
  for (;;) {
    const now = await client.get(`/api/v1/runs/${id}`, oneRunView);
    const { record } = now;
    const phases = record?.phases ?? [];
    for (const { state, reason } of phases.slice(told)) output.step(`${state}: ${reason}`);
    told = phases.length;
    const last = phases.at(-1);
    if (record !== null && last?.state === "Running")
      output.step(last.reason, (systemClock.now() - last.at) / methodMilliseconds(record.experiment));
    if (now.run.state === "Completed" || now.run.state === "Failed") return now;
    if (signal.aborted && !isStopping) {
      isStopping = true;
      output.step("healing everything");
      await stopRun(client, id);
    }
    await systemClock.sleep(POLL_MILLISECONDS);
  }
}

/** What became of a run, as people read it. */
export function describeRun({ id, title, state, verdict }: RunView, record: RecordView): string {
  const { faults, skipped, violations, recovery, messages } = record;
  return [
    `${title}: ${state}${verdict === undefined ? "" : `, ${verdict.kind} (${verdict.reason})`}`,
    ...faults.slice(0, MOST_LINES).map(describeFault),
    ...(faults.length > MOST_LINES
      ? [`and ${faults.length - MOST_LINES} more faults; the report has all`]
      : []),
    ...skipped.map(({ type, reason }) => `${type} was not done: ${reason}`),
    ...violations.map(({ rule, text }) => `${rule}: ${text}`),
    `${messages} messages sent; first success ${duration(recovery.firstSuccess)} after healing, drained ${duration(recovery.drained)}, steady ${duration(recovery.steady)}`,
    `report: dchat chaos report ${id} --format html --out report.html`,
  ].join("\n");
}

/** How many faults are told of one by one. */
const MOST_LINES = 20;

function describeFault({ type, mechanism, effect, targets }: RecordView["faults"][number]): string {
  const seen =
    effect === undefined
      ? "not measured"
      : `${effect.isEffective ? "" : "did not bite, "}${effect.measure}: ${round(effect.before)} → ${round(effect.during)}`;
  return `${type} on ${targets.map(({ name }) => name).join(", ")}, by ${mechanism.name} (${mechanism.tier}); ${seen}`;
}

function describePreview(shown: Awaited<ReturnType<typeof previewView.parseAsync>>): string {
  const { title, steps, suffering, processes, milliseconds } = shown;
  return [
    `${title} lasts ${duration(milliseconds)} and hits ${suffering.length} of ${processes} processes: ${suffering.join(", ")}`,
    table(
      ["From", "Lasts", "Fault", "Targets", "How"],
      steps.map(({ fault, mechanism, targets, startMilliseconds, durationMilliseconds }) => [
        duration(startMilliseconds),
        duration(durationMilliseconds),
        fault.type,
        targets.join(", "),
        `${mechanism.name} (${mechanism.tier})`,
      ]),
    ),
    "Nothing was done.",
  ].join("\n\n");
}

const round = (value: number) => Math.round(value * 100) / 100;
