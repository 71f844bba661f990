import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SqliteSigningRecords } from "../../bridge/adapters/signing-records.ts";
import type { Interchange } from "../../bridge/core/interchange.ts";
import { UsageError } from "../../domain/errors.ts";
import { copyFile } from "../../platform/database-copy.ts";
import type { LaneBound } from "./lane-heads.ts";

/**
 * Makes new signing records of an old copy: what it holds is signed again just so, and nothing else at or below `bounds`, for it may have been
 * signed since.
 * @param copy signing records as a backup has them
 * @param target a new file
 * @param bounds how far every lane has come
 * @throws UsageError `BACKUP` when the copy does not say whose records it holds; ConfigurationError or RetryableError `SIGNING_RECORDS`
 */
export function restoreRecords(copy: string, target: string, bounds: readonly LaneBound[]): void {
  const known = exportOf(copy, join(dirname(target), "old.sqlite"));
  if (known.data.length === 0)
    throw new UsageError(
      "BACKUP",
      `${copy} holds no validator's records yet, so it cannot be said whose lanes to close. It was not restored. Make new ones with "dchat signer protection raise --validator …", as docs/operations/signer.md says.`,
    );
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const records = new SqliteSigningRecords(target, { create: true });
  try {
    records.import(known);
    for (const { pubkey } of known.data)
      for (const bound of bounds) records.raise(pubkey, [bound], bound.nonce);
  } finally {
    records.close();
  }
}

/** Reads from a copy of the copy, for records that are opened may be brought to a newer version. */
function exportOf(copy: string, temporary: string): Interchange {
  copyFile(copy, temporary);
  try {
    const old = new SqliteSigningRecords(temporary, { create: false });
    try {
      return old.export();
    } finally {
      old.close();
    }
  } finally {
    rmSync(temporary, { force: true });
  }
}
