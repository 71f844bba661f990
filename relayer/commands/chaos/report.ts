import { z } from "zod";
import { writeNewFile } from "../../platform/secret-file.ts";
import type { CommandContext } from "../context.ts";
import { ChaosClient } from "./client.ts";

/** The options of `dchat chaos report`. */
export type ReportOptions = { readonly format: "json" | "markdown" | "html"; readonly out?: string };

/** `dchat chaos report`: prints a report, or writes it to a file that is not there yet. */
export async function report(
  id: string,
  { format, out }: ReportOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const path = `/api/v1/runs/${encodeURIComponent(id)}/report?format=${format}`;
  const body = await new ChaosClient(network).get(path, z.unknown());
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  if (out === undefined) {
    output.result(body, text);
    return;
  }
  writeNewFile(out, text);
  output.result({ id, format, file: out }, `the report is in ${out}`);
}
