import { type Command, Option } from "commander";
import type { CommandContext, LocalContext } from "../context.ts";
import type { ImportOptions } from "./import.ts";
import type { NewKeystoreOptions } from "./keygen.ts";
import { readNonce, readPublicKey } from "./options.ts";
import type { ExportOptions } from "./protection-export.ts";
import type { ProtectionImportOptions } from "./protection-import.ts";
import type { RaiseOptions } from "./protection-raise.ts";

/** What commands are given when they run: with the network, or without where they need none. */
type Contexts = { readonly local: () => LocalContext; readonly full: () => CommandContext };

/** Adds `dchat signer …` to the program. Each command loads its code when it runs. */
export function addSignerCommands(dchat: Command, contexts: Contexts): void {
  const signer = dchat
    .command("signer")
    .description("a validator's keys, and the records of what they signed");
  addKeys(signer, contexts);
  addProtection(
    signer.command("protection").description("move the records of what validators signed, safely"),
    contexts,
  );
}

function addKeys(signer: Command, { local }: Contexts): void {
  withNewKeystore(signer.command("keygen"))
    .description("make a new key in an encrypted keystore")
    .action(async (options: NewKeystoreOptions) => (await import("./keygen.ts")).keygen(options, local()));
  withNewKeystore(signer.command("import"))
    .description("encrypt a plain key into a keystore")
    .option("--key-file <file>", "the file with the plain key: 0x and 64 hexadecimal digits")
    .option("--stdin", "read the plain key from standard input")
    .action(async (options: ImportOptions) => (await import("./import.ts")).importKey(options, local()));
  signer
    .command("list")
    .description("the public keys of the keystores in a folder")
    .argument("<folder>", "where the keystores are")
    .action(async (folder: string) => {
      (await import("./list.ts")).listKeystores(folder, local());
    });
}

function addProtection(protection: Command, { local, full }: Contexts): void {
  withRecords(protection.command("export"))
    .description("print what was signed, in the shape of EIP-3076")
    .option("--out <file>", "write it to this new file instead")
    .action(async (options: ExportOptions) => {
      (await import("./protection-export.ts")).exportProtection(options, local());
    });
  withRecords(protection.command("import"))
    .description("take over what was signed elsewhere, all of it or nothing")
    .argument("<file>", 'what "dchat signer protection export" printed; - reads standard input')
    .option("--foreign", "also take domains that the configured bridge does not have")
    .action(async (file: string, options: ProtectionImportOptions) =>
      (await import("./protection-import.ts")).importProtection(file, options, full()),
    );
  protection
    .command("raise")
    .description("sign nothing new at or below a nonce; for a validator whose records are lost or old")
    .requiredOption("--records <file>", "the signer's records; made if there are none")
    .requiredOption("--validator <public key>", "whose", readPublicKey)
    .requiredOption("--minimum-nonce <n>", "at least the highest nonce that it may have signed", readNonce)
    .option("--from <chain>", "only lanes from this chain")
    .option("--to <chain>", "only lanes to this chain")
    .action(async (options: RaiseOptions) => {
      (await import("./protection-raise.ts")).raiseProtection(options, full());
    });
}

function withNewKeystore(command: Command): Command {
  return command
    .requiredOption("--out <folder>", "where the keystore goes; never over another")
    .option(
      "--passphrase-file <file>",
      "the file with its pass-phrase; default: it is asked for on the terminal",
    )
    .addOption(
      new Option("--kdf <function>", "how the pass-phrase is made into a key")
        .choices(["scrypt", "pbkdf2"])
        .default("scrypt"),
    );
}

function withRecords(command: Command): Command {
  return command
    .requiredOption("--records <file>", "the signer's records: signing-records.sqlite")
    .option(
      "--validator <public key>",
      "whose they are; only for records of the first version, which do not say",
      readPublicKey,
    );
}
