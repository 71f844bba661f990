import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { explain } from "../../domain/errors.ts";
import type { Path, Problem } from "./problems.ts";

/** Characters of a configuration file. */
const LONGEST_FILE = 1_048_576;

/**
 * A YAML text and the places in it. All scalars are read as the texts that they were written as, and the schema says what each must be: so
 * `severity: 007` and `on: yes` mean what they say, and not what a version of YAML makes of them.
 */
export class YamlSource {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly value: unknown;

  private constructor(document: Document.Parsed, lines: LineCounter, value: unknown) {
    this.#document = document;
    this.#lines = lines;
    this.value = value;
  }

  /** Reads a text, or says what is wrong with it as YAML. */
  static read(text: string): YamlSource | readonly Problem[] {
    const first = { line: 1, column: 1, key: "" };
    if (text.length > LONGEST_FILE)
      return [{ ...first, message: `the file has more than ${LONGEST_FILE} characters` }];
    try {
      return YamlSource.#parse(text);
    } catch (error) {
      // Aliases that grow without bound, or nesting that no stack holds.
      return [{ ...first, message: `this is no YAML that can be used: ${explain(error)}` }];
    }
  }

  static #parse(text: string): YamlSource | readonly Problem[] {
    const lines = new LineCounter();
    const document = parseDocument(text, {
      lineCounter: lines,
      schema: "failsafe",
      merge: true,
      stringKeys: true,
      prettyErrors: false,
    });
    const problems = [...document.errors, ...document.warnings].map(({ message, pos: [offset] }) => ({
      ...placeAt(lines, offset),
      key: "",
      message: `this is no YAML that can be used: ${message.split("\n")[0] ?? ""}`,
    }));
    if (problems.length > 0) return problems;
    return new YamlSource(document, lines, document.toJS({ maxAliasCount: 100 }));
  }

  /** Where a value stands; where it is missing, what should hold it. */
  placeOf(path: Path): { readonly line: number; readonly column: number } {
    return this.#walk(path, false);
  }

  /** Where a key stands. */
  placeOfKey(path: Path): { readonly line: number; readonly column: number } {
    return this.#walk(path, true);
  }

  #walk(path: Path, wantsKey: boolean): { readonly line: number; readonly column: number } {
    let node: Node | null | undefined = this.#document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, step] of path.entries()) {
      const next = this.#step(node, step);
      if (next === undefined) break;
      const isWantedKey = wantsKey && depth === path.length - 1;
      offset = (isWantedKey ? undefined : next.value?.range?.[0]) ?? next.key ?? offset;
      node = next.value;
    }
    return placeAt(this.#lines, offset);
  }

  #step(
    node: Node | null | undefined,
    step: string | number,
  ): { readonly key: number | undefined; readonly value: Node | undefined } | undefined {
    const at = isAlias(node) ? node.resolve(this.#document) : node;
    if (isSeq(at) && typeof step === "number") {
      const value = at.items[step];
      return isNode(value) ? { key: value.range?.[0], value } : undefined;
    }
    if (!isMap(at)) return undefined;
    const pair = at.items.find(({ key }) => isScalar(key) && key.value === step);
    if (pair === undefined) return undefined;
    const key = isNode(pair.key) ? pair.key.range?.[0] : undefined;
    return { key, value: isNode(pair.value) ? pair.value : undefined };
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function placeAt(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
