import { text } from "node:stream/consumers";
import { createKeystore } from "../../bridge/adapters/keystore-file.ts";
import { UsageError } from "../../domain/errors.ts";
import { parseKey, readKeyFile } from "../../platform/key-file.ts";
import type { LocalContext } from "../context.ts";
import type { NewKeystoreOptions } from "./keygen.ts";
import { newPassphrase } from "./passphrase.ts";

/** The options of `dchat signer import`. */
export type ImportOptions = NewKeystoreOptions & { readonly keyFile?: string; readonly stdin?: true };

/** `dchat signer import`: a plain key, encrypted into a keystore. */
export async function importKey(options: ImportOptions, { signal, output }: LocalContext): Promise<void> {
  const secret = await readSecret(options);
  const passphrase = await newPassphrase(options.passphraseFile, signal);
  const created = await createKeystore(options.out, secret, passphrase, { kdf: options.kdf });
  output.result(
    created,
    `created ${created.file}\n  public key  ${created.publicKey}\nDestroy the plain key now${options.keyFile === undefined ? "" : ` in ${options.keyFile}`}: it is still readable where it came from.`,
  );
}

async function readSecret({ keyFile, stdin }: ImportOptions): Promise<Uint8Array> {
  if (keyFile !== undefined && stdin === undefined) return readKeyFile(keyFile, "the validator");
  if (keyFile !== undefined || stdin === undefined)
    throw new UsageError(
      "USAGE",
      "The key comes from --key-file or from --stdin. Nothing was written; name one of them.",
    );
  const key = parseKey(await text(process.stdin));
  if (key !== undefined) return key;
  throw new UsageError(
    "KEY_FILE",
    "Standard input holds no key. Nothing was written; it must be 0x and 64 hexadecimal digits.",
  );
}
