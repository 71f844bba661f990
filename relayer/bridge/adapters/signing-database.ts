import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import type { PublicKey } from "../../domain/ids.ts";
import { headerNumber, makeTables, openDurableDatabase } from "../../platform/durable-database.ts";

/** Nonces are text of 20 digits, so that their order is that of the numbers: SQLite's integers end at 2^63. */
const TABLES = `
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
`;

const SCHEMA = {
  /** "dCsr" in ASCII. */
  applicationId: 0x64437372,
  version: 1,
  tables: TABLES,
};

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

function migrate(database: DatabaseSync, owner: PublicKey | undefined): void {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const isUnowned = headerNumber(database, "user_version") === 0 && tables.length > 0;
  if (isUnowned && tables.every(({ name }) => name === "signed")) migrateUnowned(database, owner);
  else makeTables(database, SCHEMA);
}

/** The first version kept one validator's records in a file, and did not say whose. */
function migrateUnowned(database: DatabaseSync, owner: PublicKey | undefined): void {
  if (owner === undefined)
    throw new Error("it is of the first version and does not say whose records it holds; add --validator");
  database.exec("ALTER TABLE signed RENAME TO unowned");
  database.exec(TABLES);
  database
    .prepare("INSERT INTO lanes (validator, domain, lane) SELECT DISTINCT ?, domain, lane FROM unowned")
    .run(owner);
  database.exec(`
    INSERT INTO signed (lane_id, nonce, accumulator, epoch)
      SELECT lanes.id, substr('${"0".repeat(20)}' || nonce, -20), accumulator, epoch
      FROM unowned JOIN lanes USING (domain, lane);
    DROP TABLE unowned;
    PRAGMA application_id = ${SCHEMA.applicationId};
    PRAGMA user_version = ${SCHEMA.version};
  `);
}
