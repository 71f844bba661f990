import { FatalError } from "../../domain/errors.ts";

/**
 * Where an experiment stands. Pending: nothing was done. Running: faults may be there. Recovering: they are being healed, and recovery is
 * watched. Completed and Failed are for good.
 */
export type ExperimentState = "Pending" | "Running" | "Recovering" | "Completed" | "Failed";

/** Where an experiment may go from where. Whatever began is healed before it ends, so nothing leads from Running to an end. */
const MOVES: Readonly<Record<ExperimentState, readonly ExperimentState[]>> = {
  Pending: ["Running", "Failed"],
  Running: ["Recovering"],
  Recovering: ["Completed", "Failed"],
  Completed: [],
  Failed: [],
};

/** Where an experiment stands since when (Unix milliseconds), and why. */
export type Lifecycle = { readonly state: ExperimentState; readonly at: number; readonly reason: string };

/** An experiment of which nothing was done yet. */
export function pending(at: number): Lifecycle {
  return { state: "Pending", at, reason: "it was asked for" };
}

/** Whether an experiment may go from one state to another. */
export function mayMove(from: ExperimentState, to: ExperimentState): boolean {
  return MOVES[from].includes(to);
}

/** Whether nothing follows any more. */
export function isOver({ state }: Pick<Lifecycle, "state">): boolean {
  return MOVES[state].length === 0;
}

/** The next place of an experiment. @throws FatalError `ILLEGAL_MOVE`, also for a time before the present one; nothing changes then */
export function move(from: Lifecycle, to: ExperimentState, at: number, reason: string): Lifecycle {
  if (mayMove(from.state, to) && at >= from.at) return { state: to, at, reason };
  const why = at < from.at ? `, and the time would go back from ${from.at} to ${at}` : "";
  throw new FatalError(
    "ILLEGAL_MOVE",
    `An experiment that is ${from.state} cannot become ${to} (${reason})${why}. It stays as it is.`,
  );
}
