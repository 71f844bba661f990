import { alertsNotified, failuresAlerted } from "./alerts.ts";
import { conserved } from "./conservation.ts";
import { executedInTime } from "./deadline.ts";
import type { Evidence, Expectations } from "./evidence.ts";
import { executedAsSent, executedOnce } from "./executions.ts";
import { inOrder } from "./lanes.ts";
import { judgeQuorums } from "./quorums.ts";
import { consistent } from "./signatures.ts";
import type { Violation } from "./violation.ts";

/**
 * Everything that is not as it must be, by all rules. What it says rests on the evidence alone: on what the chains and the files were found
 * to say, and on nothing that the fleet believes.
 */
export function check(evidence: Evidence, expectations: Expectations): readonly Violation[] {
  const quorums = judgeQuorums(evidence);
  return [
    ...executedOnce(evidence),
    ...executedAsSent(evidence),
    ...quorums.violations,
    ...inOrder(evidence),
    ...conserved(evidence),
    ...executedInTime(evidence, expectations),
    ...consistent(evidence, quorums.signatures),
    ...failuresAlerted(evidence, expectations),
    ...alertsNotified(evidence, expectations),
  ];
}
