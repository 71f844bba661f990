import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { makeTables, openDurableDatabase } from "../../platform/durable-database.ts";
import type { ExperimentRecord } from "../core/report/record.ts";
import type { ChaosAct, RunEntry, ScheduleEntry } from "../core/run-entry.ts";
import { runRequestSchema } from "../core/run-request.ts";
import { scheduleSchema } from "../core/schedule.ts";
import type { ChaosStore } from "../ports.ts";

const SCHEMA = {
  /** "chas" in ASCII. */
  applicationId: 0x63686173,
  version: 1,
  tables: `
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      title TEXT NOT NULL,
      request TEXT NOT NULL,
      asked_by TEXT NOT NULL,
      asked_at INTEGER NOT NULL,
      schedule TEXT,
      state TEXT NOT NULL,
      verdict TEXT,
      recovery TEXT,
      record TEXT
    ) STRICT;
    CREATE INDEX runs_by_time ON runs (asked_at);
    CREATE INDEX unfinished_runs ON runs (asked_at) WHERE state NOT IN ('Completed', 'Failed');
    CREATE TABLE schedules (
      name TEXT PRIMARY KEY,
      schedule TEXT NOT NULL,
      request TEXT NOT NULL,
      asked_by TEXT NOT NULL,
      looked_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE acts (
      id INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      who TEXT NOT NULL,
      "from" TEXT NOT NULL,
      what TEXT NOT NULL,
      detail TEXT NOT NULL
    ) STRICT;
  `,
};

const optional = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined);
const verdictSchema = z.object({
  kind: z.enum(["passed", "failed", "ineffective", "halted"]),
  reason: z.string(),
});
/** JSON leaves out what did not happen. */
const took = z.union([z.number(), z.undefined()]);
const recoverySchema = z
  .object({ detect: took, firstSuccess: took, drained: took, steady: took })
  .partial()
  .transform(({ detect, firstSuccess, drained, steady }) => ({ detect, firstSuccess, drained, steady }));
const runRow = z
  .object({
    id: z.string(),
    title: z.string(),
    request: z.string(),
    asked_by: z.string(),
    asked_at: z.number(),
    schedule: optional,
    state: z.enum(["Pending", "Running", "Recovering", "Completed", "Failed"]),
    verdict: optional,
    recovery: optional,
  })
  .transform(({ asked_by, asked_at, request, verdict, recovery, ...rest }): RunEntry => ({
    ...rest,
    request: runRequestSchema.parse(JSON.parse(request)),
    askedBy: asked_by,
    askedAt: asked_at,
    verdict: verdict === undefined ? undefined : verdictSchema.parse(JSON.parse(verdict)),
    recovery: recovery === undefined ? undefined : recoverySchema.parse(JSON.parse(recovery)),
  }));
const RUN_COLUMNS = "id, title, request, asked_by, asked_at, schedule, state, verdict, recovery";
const scheduleRow = z
  .object({ schedule: z.string(), request: z.string(), asked_by: z.string(), looked_at: z.number() })
  .transform(({ schedule, request, asked_by, looked_at }): ScheduleEntry => ({
    schedule: scheduleSchema.parse(JSON.parse(schedule)),
    request: runRequestSchema.parse(JSON.parse(request)),
    askedBy: asked_by,
    lookedAt: looked_at,
  }));
const actRow = z.object({
  at: z.number(),
  who: z.string(),
  from: z.string(),
  what: z.string(),
  detail: z.string(),
});
/** We wrote it ourselves, and reports show whatever is in it as text. */
const recordSchema = z.custom<ExperimentRecord>(
  (value) => z.looseObject({ id: z.string(), phases: z.array(z.unknown()) }).safeParse(value).success,
);

/** Runs, schedules and acts in a SQLite file that only its owner can read. */
export class SqliteChaosStore implements ChaosStore {
  readonly #database: DatabaseSync;

  /** @throws Error when the file cannot be opened, or is another program's */
  constructor(file: string) {
    this.#database = openDurableDatabase(file, true, (empty) => makeTables(empty, SCHEMA)).database;
  }

  addRun({ id, title, request, askedBy, askedAt, schedule, state }: RunEntry): boolean {
    const { changes } = this.#database
      .prepare(
        "INSERT INTO runs (id, title, request, asked_by, asked_at, schedule, state) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      )
      .run(id, title, JSON.stringify(request), askedBy, askedAt, schedule ?? null, state);
    return Number(changes) === 1;
  }

  saveRecord(record: ExperimentRecord): void {
    const state = record.phases.at(-1)?.state ?? "Pending";
    const isOver = state === "Completed" || state === "Failed";
    this.#database
      .prepare("UPDATE runs SET state = ?, verdict = ?, recovery = ?, record = ? WHERE id = ?")
      .run(
        state,
        isOver ? JSON.stringify(record.verdict) : null,
        isOver ? JSON.stringify(record.recovery) : null,
        JSON.stringify(record),
        record.id,
      );
  }

  run(id: string): RunEntry | undefined {
    return runRow
      .optional()
      .parse(this.#database.prepare(`SELECT ${RUN_COLUMNS} FROM runs WHERE id = ?`).get(id));
  }

  record(id: string): ExperimentRecord | undefined {
    const row = this.#database.prepare("SELECT record FROM runs WHERE id = ?").get(id);
    const text = z.object({ record: z.string() }).safeParse(row).data?.record;
    return text === undefined ? undefined : recordSchema.parse(JSON.parse(text));
  }

  runs(limit: number): readonly RunEntry[] {
    return this.#database
      .prepare(`SELECT ${RUN_COLUMNS} FROM runs ORDER BY asked_at DESC, id DESC LIMIT ?`)
      .all(limit)
      .map((row) => runRow.parse(row));
  }

  unfinished(): readonly RunEntry[] {
    return this.#database
      .prepare(
        `SELECT ${RUN_COLUMNS} FROM runs WHERE state NOT IN ('Completed', 'Failed') ORDER BY asked_at, id`,
      )
      .all()
      .map((row) => runRow.parse(row));
  }

  abandon(id: string, reason: string): void {
    this.#database
      .prepare("UPDATE runs SET state = 'Failed', verdict = ? WHERE id = ?")
      .run(JSON.stringify({ kind: "halted", reason }), id);
  }

  schedules(): readonly ScheduleEntry[] {
    return this.#database
      .prepare("SELECT schedule, request, asked_by, looked_at FROM schedules ORDER BY name")
      .all()
      .map((row) => scheduleRow.parse(row));
  }

  putSchedule({ schedule, request, askedBy, lookedAt }: ScheduleEntry): void {
    this.#database
      .prepare(
        "INSERT OR REPLACE INTO schedules (name, schedule, request, asked_by, looked_at) VALUES (?, ?, ?, ?, ?)",
      )
      .run(schedule.name, JSON.stringify(schedule), JSON.stringify(request), askedBy, lookedAt);
  }

  removeSchedule(name: string): boolean {
    return Number(this.#database.prepare("DELETE FROM schedules WHERE name = ?").run(name).changes) === 1;
  }

  noteLook(name: string, at: number): void {
    this.#database.prepare("UPDATE schedules SET looked_at = ? WHERE name = ?").run(at, name);
  }

  addAct({ at, who, from, what, detail }: ChaosAct): void {
    this.#database
      .prepare('INSERT INTO acts (at, who, "from", what, detail) VALUES (?, ?, ?, ?, ?)')
      .run(at, who, from, what, detail);
  }

  acts(limit: number): readonly ChaosAct[] {
    return this.#database
      .prepare('SELECT at, who, "from", what, detail FROM acts ORDER BY id DESC LIMIT ?')
      .all(limit)
      .map((row) => actRow.parse(row));
  }

  prune(before: number): void {
    this.#database
      .prepare("DELETE FROM runs WHERE asked_at < ? AND state IN ('Completed', 'Failed')")
      .run(before);
  }

  close(): void {
    this.#database.close();
  }
}
