import { DatabaseSync } from "node:sqlite";
import { explain, FatalError } from "../../../domain/errors.ts";
import { headerNumber } from "../../../platform/durable-database.ts";

/** What a SQLite file of ours says in its header. */
export type FileKind = { readonly name: string; readonly applicationId: number; readonly version: number };

/** How long the process that the file belongs to may hold it, in milliseconds. */
const BUSY_MILLISECONDS = 5_000;

/**
 * Reads another process's SQLite file, all queries at one moment. Nothing is ever written to it.
 * @throws FatalError `EVIDENCE` when it cannot be read or is not of this kind: then nothing is judged
 */
export function readDatabase<T>(
  file: string,
  { name, applicationId, version }: FileKind,
  read: (database: DatabaseSync) => T,
): T {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${BUSY_MILLISECONDS}; BEGIN`);
    const actual = headerNumber(database, "user_version");
    if (headerNumber(database, "application_id") !== applicationId)
      throw new Error("it is another program's database");
    if (actual !== version) throw new Error(`it is of version ${actual}, and this reads version ${version}`);
    return read(database);
  } catch (error) {
    throw new FatalError(
      "EVIDENCE",
      `The ${name} in ${file} cannot be read: ${explain(error)}. Nothing was judged, for what it says is missing; nothing was changed.`,
      {},
      error,
    );
  } finally {
    database?.close();
  }
}
