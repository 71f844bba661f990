import type { LaneId } from "../../../domain/ids.ts";
import { type FleetFacts, isCovered, type RoleFact, type Seen, valueOf } from "./facts.ts";

/** How long a role that ended is still spoken of, in milliseconds. */
const REMEMBERED_MILLISECONDS = 600_000;

/** What is remembered from one look to the next. */
export type Memory = {
  readonly lanes: ReadonlyMap<LaneId, { readonly accepted: bigint; readonly since: number }>;
  readonly roles: ReadonlyMap<string, { readonly role: RoleFact; readonly at: number }>;
  /** By symbol, at how many looks in a row a token was not covered. */
  readonly uncovered: ReadonlyMap<string, number>;
};

/** Before the first look. */
export const nothingSeen: Memory = { lanes: new Map(), roles: new Map(), uncovered: new Map() };

/** What is remembered after a look. What was not told this time stays as it was. */
export function remember(memory: Memory, facts: FleetFacts): Memory {
  return {
    lanes: rememberLanes(memory, facts),
    roles: rememberRoles(memory, facts),
    uncovered: rememberUncovered(memory, facts),
  };
}

/** What only the memory tells. */
export function seenBy({ lanes, roles, uncovered }: Memory, { at, roles: now }: FleetFacts): Seen {
  const running = new Set((valueOf(now) ?? []).map(({ instance }) => instance));
  const isTold = valueOf(now) !== undefined;
  return {
    standingSince: new Map([...lanes].map(([id, { since }]) => [id, since])),
    uncovered: new Set([...uncovered].flatMap(([symbol, looks]) => (looks > 1 ? [symbol] : []))),
    gone: [...roles.values()].flatMap(({ role, at: seenAt }) =>
      !isTold || running.has(role.instance)
        ? []
        : [{ ...role, isReady: false, reasons: [`it ended ${Math.round((at - seenAt) / 1_000)} s ago`] }],
    ),
  };
}

function rememberLanes({ lanes }: Memory, { status, edges, at }: FleetFacts): Memory["lanes"] {
  const [now, known] = [valueOf(status)?.lanes, valueOf(edges)];
  if (now === undefined || known === undefined) return lanes;
  return new Map(
    now.flatMap(({ id, sent, accepted }) => {
      const isWaiting = sent > accepted && known.get(id)?.waiting?.isFinal === true;
      if (!isWaiting) return [];
      const before = lanes.get(id);
      return [[id, { accepted, since: before?.accepted === accepted ? before.since : at }] as const];
    }),
  );
}

function rememberRoles({ roles }: Memory, { roles: now, at }: FleetFacts): Memory["roles"] {
  const told = valueOf(now);
  if (told === undefined) return roles;
  const kept = [...roles].filter(([, { at: seenAt }]) => at - seenAt < REMEMBERED_MILLISECONDS);
  return new Map([...kept, ...told.map((role) => [role.instance, { role, at }] as const)]);
}

function rememberUncovered({ uncovered }: Memory, { holdings }: FleetFacts): Memory["uncovered"] {
  const told = valueOf(holdings);
  if (told === undefined) return uncovered;
  const open = told.filter((holding) => !isCovered(holding));
  return new Map(open.map(({ symbol }) => [symbol, (uncovered.get(symbol) ?? 0) + 1]));
}
