import type { Alert, AlertGroup } from "../../../web/dashboard/core/alert-schema.ts";
import type { Scene } from "./fake-fleet.ts";

/** What alerting would answer about a fleet that was made up. */

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

function alertOf(i: number, severity: string): Alert {
  const name = severity === "critical" ? "QuorumMargin" : "LaneSlow";
  return {
    labels: { alertname: name, severity, lane: "A-B", instance: `127.0.0.1:${9_100 + i}` },
    annotations: {
      summary:
        severity === "critical"
          ? "1 of 3 validators signs on A: messages wait."
          : `Lane A to B has not moved for ${5 + i} minutes.`,
      description: "Messages are locked on A and not lost; they arrive when it moves again.",
    },
    ...{ fingerprint: `${severity}-${i}`, startsAt: iso(Date.now() - 540_000 - 1_000 * i) },
    status: { state: "active", silencedBy: [], inhibitedBy: [] },
    receivers: [{ name: "on-call" }],
    ...(i === 1 ? { acknowledgement: { by: "ada", comment: "looking at it", at: iso(Date.now()) } } : {}),
  };
}

export function fakeAlerts(scene: Scene): readonly AlertGroup[] {
  const warnings = { usual: 2, empty: 0, large: 1_000, trouble: 3 }[scene];
  if (warnings === 0) return [];
  const slow = Array.from({ length: warnings }, (_, i) => alertOf(i, "warning"));
  const groups = [
    { labels: { alertname: "LaneSlow" }, receiver: { name: "on-call" }, alerts: slow },
    { labels: { alertname: "LaneSlow" }, receiver: { name: "speech" }, alerts: slow },
  ];
  if (scene !== "trouble") return groups;
  const critical = [alertOf(0, "critical")];
  return [
    { labels: { alertname: "QuorumMargin" }, receiver: { name: "on-call" }, alerts: critical },
    ...groups,
  ];
}

export function fakeEscalations(scene: Scene) {
  if (scene === "empty") return { escalations: [] };
  const levels = [1, 2].map((level) => ({ level, receivers: [{ name: `level-${level}` }] }));
  return {
    escalations: ["critical-0", "warning-0"].map((fingerprint) => ({
      ...{ fingerprint, escalation: "usual", since: iso(Date.now() - 400_000), level: 1, levels },
      ...{ next: { level: 2, at: iso(Date.now() + 200_000) }, isHeld: false },
    })),
  };
}

export function fakeSilences(scene: Scene) {
  const count = { usual: 2, empty: 0, large: 1_000, trouble: 2 }[scene];
  return Array.from({ length: count }, (_, i) => ({
    ...{ id: `silence-${i}`, status: { state: i === 0 ? "active" : "expired" }, createdBy: "ada" },
    matchers: [{ name: "alertname", value: "LaneSlow", isRegex: false, isEqual: true }],
    ...{ startsAt: iso(Date.now() - 3_600_000), endsAt: iso(Date.now() + (i === 0 ? 1 : -1) * 1_800_000) },
    comment: "the node of B is being upgraded",
  }));
}

export function fakeHistoryOfAlerts(scene: Scene) {
  const count = { usual: 12, empty: 0, large: 200, trouble: 12 }[scene];
  return {
    entries: Array.from({ length: count }, (_, i) => ({
      ...{ at: iso(Date.now() - 60_000 * i), kind: "transition", what: i % 2 === 0 ? "firing" : "delivered" },
      ...{ labels: { alertname: "LaneSlow", severity: "warning" }, detail: "Lane A to B has not moved." },
      ...(i % 2 === 0 ? {} : { receiver: "on-call", integration: "email" }),
    })),
    next: null,
  };
}
