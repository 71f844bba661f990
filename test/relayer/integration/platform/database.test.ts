import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import getPort from "get-port";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import pg from "pg";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { openSql, type Sql } from "../../../../relayer/platform/sql.ts";
import { placeEmptyDatabase } from "../../../../scripts/local/empty-database.ts";
import { repository, type Running, start, until } from "../../support/processes.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";

type Tables = { readonly counted: { readonly value: number } };
const migrations: Readonly<Record<string, Migration>> = {
  "0001": {
    up: (db: Kysely<unknown>) => sql`CREATE TABLE counted (value INTEGER NOT NULL)`.execute(db).then(),
  },
};
const logger = createLogger("silent", {});
const CLIENTS = 8;

describe("the local network's database, as a process of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-database-"));
  let port: number;
  let server: Running;
  let pool: pg.Pool;

  async function serve(): Promise<void> {
    server = start(process.execPath, [
      join(repository, "scripts/database.ts"),
      join(folder, "data"),
      String(port),
    ]);
    await until("it serves", () => server.stdout().includes('"ready":true'), 120_000);
  }
  const url = (at = port) => `postgresql://dchat@127.0.0.1:${at}/postgres`;
  const open = (at?: number, silenceMilliseconds?: number): Promise<Sql<Tables>> =>
    openSql<Tables>({ url: url(at), folder: "unused", silenceMilliseconds }, migrations, logger);
  const count = (database: Sql<Tables>) =>
    database.ask(async (db) => (await db.selectFrom("counted").selectAll().execute()).length);
  const add = (database: Sql<Tables>) =>
    database.ask((db) => db.insertInto("counted").values({ value: 1 }).execute());

  before(async () => {
    await placeEmptyDatabase(join(folder, "data"), new AbortController().signal);
    port = await getPort();
    await serve();
    pool = new pg.Pool({ connectionString: url(), max: CLIENTS });
    pool.on("error", () => undefined); // it is killed in one of the tests
  });
  after(async () => {
    await pool.end();
    server.child.kill("SIGTERM");
    await server.ended;
    rmSync(folder, { recursive: true });
  });

  it("gives each of several clients its own answers", async () => {
    const asked = Array.from({ length: 100 }, (_, i) => i);
    const answers = await Promise.all(
      asked.map((i) =>
        pool.query<{ number: number; text: string }>("SELECT $1::int AS number, $2::text AS text", [
          i,
          `no. ${i}`,
        ]),
      ),
    );
    assert.deepEqual(
      answers.map(({ rows }) => rows[0]),
      asked.map((i) => ({ number: i, text: `no. ${i}` })),
    );
  });

  it("does transactions one after the other", async () => {
    await pool.query("CREATE TABLE account (value INTEGER NOT NULL)");
    await pool.query("INSERT INTO account VALUES (0)");
    const increment = async () => {
      const client = await pool.connect();
      await client.query("BEGIN");
      const { rows } = await client.query<{ value: number }>("SELECT value FROM account");
      await client.query("UPDATE account SET value = $1", [(rows[0]?.value ?? 0) + 1]);
      await client.query("COMMIT");
      client.release();
    };
    await Promise.all(Array.from({ length: CLIENTS }, increment));
    assert.deepEqual((await pool.query("SELECT value FROM account")).rows, [{ value: CLIENTS }]);
  });

  it("refuses a wrong query, and goes on with the same client", async () => {
    const client = await pool.connect();
    await assert.rejects(client.query("SELECT 1 / $1::int", [0]), /division by zero/);
    assert.deepEqual((await client.query("SELECT $1::int AS value", [7])).rows, [{ value: 7 }]);
    client.release();
  });

  it("takes back what a client left open that breaks off, and lets the others in", async () => {
    await pool.query("CREATE TABLE abandoned (value INTEGER NOT NULL)");
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO abandoned VALUES (1)");
    const waiting = pool.query("SELECT * FROM abandoned");
    client.release(true);
    assert.deepEqual((await waiting).rows, []);
  });

  it("is the same after it was stopped for a while, and after it was killed", async () => {
    const database = await open();
    await add(database);
    process.kill(server.pid, "SIGSTOP");
    const asked = count(database);
    process.kill(server.pid, "SIGCONT");
    assert.equal(await asked, 1);
    process.kill(server.pid, "SIGSTOP"); // so that it dies in the middle of a question
    const broken = assert.rejects(count(database), RetryableError);
    server.child.kill("SIGKILL");
    await server.ended;
    await broken;
    await assert.rejects(count(database), RetryableError);
    await serve();
    assert.equal(await count(database), 1);
    await database.close();
  });

  it("is given up by whoever asks it, and asked anew, when it says nothing any more", async () => {
    await using line = await TcpProxy.inFrontOf(port);
    const database = await open(line.port, 3_000);
    const before = await count(database);
    line.part();
    await assert.rejects(count(database), /said nothing for 3 s/);
    line.heal();
    assert.equal(await count(database), before);
    await database.close();
  });
});
