import { z } from "zod";
import { FatalError, UsageError } from "../../domain/errors.ts";
import type { CommandContext } from "../context.ts";
import { ChaosClient } from "./client.ts";

const stoppedView = z.object({ stopped: z.array(z.string()) });

/** `dchat chaos stop`: the kill switch. @throws UsageError unless one run or all of them are named */
export async function stop(
  id: string | undefined,
  { all }: { readonly all?: true },
  { network, output }: CommandContext,
): Promise<void> {
  if ((id === undefined) === (all === undefined))
    throw new UsageError("USAGE", "Name the run that is to be stopped, or give --all. Nothing was stopped.");
  const client = new ChaosClient(network);
  const path = id === undefined ? "/api/v1/runs" : `/api/v1/runs/${encodeURIComponent(id)}`;
  const { stopped } = await client.delete(path, undefined, stoppedView);
  const text =
    stopped.length === 0 ? "nothing was under way" : `${stopped.join(", ")}: everything is being healed`;
  output.result({ stopped }, text);
}

/** Stops a run that may be over by now. */
export async function stopRun(client: ChaosClient, id: string): Promise<void> {
  try {
    await client.delete(`/api/v1/runs/${encodeURIComponent(id)}`, undefined, stoppedView);
  } catch (error) {
    if (!(error instanceof FatalError && error.code === "NO_RUN")) throw error;
  }
}
