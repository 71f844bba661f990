import { MAX_NONCE } from "../../bridge/core/interchange.ts";
import { SqliteSigningRecords } from "../../bridge/adapters/signing-records.ts";
import { UsageError } from "../../domain/errors.ts";
import { publicKey, type PublicKey } from "../../domain/ids.ts";

/** The options that name a signer's records. */
export type RecordsOptions = {
  readonly records: string;
  /** Whose they are, where the file is of the first version and does not say. */
  readonly validator?: PublicKey;
};

/** Reads a validator's public key. @throws UsageError `PUBLIC_KEY` */
export function readPublicKey(given: string): PublicKey {
  const parsed = publicKey.safeParse(given);
  if (parsed.success) return parsed.data;
  // Not repeated: it may be a secret key, by mistake.
  throw new UsageError(
    "PUBLIC_KEY",
    'That is no public key: expected 0x and 64 hexadecimal digits, as "dchat signer list" prints it. Nothing was done.',
  );
}

/** Reads a nonce. @throws UsageError `NONCE` */
export function readNonce(given: string): bigint {
  if (/^[1-9][0-9]{0,19}$/.test(given) && BigInt(given) <= MAX_NONCE) return BigInt(given);
  throw new UsageError(
    "NONCE",
    `"${given}" is no nonce. Nothing was done; write a whole number from 1 to 2^64 - 1.`,
  );
}

/** Opens records for one command. @param create make the file where there is none */
export function withRecords<T>(
  { records: file, validator }: RecordsOptions,
  create: boolean,
  work: (records: SqliteSigningRecords) => T,
): T {
  const records = new SqliteSigningRecords(file, { create, owner: validator });
  try {
    return work(records);
  } finally {
    records.close();
  }
}
