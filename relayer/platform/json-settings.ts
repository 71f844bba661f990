import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigurationError, explain } from "../domain/errors.ts";

/** A JSON object whose keys nobody has looked at yet. */
export type Raw = Record<string, unknown>;

/**
 * Reads a file that holds a JSON object.
 * @param what what the file is, such as "The configuration file"
 * @param hint what to do instead, a sentence
 * @throws ConfigurationError `CONFIGURATION`
 */
export function readJsonObject(file: string, what: string, hint: string): Raw {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new ConfigurationError(
      "CONFIGURATION",
      `${what} ${file} cannot be read as a JSON object: ${explain(error)}. ${hint}`,
    );
  }
}

/**
 * Holds what a file says against its schema.
 * @param what what the file is, such as "The configuration"
 * @throws ConfigurationError `CONFIGURATION`, naming each key, what it was and what is right
 */
export function parseSettings<T>(schema: z.ZodType<T>, raw: Raw, what: string, file: string): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `  ${nameOf(issue)}: ${issue.message}${found(raw, issue.path)}`,
  );
  throw new ConfigurationError(
    "CONFIGURATION",
    `${what} in ${file} cannot be used; mend these keys and start again:\n${lines.join("\n")}`,
  );
}

/** The value as an object; an empty one for anything else, which the schema will refuse. */
export function asRecord(value: unknown): Raw {
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  return record.success ? record.data : {};
}

function nameOf({ path, code, ...issue }: z.core.$ZodIssue): string {
  const extra = code === "unrecognized_keys" && "keys" in issue ? issue.keys : [];
  return [...path, ...extra].map(String).join(".") || "(the file)";
}

/** What stands at a key now, shortened; passwords inside URLs are hidden. */
function found(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (at, key) => (Array.isArray(at) ? (at as unknown[])[Number(key)] : asRecord(at)[String(key)]),
    raw,
  );
  if (value === undefined) return ", but it is missing";
  const text = JSON.stringify(value).replace(/\/\/[^@/"]*@/g, "//…@");
  return `, but it is ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}
