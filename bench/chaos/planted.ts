import { check } from "../../relayer/chaos/core/checker/check.ts";
import { bugs, SOMETHING_OF_EVERYTHING } from "../../test/relayer/support/checker-bugs.ts";
import { HonestHistory } from "../../test/relayer/support/checker-history.ts";

/** Which planted bugs the checker's real rules find, each by the rule that is there for it; none of them is found in the history unspoilt. */
export function findPlanted(): readonly { readonly name: string; readonly isCaught: boolean }[] {
  const history = new HonestHistory().run(SOMETHING_OF_EVERYTHING).settle();
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
