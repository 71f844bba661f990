import { parseDocument, stringify } from "yaml";
import type { z } from "zod";
import { ConfigurationError } from "../../domain/errors.ts";
import { type Experiment, experimentSchema } from "./experiment.ts";

/** The longest text that is read, in characters. */
const MOST_CHARACTERS = 1_048_576;
/** How often one anchor may be repeated in YAML: no text may become a thousand times as large by being read. */
const MOST_ALIASES = 100;

/**
 * Reads an experiment that was written in YAML, or in JSON, which YAML contains.
 * @param source where the text is from, for errors
 * @throws ConfigurationError `EXPERIMENT` with everything that is wrong and where
 */
export function parseExperiment(text: string, source: string): Experiment {
  return parseText(text, source, experimentSchema, "EXPERIMENT", "experiment");
}

/** An experiment as YAML, which {@link parseExperiment} reads again. */
export function printExperiment(experiment: Experiment): string {
  return stringify(experiment, { lineWidth: 120 });
}

/**
 * Reads a YAML or JSON text of any schema.
 * @throws ConfigurationError with `code`
 */
export function parseText<S extends z.ZodType>(
  text: string,
  source: string,
  schema: S,
  code: string,
  what: string,
): z.output<S> {
  const fail = (problems: readonly string[]) =>
    new ConfigurationError(
      code,
      `The ${what} in ${source} is wrong: ${problems.join("; ")}. Nothing was done.`,
    );
  if (text.length > MOST_CHARACTERS)
    throw fail([`it has ${text.length} characters, and ${MOST_CHARACTERS} is the most`]);
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0) throw fail(document.errors.map(({ message }) => message.trim()));
  const parsed = schema.safeParse(contentOf(() => document.toJS({ maxAliasCount: MOST_ALIASES }), fail));
  if (parsed.success) return parsed.data;
  throw fail(parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`));
}

function contentOf(read: () => unknown, fail: (problems: readonly string[]) => Error): unknown {
  try {
    return read();
  } catch (error) {
    throw error instanceof ReferenceError ? fail([error.message]) : error;
  }
}
