import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import type { PublicKey } from "../../domain/ids.ts";
import { headerNumber, openDurableDatabase } from "../../platform/durable-database.ts";

/** "dCsr" in ASCII: how `file` and we tell signing records from other SQLite files. */
const APPLICATION_ID = 0x64437372;
const VERSION = 1;

/** Nonces are text of 20 digits, so that their order is that of the numbers: SQLite's integers end at 2^63. */
const SCHEMA = `
  CREATE TABLE lanes (
    id        INTEGER PRIMARY KEY,
    validator TEXT NOT NULL,
    domain    TEXT NOT NULL,
    lane      TEXT NOT NULL,
    low_water TEXT NOT NULL DEFAULT '${"0".repeat(20)}',
    UNIQUE (validator, domain, lane)
  ) STRICT;
  CREATE TABLE signed (
    lane_id     INTEGER NOT NULL REFERENCES lanes (id),
    nonce       TEXT NOT NULL,
    accumulator TEXT,
    epoch       TEXT NOT NULL,
    PRIMARY KEY (lane_id, nonce)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** How signing records are opened. */
export type OpenOptions = {
  /** Make the file where there is none; otherwise that is an error. */
  readonly create: boolean;
  /** Whose records a file of the first version holds, which did not say. */
  readonly owner?: PublicKey | undefined;
};

/**
 * Opens the file of signing records and brings it to the present schema.
 * @throws ConfigurationError `SIGNING_RECORDS`; nothing may be signed then
 */
export function openSigningDatabase(
  file: string,
  options: OpenOptions,
): { readonly database: DatabaseSync; readonly isNew: boolean } {
  try {
    return openDurableDatabase(file, options.create, (database) => {
      migrate(database, options.owner);
    });
  } catch (error) {
    throw new ConfigurationError(
      "SIGNING_RECORDS",
      `The signing records in ${file} cannot be opened: ${explain(error)}. Nothing will be signed without them, and no money is at risk: messages wait for other validators. Mend or restore the file by docs/operations/signer.md; never start with an empty one or an old copy in its place, for a second signature costs the bond.`,
    );
  }
}

/** Brings the schema up to date. Writes in any case, so that a file that cannot be written is noticed now. */
function migrate(database: DatabaseSync, owner: PublicKey | undefined): void {
  const version = headerNumber(database, "user_version");
  if (version > VERSION) throw new Error(`it was written by a newer dchat (version ${version})`);
  if (version === VERSION) {
    requireOurs(headerNumber(database, "application_id") === APPLICATION_ID);
    database.exec(`PRAGMA user_version = ${VERSION}`);
  } else {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    requireOurs(tables.every(({ name }) => name === "signed"));
    if (tables.length === 0) database.exec(SCHEMA);
    else migrateUnowned(database, owner);
  }
}

function requireOurs(isOurs: boolean): void {
  if (!isOurs) throw new Error("it is another program's database");
}

/** The first version kept one validator's records in a file, and did not say whose. */
function migrateUnowned(database: DatabaseSync, owner: PublicKey | undefined): void {
  if (owner === undefined)
    throw new Error("it is of the first version and does not say whose records it holds; add --validator");
  database.exec(`ALTER TABLE signed RENAME TO unowned; ${SCHEMA}`);
  database
    .prepare("INSERT INTO lanes (validator, domain, lane) SELECT DISTINCT ?, domain, lane FROM unowned")
    .run(owner);
  database.exec(`
    INSERT INTO signed (lane_id, nonce, accumulator, epoch)
      SELECT lanes.id, substr('${"0".repeat(20)}' || nonce, -20), accumulator, epoch
      FROM unowned JOIN lanes USING (domain, lane);
    DROP TABLE unowned;
  `);
}
