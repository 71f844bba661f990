import { z } from "zod";
import { FatalError, RetryableError } from "../../../domain/errors.ts";
import type { FaultType } from "../../core/fault.ts";
import type { ProcessTarget } from "../../core/target.ts";
import type { Clock } from "../../ports.ts";
import { type Maker, maker, processesOf, type Term } from "../leased-injector.ts";

const POLL_MILLISECONDS = 50;
const TIMEOUT_MILLISECONDS = 5_000;
const answerSchema = z.object({ result: z.unknown() });

/**
 * A reorganisation of a local development chain: it is remembered where it is, and brought back there once it has grown by the depth. The
 * transactions of those blocks are gone, not pending again.
 * @param urlOf the RPC of a chain's node, by the name of its process
 */
export function reorgMaker(
  urlOf: (name: string) => string | undefined,
  clock: Clock,
): readonly [FaultType, Maker] {
  return maker(
    "Reorg",
    {
      tier: "portable",
      name: "evm_snapshot, evm_revert",
      what: "a development node forgets its newest blocks, so many as came after the beginning of the fault, and what was in them",
    },
    ({ depth }, targets, term) =>
      processesOf(targets).map((target) => {
        const url = urlOf(target.name);
        if (url === undefined)
          throw new FatalError("NO_RPC", `${target.name} is the node of no chain. Nothing was done.`);
        // What vanished does not come back; there is nothing to undo.
        return { undo: [], act: () => reorganise(url, depth, target, term, clock) };
      }),
  );
}

async function reorganise(
  url: string,
  depth: number,
  { name }: ProcessTarget,
  { until }: Term,
  clock: Clock,
): Promise<void> {
  const snapshot = await ask(url, "evm_snapshot");
  const start = await blockNumber(url);
  while ((await blockNumber(url)) < start + depth) {
    if (clock.now() >= until)
      throw new RetryableError(
        "NO_BLOCKS",
        `${name} has not made ${depth} blocks before the end of the fault, so none vanished. Give the fault more time, or make blocks.`,
        { name, depth },
      );
    await clock.sleep(POLL_MILLISECONDS);
  }
  if ((await ask(url, "evm_revert", snapshot)) !== true)
    throw new RetryableError("NO_REVERT", `${name} does not go back to its snapshot; no block vanished.`, {
      name,
    });
}

async function blockNumber(url: string): Promise<number> {
  return Number(z.string().parse(await ask(url, "eth_blockNumber")));
}

async function ask(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  return answerSchema.parse(await response.json()).result;
}
