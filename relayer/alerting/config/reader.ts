import { z } from "zod";
import { explain } from "../../domain/errors.ts";
import type { Matcher } from "../core/labels.ts";
import { Secret } from "../core/secret.ts";
import { keyOf, type Path, type Problem } from "./problems.ts";
import type { YamlSource } from "./yaml-source.ts";

/** Reads matchers in Alertmanager's syntax: the engine's `parseMatchers`. */
export type ParseMatchers = (
  text: string,
) => { readonly matchers: readonly Matcher[] } | { readonly problem: string; readonly offset: number };

/** What the configuration is read with. */
export type Readers = {
  readonly parseMatchers: ParseMatchers;
  /** Reads a file that only its owner may read. @param file as it stands in the configuration */
  readonly readSecret: (file: string) => string;
  /** Reads a file that holds no secret. @param file as it stands in the configuration */
  readonly readText: (file: string) => string;
};

/** Goes through a configuration and collects everything that is wrong with it, each with its place. */
export class Reader {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #source: YamlSource;
  readonly #readers: Readers;

  constructor(source: YamlSource, readers: Readers) {
    this.#source = source;
    this.#readers = readers;
  }

  problem(path: Path, message: string): void {
    this.problems.push({ ...this.#source.placeOf(path), key: keyOf(path), message });
  }

  warning(path: Path, message: string): void {
    this.warnings.push({ ...this.#source.placeOf(path), key: keyOf(path), message });
  }

  /** What a schema makes of a value; undefined after problems, which are noted. */
  parse<T extends z.ZodType>(schema: T, value: unknown, path: Path): z.output<T> | undefined {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) this.#issue(issue, path);
    // Keys that do not exist hide nothing else: the rest is read without them.
    const unknown = parsed.error.issues.filter((issue) => issue.code === "unrecognized_keys");
    if (unknown.length < parsed.error.issues.length) return undefined;
    return schema.safeParse(unknown.reduce(withoutKeys, value)).data;
  }

  /** The elements of a list, each with its path; none where it is left out or is no list, which is noted. */
  list(value: unknown, path: Path): readonly { readonly value: unknown; readonly path: Path }[] {
    if (value === undefined || value === "") return [];
    const items = z.array(z.unknown()).safeParse(value);
    if (!items.success) this.problem(path, "expected a list");
    return (items.data ?? []).map((item, i) => ({ value: item, path: [...path, i] }));
  }

  /** A secret that stands in a file of its own, or in the configuration itself, which is warned of; undefined where neither is given. */
  secret(key: string, inline: string | undefined, file: string | undefined, path: Path): Secret | undefined {
    if (inline !== undefined && file !== undefined) {
      this.problem([...path, key], `expected either ${key} or ${key}_file, not both`);
      return undefined;
    }
    if (inline !== undefined) {
      this.warning(
        [...path, key],
        `the secret stands in this file; move it into one that only its owner may read, and name that in ${key}_file`,
      );
      return new Secret(inline);
    }
    return file === undefined ? undefined : this.secretFile(`${key}_file`, file, path);
  }

  /** A secret out of a file that only its owner may read. */
  secretFile(key: string, file: string, path: Path): Secret | undefined {
    const text = this.#file(this.#readers.readSecret, key, file, path)?.trim();
    if (text === "") this.problem([...path, key], `${file} is empty`);
    return text === undefined || text === "" ? undefined : new Secret(text);
  }

  /** A file that holds no secret. */
  textFile(key: string, file: string, path: Path): string | undefined {
    return this.#file(this.#readers.readText, key, file, path);
  }

  matchers(texts: readonly string[] | undefined, path: Path): readonly Matcher[] {
    return (texts ?? []).flatMap((text, i) => this.#matchersOf(text, [...path, i]));
  }

  /** The old forms `match` and `match_re`. */
  pairs(
    pairs: Readonly<Record<string, string>> | undefined,
    operator: "=" | "=~",
    path: Path,
  ): readonly Matcher[] {
    return Object.entries(pairs ?? {}).flatMap(([name, value]) => {
      if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
        return this.#matchersOf(`${name}${operator}${quote(value)}`, [...path, name]);
      this.problem(
        [...path, name],
        "expected the name of a label: letters, digits and _, with no digit first",
      );
      return [];
    });
  }

  #matchersOf(text: string, path: Path): readonly Matcher[] {
    const parsed = this.#readers.parseMatchers(text);
    if ("matchers" in parsed) return parsed.matchers;
    this.problem(path, `${parsed.problem} (at character ${parsed.offset + 1} of ${text})`);
    return [];
  }

  #file(read: (file: string) => string, key: string, file: string, path: Path): string | undefined {
    try {
      return read(file);
    } catch (error) {
      this.problem([...path, key], `${file} cannot be read: ${explain(error)}`);
      return undefined;
    }
  }

  #issue(issue: z.core.$ZodIssue, path: Path): void {
    const at: Path = [...path, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
    if (issue.code !== "unrecognized_keys") {
      this.problem(at, issue.message);
      return;
    }
    // One line for each key; see `section`.
    const messages = issue.message.split("\n");
    for (const [i, key] of issue.keys.entries())
      this.problems.push({
        ...this.#source.placeOfKey([...at, key]),
        key: keyOf([...at, key]),
        message: messages[i] ?? issue.message,
      });
  }
}

function quote(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** A value without the keys that an issue complains of. */
function withoutKeys(
  value: unknown,
  issue: { readonly path: readonly PropertyKey[]; readonly keys: readonly string[] },
): unknown {
  const [step, ...rest] = issue.path;
  const items = z.array(z.unknown()).safeParse(value);
  const deeper = { path: rest, keys: issue.keys };
  if (items.success) return items.data.map((item, i) => (i === step ? withoutKeys(item, deeper) : item));
  const entries = Object.entries(z.record(z.string(), z.unknown()).safeParse(value).data ?? {});
  if (step !== undefined)
    return Object.fromEntries(
      entries.map(([key, item]) => [key, key === step ? withoutKeys(item, deeper) : item]),
    );
  return Object.fromEntries(entries.filter(([key]) => !issue.keys.includes(key)));
}
