import { rmSync } from "node:fs";
import { Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { CamelCasePlugin, type Dialect, Kysely, PGliteDialect, PostgresDialect, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import pg from "pg";
import { ConfigurationError, DchatError, explain, RetryableError } from "../domain/errors.ts";
import type { Logger } from "./log.ts";
import { tryLock } from "./process-lock.ts";

/** The numbers by which PostgreSQL names the types that are read otherwise than its clients do by themselves. */
const NUMERIC = 1700;
const INT8 = 20;
/** How long the process that had the embedded database before may take to let go of it, in milliseconds. */
const LOCK_MILLISECONDS = 5_000;
const CONNECT_MILLISECONDS = 10_000;
/** How long a connection may be idle before it is closed, and how long a server that was asked may be silent, in milliseconds. */
const IDLE_MILLISECONDS = 10_000;
const SILENCE_MILLISECONDS = 60_000;

/** Which database is behind a {@link Sql}: a PostgreSQL server, or PGlite, which is PostgreSQL inside this process. */
export type SqlKind = "postgresql" | "pglite";

/** Where the database is. */
export type SqlPlace = {
  /** A PostgreSQL server, for any number of processes. */
  readonly url?: string | undefined;
  /**
   * After so long without a word from the server (in milliseconds) a connection is given up, and whoever waits for an answer is told; a minute
   * if left out. Nothing else ends the wait for a server that stands still, or for one that vanished.
   */
  readonly silenceMilliseconds?: number | undefined;
  /** Used without `url`: the folder of a database that one process at a time can open. */
  readonly folder: string;
};

/**
 * One SQL database in PostgreSQL's dialect. NUMERIC is read as bigint, BIGINT as number, and columns in snake_case go by names in
 * camelCase.
 */
export class Sql<Tables> {
  readonly db: Kysely<Tables>;
  readonly kind: SqlKind;
  readonly #release: () => void;

  constructor(dialect: Dialect, kind: SqlKind, release: () => void) {
    this.db = new Kysely<Tables>({
      dialect,
      plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    });
    this.kind = kind;
    this.#release = release;
  }

  /**
   * Runs queries, turning a failure of the database into a RetryableError.
   * @throws RetryableError `SQL`
   */
  async ask<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await work(this.db);
    } catch (error) {
      if (error instanceof DchatError) throw error;
      throw new RetryableError(
        "SQL",
        `The SQL database does not answer as it should: ${explain(error)}. No money is at risk: it holds copies of what the chains say, and messages are carried without it. Check databaseUrl (or DATABASE_URL) and the server; the work is tried again.`,
        {},
        error,
      );
    }
  }

  /** @throws RetryableError `SQL` when the database does not answer */
  async verify(): Promise<void> {
    await this.ask((db) => sql`SELECT 1`.execute(db));
  }

  async close(): Promise<void> {
    await this.db.destroy();
    this.#release();
  }
}

/**
 * Opens a database and brings its schema up to date; whoever comes second waits until the first has done so.
 * @throws ConfigurationError `SQL_IN_USE` when another process has the embedded database
 * @throws RetryableError `SQL` when the server does not answer, or a migration fails
 */
export async function openSql<Tables>(
  place: SqlPlace,
  migrations: Readonly<Record<string, Migration>>,
  logger: Logger,
): Promise<Sql<Tables>> {
  const opened =
    place.url === undefined
      ? await openEmbedded<Tables>(place.folder, logger)
      : openServer<Tables>(place.url, place.silenceMilliseconds ?? SILENCE_MILLISECONDS, logger);
  try {
    await opened.ask(async (db) => {
      const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
      // The plugin would rename the migrator's own columns.
      const { error } = await new Migrator({ db: db.withoutPlugins(), provider }).migrateToLatest();
      if (error !== undefined)
        throw new Error("the schema could not be brought up to date", { cause: error });
    });
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function openServer<Tables>(url: string, silenceMilliseconds: number, logger: Logger): Sql<Tables> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(NUMERIC, BigInt);
  types.setTypeParser(INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    types,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    idleTimeoutMillis: IDLE_MILLISECONDS,
    stream: () => impatientSocket(silenceMilliseconds),
  });
  // An idle connection that breaks is replaced by itself; without a listener it would end the process.
  pool.on("error", (error) => {
    logger.warn({ err: error }, "a connection to PostgreSQL broke; another is opened when needed");
  });
  // The same while it is in use: the query fails, and that is what is told of.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Sql(new PostgresDialect({ pool }), "postgresql", () => undefined);
}

/** A socket that breaks when nothing is heard for too long. Idle connections are closed before that. */
function impatientSocket(milliseconds: number): Socket {
  const socket = new Socket();
  socket.setTimeout(milliseconds, () => {
    socket.destroy(new Error(`the server has said nothing for ${milliseconds / 1_000} s`));
  });
  return socket;
}

async function openEmbedded<Tables>(folder: string, logger: Logger): Promise<Sql<Tables>> {
  const release = lock(`${folder}.lock`);
  const dialectOf = (pglite: PGlite) => new Sql<Tables>(new PGliteDialect({ pglite }), "pglite", release);
  try {
    return dialectOf(await openPGlite(folder));
  } catch (error) {
    logger.warn(
      { err: error, folder },
      "the embedded database cannot be opened, for it was damaged or killed while it was made; beginning with an empty one",
    );
  }
  try {
    rmSync(folder, { recursive: true, force: true });
    return dialectOf(await openPGlite(folder));
  } catch (error) {
    release();
    throw error;
  }
}

async function openPGlite(folder: string): Promise<PGlite> {
  const pglite = new PGlite(folder, {
    parsers: { [NUMERIC]: BigInt, [INT8]: Number },
    serializers: { [NUMERIC]: String, [INT8]: String },
  });
  await pglite.waitReady;
  return pglite;
}

/** Holds a file as long as this process lives: two processes in one PGlite folder would destroy it. */
function lock(file: string): () => void {
  const release = tryLock(file, LOCK_MILLISECONDS);
  if (release !== undefined) return release;
  throw new ConfigurationError(
    "SQL_IN_USE",
    `The embedded database beside ${file} is open in another process, and only one can use it. Nothing was read or written. End that process, give this one its own dataFolder, or set databaseUrl (or DATABASE_URL) to a PostgreSQL server that both share.`,
  );
}
