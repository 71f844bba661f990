import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RetryableError } from "../../../domain/errors.ts";
import type { Fault, FaultType } from "../../core/fault.ts";
import { linksOf, type Maker, maker, type Term } from "../leased-injector.ts";
import { newLeaseId } from "../lease-id.ts";
import type { Lease } from "../leases.ts";
import { startTimeOf } from "../processes.ts";
import { command } from "./commands.ts";
import { addTable, deleteTable, HELD, tableOf } from "./nft.ts";

const SOURCE = fileURLToPath(new URL("./delay-queue.c", import.meta.url));
const PROGRAM = "delay-queue";

type Latency = Extract<Fault, { type: "Latency" }>;
type Delay = Pick<Latency, "milliseconds" | "jitterMilliseconds">;

/**
 * Compiles the program that holds packets, and tries it on a table of its own.
 * @param folder where the program is afterwards
 * @throws Error where there is no `cc`, no `nft`, no right to use it, or a kernel without netfilter queues
 */
export async function probeDelayQueue(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await command("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", programIn(folder), SOURCE]);
  const table = tableOf(newLeaseId());
  try {
    await addTable(table, { ports: [1], direction: "both", then: "hold" }, 1_000);
    await command(programIn(folder), wordsOf(table, { milliseconds: 0, jitterMilliseconds: 0 }, 0));
  } finally {
    await deleteTable(table);
  }
}

/** Latency by packets that a program of ours holds. @param folder of {@link probeDelayQueue} */
export function latencyMaker(folder: string): readonly [FaultType, Maker] {
  return maker(
    "Latency",
    {
      tier: "linux",
      name: "netfilter queue",
      what: "each packet of the link is held for so long where it comes in, those that set up connections, too; packets of a connection keep their order",
    },
    (fault, targets, term) => {
      const ports = linksOf(targets).map(({ port }) => port);
      const table = tableOf(term.id);
      return [
        {
          undo: [{ kind: "table", name: table }],
          act: async (lease) => {
            const { direction } = fault;
            await addTable(table, { ports, direction, then: "hold" }, term.milliseconds);
            await startHolding(programIn(folder), wordsOf(table, fault, term.milliseconds), lease);
          },
        },
      ];
    },
  );
}

/** Starts the program; until its process id is in the journal, its pipe alone ends it. */
async function startHolding(program: string, words: readonly string[], lease: Lease): Promise<void> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  child.stdin.on("error", () => undefined);
  const over = Promise.race([once(child, "exit"), once(child, "error")]).then(() => "over" as const);
  const { pid } = child;
  const startTime = pid === undefined ? undefined : startTimeOf(pid);
  if (pid !== undefined && startTime !== undefined) lease.add([{ kind: "release", pid, startTime }]);
  const holding = once(child.stdout, "data").then(() => "holding" as const);
  if ((await Promise.race([holding, over])) === "holding") {
    child.unref();
    return;
  }
  throw new RetryableError(
    "DELAY_QUEUE",
    "The program that holds packets ended at once; what it says is above. Packets pass as before.",
  );
}

function wordsOf(
  table: string,
  { milliseconds, jitterMilliseconds }: Delay,
  term: Term["milliseconds"],
): readonly string[] {
  return [table, HELD, ...[milliseconds, jitterMilliseconds, Math.ceil(term)].map(String)];
}

function programIn(folder: string): string {
  return join(folder, PROGRAM);
}
