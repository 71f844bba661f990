import { interchangeSchema } from "../../bridge/core/interchange.ts";
import { explain, FatalError } from "../../domain/errors.ts";
import { writeNewFile } from "../../platform/secret-file.ts";
import type { LocalContext } from "../context.ts";
import { type RecordsOptions, withRecords } from "./options.ts";

/** The options of `dchat signer protection export`. */
export type ExportOptions = RecordsOptions & { readonly out?: string };

/** `dchat signer protection export`: what was signed, as a document that `import` takes. */
export function exportProtection({ out, ...options }: ExportOptions, { output }: LocalContext): void {
  const interchange = withRecords(options, false, (records) => records.export());
  const document = interchangeSchema.encode(interchange);
  const readable = JSON.stringify(document, null, 2);
  if (out === undefined) {
    output.result(document, readable);
    return;
  }
  try {
    writeNewFile(out, `${readable}\n`);
  } catch (error) {
    throw new FatalError(
      "EXPORT",
      `The export cannot be written to ${out}: ${explain(error)}. Nothing was written; name a new file in a folder that is writable.`,
    );
  }
  const validators = interchange.data.length;
  const points = interchange.data.reduce((sum, { signed_points: signed }) => sum + signed.length, 0);
  output.result(
    { file: out, validators, points },
    `exported ${points} points of ${validators} validators to ${out}\nStop this signer for good before another one starts from it.`,
  );
}
