import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError, explain, FatalError } from "../../domain/errors.ts";
import type { PublicKey } from "../../domain/ids.ts";
import { decryptKeystore, encryptKeystore, type Keystore, keystoreSchema } from "../../platform/keystore.ts";
import { writeNewFile } from "../../platform/secret-file.ts";
import { LocalSigningKey } from "./local-key.ts";

/** The most bytes that are read of what calls itself a keystore; real ones have about 1,000. */
const MAX_BYTES = 65_536;
const DESCRIPTION = "dchat validator, Ed25519 secret key (RFC 8032)";

/** How an encrypted key is made. */
export type KeystoreOptions = NonNullable<Parameters<typeof encryptKeystore>[3]>;

/** Reads a keystore, still encrypted. @throws ConfigurationError `KEYSTORE` */
export function readKeystore(file: string): Keystore {
  try {
    if (statSync(file).size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return parseKeystore(readFileSync(file, "utf8"));
  } catch (error) {
    throw unusable(file, explain(error));
  }
}

/**
 * Decrypts a keystore into the memory of this process; the file is only read.
 * @throws ConfigurationError `KEYSTORE` or `PASSPHRASE`
 */
export async function unlockKeystore(file: string, passphrase: string): Promise<LocalSigningKey> {
  const keystore = readKeystore(file);
  const secret = await decryptKeystore(keystore, passphrase);
  if (secret === undefined)
    throw new ConfigurationError(
      "PASSPHRASE",
      `The pass-phrase does not open the keystore ${file}, or the file was changed. Nothing was signed. Try the right pass-phrase, or restore the file.`,
    );
  if (secret.length !== 32)
    throw unusable(file, `its key has ${secret.length} bytes, and an Ed25519 key has 32`);
  const key = new LocalSigningKey(secret);
  // A keystore of another scheme (BLS, say) opens as well, but is not what its public key promises.
  if (keystore.pubkey?.toLowerCase() !== key.publicKey.slice(2))
    throw unusable(file, "the Ed25519 public key of its secret is not the pubkey that it names");
  return key;
}

/**
 * Encrypts a validator's key into a new file of `folder`, which is made where it is missing, named by the public key, and opens it again to be sure that it can be.
 * @returns the file
 * @throws FatalError `KEYSTORE_EXISTS` or `KEYSTORE`
 */
export async function createKeystore(
  folder: string,
  secret: Uint8Array,
  passphrase: string,
  options: KeystoreOptions = {},
): Promise<{ readonly file: string; readonly publicKey: PublicKey }> {
  const { publicKey } = new LocalSigningKey(secret);
  const pubkey = publicKey.slice(2);
  const file = join(folder, `keystore-${pubkey}.json`);
  const keystore = await encryptKeystore(secret, passphrase, { pubkey, description: DESCRIPTION }, options);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeNewFile(file, `${JSON.stringify(keystore, null, 2)}\n`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new FatalError(
        "KEYSTORE_EXISTS",
        `The keystore ${file} exists already, and is never overwritten. Nothing was written; name another folder, or use the keystore that is there.`,
      );
    throw new FatalError(
      "KEYSTORE",
      `The keystore ${file} cannot be written: ${explain(error)}. Nothing was written; name a folder that you may write to.`,
    );
  }
  await unlockKeystore(file, passphrase);
  return { file, publicKey };
}

function parseKeystore(text: string): Keystore {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a plain key by mistake.
    throw new Error("it is no JSON");
  }
  const parsed = keystoreSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not as EIP-2335 writes it"}`);
}

function unusable(file: string, why: string): ConfigurationError {
  return new ConfigurationError(
    "KEYSTORE",
    `The keystore ${file} cannot be used: ${why}. Nothing was signed. Name a keystore that "dchat signer keygen" or "dchat signer import" made.`,
  );
}
