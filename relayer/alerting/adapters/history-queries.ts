import type { DatabaseSync } from "node:sqlite";
import type { AuditEntry, HistoryEntry } from "../core/history.ts";
import { matchesAll } from "../core/matchers.ts";
import type { HistoryQuery, Page } from "../ports.ts";
import { auditRow, historyRow } from "./records.ts";

/** How many rows one question may look at; then the page ends, and the next one goes on there. */
const MOST_LOOKED_AT = 20_000;

/** The history, the newest first. Labels are compared here, because matchers know patterns. */
export function readHistory(database: DatabaseSync, query: HistoryQuery): Page<HistoryEntry> {
  const { from, to, after, kind, receiver, fingerprint, matchers = [], limit } = query;
  const rows = database
    .prepare(
      `SELECT * FROM history
       WHERE at >= ? AND at < ? AND id < ? AND (? IS NULL OR kind = ?)
         AND (? IS NULL OR receiver = ?) AND (? IS NULL OR fingerprint = ?)
       ORDER BY id DESC LIMIT ?`,
    )
    .iterate(
      ...range(from, to, after),
      ...twice(kind),
      ...twice(receiver),
      ...twice(fingerprint),
      matchers.length === 0 ? limit + 1 : MOST_LOOKED_AT,
    );
  const entries: (HistoryEntry & { readonly id: number })[] = [];
  let [seen, last] = [0, 0];
  for (const row of rows) {
    if (entries.length === limit) return { entries, next: last };
    const parsed = historyRow.parse(row);
    last = parsed.id;
    seen++;
    if (matchesAll(matchers, parsed.labels)) entries.push(parsed);
  }
  return { entries, next: seen === MOST_LOOKED_AT ? last : undefined };
}

/** Who did what, the newest first. */
export function readAudit(
  database: DatabaseSync,
  { from, to, after, limit }: Pick<HistoryQuery, "from" | "to" | "limit" | "after">,
): Page<AuditEntry> {
  const rows = database
    .prepare("SELECT * FROM audit WHERE at >= ? AND at < ? AND id < ? ORDER BY id DESC LIMIT ?")
    .all(...range(from, to, after), limit + 1);
  const entries = auditRow.array().parse(rows.slice(0, limit));
  return { entries, next: rows.length > limit ? entries.at(-1)?.id : undefined };
}

function range(from: number | undefined, to: number | undefined, after: number | undefined) {
  const most = Number.MAX_SAFE_INTEGER;
  return [from ?? 0, to ?? most, after ?? most] as const;
}

/** A parameter that narrows only where it is given. */
function twice(value: string | undefined): readonly [string | null, string | null] {
  return [value ?? null, value ?? null];
}
