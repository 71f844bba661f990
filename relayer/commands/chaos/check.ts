import { UsageError } from "../../domain/errors.ts";
import { systemClock } from "../../platform/clock.ts";
import type { CommandContext } from "../context.ts";
import { checkerOf } from "./fleet.ts";

/** `dchat chaos check`. @returns whether everything is as it must be */
export async function checkNow(
  { within }: { readonly within: string },
  { network, output }: CommandContext,
): Promise<boolean> {
  const seconds = Number(within);
  if (!Number.isFinite(seconds) || seconds <= 0)
    throw new UsageError(
      "USAGE",
      `--within ${within}: expected a number of seconds above 0. Nothing was read.`,
    );
  output.step("reading both chains and the records");
  const now = systemClock.now();
  const times = { since: 0, healedAt: 0, executedWithin: seconds * 1_000 };
  const violations = await checkerOf(network).check(times);
  const text =
    violations.length === 0
      ? "nothing is lost, doubled, forged or in conflict"
      : violations.map(({ rule, text: what }) => `${rule}: ${what}`).join("\n");
  output.result({ checkedAt: new Date(now).toISOString(), violations }, text);
  return violations.length === 0;
}
