import { duration } from "../../chaos/core/report/words.ts";
import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";
import { ChaosClient, oneRunView, runsView } from "./client.ts";
import { describeRun } from "./run.ts";

/** How many runs are listed. */
const MOST_RUNS = 20;

/** `dchat chaos status`: one run, or the newest ones and how the fleet came back over all of them. */
export async function showStatus(id: string | undefined, { network, output }: CommandContext): Promise<void> {
  const client = new ChaosClient(network);
  if (id !== undefined) {
    const found = await client.get(`/api/v1/runs/${encodeURIComponent(id)}`, oneRunView);
    const { run, record } = found;
    output.result(found, record === null ? `${run.title}: ${run.state}` : describeRun(run, record));
    return;
  }
  const shown = await client.get(`/api/v1/runs?limit=${MOST_RUNS}`, runsView);
  output.result(shown, describe(shown));
}

function describe({ runs, recovery }: ReturnType<typeof runsView.parse>): string {
  if (runs.length === 0) return "Nothing was run yet.";
  const ended = runs.map(({ id, title, state, verdict, askedBy, askedAt }) => [
    id,
    title,
    verdict?.kind ?? state,
    askedBy,
    new Date(askedAt).toISOString(),
  ]);
  const names = {
    detect: "noticed",
    firstSuccess: "first success",
    drained: "drained",
    steady: "steady",
  } as const;
  const spreads = Object.entries(names).map(([key, name]) => {
    const { p50, p95, runs: count } = recovery[key as keyof typeof names];
    return [name, String(count), duration(p50), duration(p95)];
  });
  return [
    table(["Run", "What", "Verdict", "Asked by", "When"], ended),
    table(["Recovery", "Runs", "p50", "p95"], spreads),
  ].join("\n\n");
}
