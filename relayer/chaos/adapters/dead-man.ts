import { setTimeout as sleep } from "node:timers/promises";
import { explain } from "../../domain/errors.ts";
import type { ProcessIdentity } from "../core/undo.ts";
import { LeaseJournal, type LeaseRecord } from "./lease-journal.ts";
import { undoAll } from "./undoing.ts";

/** How often the journal is read, in milliseconds. */
const LOOK_MILLISECONDS = 200;
/** How long after its end a lease is left to its controller, in milliseconds. */
const OVERDUE_MILLISECONDS = 500;
/** How long what does not heal is tried again after the controller's death, in milliseconds; then the next controller has it. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Heals what a controller no longer can: at its death everything, and before that what is overdue.
 * @param gone aborts when the controller is gone
 * @param say told what does not heal
 */
export async function watchOver(
  file: string,
  owner: ProcessIdentity,
  gone: AbortSignal,
  say: (words: string) => void,
): Promise<void> {
  const journal = new LeaseJournal(file);
  const own = () => journal.open().filter((lease) => isOf(lease, owner));
  const heal = async (leases: readonly LeaseRecord[]): Promise<void> => {
    await Promise.all(
      leases.map(async ({ id, what, undo }) => {
        try {
          await undoAll(undo);
          journal.close(id, Date.now(), "dead-man");
        } catch (error) {
          say(`${what} does not end: ${explain(error)}`);
        }
      }),
    );
  };
  while (!gone.aborted) {
    await heal(own().filter(({ until }) => until + OVERDUE_MILLISECONDS < Date.now()));
    await sleep(LOOK_MILLISECONDS, undefined, { signal: gone }).catch(() => undefined);
  }
  for (const deadline = performance.now() + PATIENCE_MILLISECONDS; performance.now() < deadline;) {
    const left = own();
    if (left.length === 0) break;
    await heal(left);
    if (own().length > 0) await sleep(LOOK_MILLISECONDS);
  }
  journal.end();
}

function isOf(lease: LeaseRecord, { pid, startTime }: ProcessIdentity): boolean {
  return lease.owner.pid === pid && lease.owner.startTime === startTime;
}
