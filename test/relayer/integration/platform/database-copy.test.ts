import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { copyDatabase, inspectDatabase } from "../../../../relayer/platform/database-copy.ts";
import {
  atomically,
  makeTables,
  openDurableDatabase,
} from "../../../../relayer/platform/durable-database.ts";

const SCHEMA = {
  applicationId: 0x64437473,
  version: 3,
  tables: "CREATE TABLE pairs (a INTEGER, b INTEGER) STRICT",
};

describe("copies of SQLite files", () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-copies-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  let count = 0;
  const newFile = () => join(folder, `${++count}`, "store.sqlite");
  const open = (file: string) =>
    openDurableDatabase(file, true, (database) => makeTables(database, SCHEMA)).database;

  it("hold what was committed, and nothing of what is under way", () => {
    const [file, target] = [newFile(), newFile()];
    const database = open(file);
    const insert = database.prepare("INSERT INTO pairs VALUES (?, ?)");
    for (let i = 0; i < 100; i++)
      atomically(database, () => {
        insert.run(i, i);
        insert.run(i, -i);
      });
    database.exec("BEGIN IMMEDIATE");
    insert.run(1_000, 1_000);
    copyDatabase(file, target);
    database.exec("COMMIT");
    database.close();

    const { applicationId, schemaVersion, sha256 } = inspectDatabase(target);
    assert.deepEqual([applicationId, schemaVersion], [SCHEMA.applicationId, SCHEMA.version]);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.equal(statSync(target).mode & 0o777, 0o600);
    const copy = new DatabaseSync(target, { readOnly: true });
    assert.deepEqual(
      { ...copy.prepare("SELECT count(*) AS n, sum(b) AS b FROM pairs").get() },
      { n: 200, b: 0 },
    );
    copy.close();
    for (const end of ["-wal", "-shm", "-journal"]) assert(!existsSync(target + end), "a file for itself");
  });

  it("never take the place of a file", () => {
    const [file, target] = [newFile(), newFile()];
    open(file).close();
    copyDatabase(file, target);
    const before = inspectDatabase(target);
    assert.throws(() => {
      copyDatabase(file, target);
    }, /EEXIST/);
    assert.deepEqual(inspectDatabase(target), before);
  });

  it("are refused when they are damaged, or no database", () => {
    const [file, target] = [newFile(), newFile()];
    const database = open(file);
    const insert = database.prepare("INSERT INTO pairs VALUES (?, ?)");
    atomically(database, () => {
      for (let i = 0; i < 2_000; i++) insert.run(i, i);
    });
    database.close();
    copyDatabase(file, target);
    truncateSync(target, statSync(target).size - 4_096);
    assert.throws(() => inspectDatabase(target), /damaged|malformed/);
    writeFileSync(target, "no database at all, but long enough to be looked at".repeat(100));
    assert.throws(() => inspectDatabase(target), /not a database/);
  });
});
