import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { domainOf } from "../../domain/attestation.ts";
import { foreignDomains, type Interchange, interchangeSchema } from "../../bridge/core/interchange.ts";
import { explain, UsageError } from "../../domain/errors.ts";
import { chainsOf, type Network } from "../../domain/network.ts";
import type { CommandContext } from "../context.ts";
import { type RecordsOptions, withRecords } from "./options.ts";

/** The options of `dchat signer protection import`. */
export type ProtectionImportOptions = RecordsOptions & { readonly foreign?: true };

/** `dchat signer protection import`: takes over what was signed elsewhere, all of it or nothing. */
export async function importProtection(
  file: string,
  options: ProtectionImportOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const interchange = parseInterchange(await readDocument(file), file);
  if (options.foreign !== true) requireDomains(interchange, network, file);
  const { result, isNew } = withRecords(options, true, (records) => ({
    result: records.import(interchange),
    isNew: records.isNew,
  }));
  const validators = interchange.data.length;
  output.result(
    { records: options.records, isNew, validators, ...result },
    `imported into ${options.records}${isNew ? " (a new file)" : ""}: ${result.added} points are new, ${result.known} were known, ${result.closed} contradicted another and are closed for good\nOn each lane in it nothing new is signed at or below the highest nonce that is known.`,
  );
}

async function readDocument(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : readFileSync(file, "utf8");
  } catch (error) {
    throw refused(file, explain(error));
  }
}

function parseInterchange(document: string, file: string): Interchange {
  let json: unknown;
  try {
    json = JSON.parse(document);
  } catch {
    // The parser's own message quotes the text, which may be a key by mistake.
    throw refused(file, "it is no JSON");
  }
  const parsed = interchangeSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `  ${position(path)}: ${message}`);
  throw refused(file, `these places are wrong:\n${issues.join("\n")}\n`);
}

/** `data[0].signed_points[3].nonce` */
function position(path: readonly PropertyKey[]): string {
  const written = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return written.replace(/^\./, "") || "(the document)";
}

/** @throws UsageError `FOREIGN_DOMAIN` when a document is of another bridge than the configured one */
function requireDomains(interchange: Interchange, network: Network, file: string): void {
  const own = new Map(chainsOf(network).map(({ name, chainId, inbox }) => [domainOf(chainId, inbox), name]));
  const foreign = foreignDomains(interchange, new Set(own.keys()));
  if (foreign.length === 0) return;
  throw new UsageError(
    "FOREIGN_DOMAIN",
    `${file} speaks of the domain ${foreign.join(", ")}, which the configured bridge does not have (it has ${[...own].map(([domain, name]) => `${domain} for ${name}`).join(", ")}). Nothing was imported. Name this bridge's file or its configuration; if the domain is of an Inbox that was replaced, add --foreign.`,
  );
}

function refused(file: string, why: string): UsageError {
  return new UsageError(
    "INTERCHANGE",
    `${file === "-" ? "Standard input" : file} cannot be imported: ${why}. Nothing was imported, and the records are as they were. Export it again with "dchat signer protection export".`,
  );
}
