import { check } from "../../relayer/chaos/core/checker/check.ts";
import { bugs } from "../../test/relayer/support/checker-bugs.ts";
import { HonestHistory, type Step } from "../../test/relayer/support/checker-history.ts";

/** A history in which there is something of everything to spoil. */
const HISTORY: readonly Step[] = [
  { kind: "rotate" },
  { kind: "rotate" },
  { kind: "transfer", from: 0, shared: 7n },
  { kind: "message", from: 0, payload: "0x01" },
  { kind: "message", from: 0, payload: "0x02" },
  { kind: "deliver", to: 1, most: 100, later: 0, byPrevious: false },
];

/** Which planted bugs the checker's real rules find, each by the rule that is there for it; none of them is found in the history unspoilt. */
export function findPlanted(): readonly { readonly name: string; readonly isCaught: boolean }[] {
  const history = new HonestHistory().run(HISTORY).settle();
  const expectations = history.expectations();
  if (check(history.evidence(), expectations).length > 0)
    throw new Error("the checker finds something in an honest history");
  return bugs.map(({ name, rule, says, plant }) => ({
    name,
    isCaught: check(plant(history.evidence(), history), expectations).some(
      (violation) => violation.rule === rule && says.test(violation.text),
    ),
  }));
}
