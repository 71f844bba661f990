import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readKeystore } from "../../bridge/adapters/keystore-file.ts";
import { explain, UsageError } from "../../domain/errors.ts";
import type { LocalContext } from "../context.ts";

/** `dchat signer list`: whose keys are in a folder; nothing is decrypted. */
export function listKeystores(folder: string, { output }: LocalContext): void {
  const keystores: { publicKey: string; file: string; kdf: string; description: string }[] = [];
  const unreadable: { file: string; why: string }[] = [];
  for (const file of jsonFiles(folder)) {
    try {
      const { pubkey, description, crypto } = readKeystore(file);
      const publicKey = `0x${pubkey?.toLowerCase() ?? ""}`;
      keystores.push({ publicKey, file, kdf: crypto.kdf.function, description: description ?? "" });
    } catch (error) {
      unreadable.push({ file, why: explain(error) });
    }
  }
  const lines = [
    ...keystores.map(({ publicKey, file, kdf }) => `${publicKey}  ${kdf}  ${file}`),
    ...unreadable.map(({ why }) => why),
  ];
  output.result(
    { keystores, unreadable },
    lines.length === 0 ? `no keystores in ${folder}` : lines.join("\n"),
  );
}

function jsonFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw new UsageError(
      "FOLDER",
      `The folder ${folder} cannot be read: ${explain(error)}. Nothing was done; name the folder that holds the keystores.`,
    );
  }
}
