import { randomBytes } from "node:crypto";
import { createKeystore, type KeystoreOptions } from "../../bridge/adapters/keystore-file.ts";
import type { LocalContext } from "../context.ts";
import { newPassphrase } from "./passphrase.ts";

/** The options of commands that make a keystore. */
export type NewKeystoreOptions = Required<Pick<KeystoreOptions, "kdf">> & {
  readonly out: string;
  readonly passphraseFile?: string;
};

/** `dchat signer keygen`: a new key, which stands nowhere but in its keystore. */
export async function keygen(options: NewKeystoreOptions, { signal, output }: LocalContext): Promise<void> {
  const passphrase = await newPassphrase(options.passphraseFile, signal);
  const created = await createKeystore(options.out, randomBytes(32), passphrase, { kdf: options.kdf });
  output.result(
    created,
    `created ${created.file}\n  public key  ${created.publicKey}\nKeep a copy of the file and, elsewhere, the pass-phrase: nobody can restore either.`,
  );
}
