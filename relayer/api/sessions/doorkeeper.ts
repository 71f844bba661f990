import { Attempts } from "../../platform/attempts.ts";
import type { Users } from "../../platform/users.ts";
import { Gate } from "./gate.ts";
import { Sessions } from "./sessions.ts";

/** How many wrong tokens there may be in ten seconds, wherever they come from, before nobody is signed in for a while. */
const MOST_WRONG_TOKENS = 300;

/** Everything that decides who is let in. */
export type Doorkeeper = {
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly gate: Gate;
};

export function createDoorkeeper(
  users: Pick<Users, "authenticate">,
  clock: { readonly now: () => number },
): Doorkeeper {
  const sessions = new Sessions({ users, clock });
  const attempts = new Attempts(() => clock.now(), MOST_WRONG_TOKENS);
  return { sessions, attempts, gate: new Gate({ users, sessions, attempts }) };
}
