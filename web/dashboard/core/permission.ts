import type { SessionView } from "../../../relayer/api/operator-schema.ts";
import { type UserRole, userRoles } from "../../../relayer/domain/actor.ts";

/** Who looks; undefined for somebody without a session. */
export type Viewer = SessionView["user"] | undefined;

/** Why somebody may not do what takes a role; undefined where one may. */
export function whyNot(viewer: Viewer, needed: UserRole): string | undefined {
  if (viewer === undefined) return `Sign in as ${article(needed)} to do this.`;
  if (userRoles.indexOf(viewer.role) >= userRoles.indexOf(needed)) return undefined;
  return `This takes ${article(needed)}; ${viewer.name} is ${article(viewer.role)}.`;
}

function article(role: UserRole): string {
  return role === "viewer" || role === "reporter" ? `a ${role}` : `an ${role}`;
}
