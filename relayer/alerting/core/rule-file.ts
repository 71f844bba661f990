import { createHash } from "node:crypto";
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { parseDuration } from "./duration.ts";
import { METRIC_NAME, parseExpression } from "./promql.ts";
import type { ParsedRules, Rule, RuleGroup, RuleProblem, RuleTexts } from "./rules.ts";
import { offsetInScalar } from "./scalar-place.ts";
import { parseRuleTemplate, TemplateError } from "./template.ts";

/** How long a rule file may be, in UTF-16 units: ten thousand rules with room to spare. */
const MOST_LENGTH = 16 * 1024 * 1024;
const GROUP_KEYS = ["name", "interval", "limit", "labels", "rules", "query_offset"];
const RULE_KEYS = ["alert", "expr", "for", "keep_firing_for", "labels", "annotations"];
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Reads a Prometheus rule file. Whatever is wrong with it is told with line, column, key and mend, all of it at once, and nothing of the
 * file is used then.
 * @param file its name, for what is told
 */
export function parseRuleFile(file: string, text: string): ParsedRules {
  const reader = new RuleFileReader(file, text);
  const groups = reader.read();
  const [first, ...more] = reader.problems;
  return first === undefined ? { groups } : { problems: [first, ...more] };
}

type Fields = ReadonlyMap<string, { readonly key: Node; readonly value: Node | null }>;

class RuleFileReader {
  readonly problems: RuleProblem[] = [];
  readonly #file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(): readonly RuleGroup[] {
    if (this.#text.length > MOST_LENGTH) {
      this.#tell("file", undefined, `It is longer than ${MOST_LENGTH} characters. Divide it.`);
      return [];
    }
    const document = parseDocument(this.#text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      maxAliasCount: 0,
    } as object);
    for (const error of document.errors)
      this.#tellAt("file", error.pos[0], `It is no YAML: ${error.message}`);
    if (document.errors.length > 0) return [];
    const contents: ParsedNode | null = document.contents;
    if (contents === null) return [];
    const top = this.#fields(contents, "file", ["groups"]);
    const groups = top?.get("groups")?.value;
    if (top === undefined || groups === undefined || groups === null) return [];
    const names = new Set<string>();
    return this.#items(groups, "groups").flatMap((node, index) => {
      const group = this.#group(node, `groups[${index}]`);
      if (group === undefined) return [];
      if (names.has(group.name))
        this.#tell(
          `groups[${index}].name`,
          node,
          `There is another group ${group.name} in this file. Give each a name of its own.`,
        );
      names.add(group.name);
      return [group];
    });
  }

  #group(node: Node | null, path: string): RuleGroup | undefined {
    const fields = this.#fields(node, path, GROUP_KEYS);
    if (fields === undefined) return undefined;
    const name = this.#required(fields, node, path, "name") ?? "";
    const interval = this.#duration(fields, path, "interval");
    if (fields.has("query_offset"))
      this.#tell(
        `${path}.query_offset`,
        fields.get("query_offset")?.key,
        "Alerting always reads the newest samples. Take query_offset away.",
      );
    const labels = this.#texts(fields, path, "labels");
    const rules = fields.get("rules")?.value;
    const items = rules === undefined || rules === null ? [] : this.#items(rules, `${path}.rules`);
    return {
      name,
      file: this.#file,
      interval: interval === 0 ? undefined : interval,
      limit: this.#limit(fields, path),
      rules: items.flatMap((item, index) => this.#rule(item, `${path}.rules[${index}]`, name, labels) ?? []),
    };
  }

  #limit(fields: Fields, path: string): number {
    const text = this.#textOf(fields, path, "limit");
    if (text === undefined) return 0;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    this.#tell(`${path}.limit`, fields.get("limit")?.value, "It has to be a whole number, 0 for no limit.");
    return 0;
  }

  #rule(node: Node | null, path: string, group: string, groupLabels: RuleTexts): Rule | undefined {
    if (isMap(node) && node.has("record")) {
      this.#tell(
        `${path}.record`,
        node,
        `The rule ${String(node.get("record"))} records a metric, and alerting evaluates alerts only. Leave it with Prometheus, and take it out of this file.`,
      );
      return undefined;
    }
    const fields = this.#fields(node, path, RULE_KEYS);
    if (fields === undefined) return undefined;
    const alert = this.#required(fields, node, path, "alert");
    const expressionText = this.#required(fields, node, path, "expr");
    const expression =
      expressionText === undefined ? undefined : this.#expression(fields, path, expressionText);
    const labels = { ...groupLabels, ...this.#texts(fields, path, "labels") };
    const annotations = this.#texts(fields, path, "annotations");
    const timing = {
      for: this.#duration(fields, path, "for") ?? 0,
      keepFiringFor: this.#duration(fields, path, "keep_firing_for") ?? 0,
    };
    if (alert === undefined || expression === undefined || expressionText === undefined) return undefined;
    const written = Object.entries(labels).map(([name, { text }]) => [name, text] as const);
    const id = ruleId([group, alert, expressionText, JSON.stringify(written.sort())]);
    return { id, alert, expression, expressionText, ...timing, labels, annotations };
  }

  #expression(fields: Fields, path: string, text: string) {
    const parsed = parseExpression(text);
    if ("expression" in parsed) return parsed.expression;
    const { line, column, problem } = parsed;
    const said = `${problem} (line ${line}, column ${column} of the expression)`;
    this.#tellInside(`${path}.expr`, fields.get("expr")?.value, { text, line, column }, said);
    return undefined;
  }

  /** Labels or annotations: each is a template. */
  #texts(fields: Fields, path: string, key: string): RuleTexts {
    const node = fields.get(key)?.value;
    if (node === undefined || node === null) return {};
    const texts: Record<string, RuleTexts[string]> = {};
    for (const [name, { key: keyNode, value }] of this.#fields(node, `${path}.${key}`, undefined) ?? []) {
      const text = this.#scalar(value, `${path}.${key}.${name}`);
      if (!LABEL_NAME.test(name) || name === METRIC_NAME || (key === "labels" && name === "alertname"))
        this.#tell(
          `${path}.${key}.${name}`,
          keyNode,
          `${JSON.stringify(name)} may not be set here. Names are letters, digits and _; alertname and ${METRIC_NAME} are set by the rule itself.`,
        );
      else if (text !== undefined) {
        const template = this.#template(text, `${path}.${key}.${name}`, value);
        if (template !== undefined) texts[name] = { text, template };
      }
    }
    return texts;
  }

  #template(text: string, path: string, node: Node | null) {
    try {
      return parseRuleTemplate(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { line, column, reason } = error;
      const said = `${reason} (line ${line}, column ${column} of the template)`;
      this.#tellInside(path, node, { text, line, column }, said);
      return undefined;
    }
  }

  #duration(fields: Fields, path: string, key: string): number | undefined {
    const text = this.#textOf(fields, path, key);
    if (text === undefined) return undefined;
    const duration = parseDuration(text);
    if (duration === undefined)
      this.#tell(
        `${path}.${key}`,
        fields.get(key)?.value,
        `${JSON.stringify(text)} is no duration. Write it as 30s, 5m, 1h30m.`,
      );
    return duration;
  }

  #required(fields: Fields, node: Node | null, path: string, key: string): string | undefined {
    const text = this.#textOf(fields, path, key);
    if (text !== undefined && text.trim() !== "") return text;
    if (!fields.has(key) || text !== undefined)
      this.#tell(`${path}.${key}`, node, `${key} is missing. Add it.`);
    return undefined;
  }

  #textOf(fields: Fields, path: string, key: string): string | undefined {
    const value = fields.get(key)?.value;
    return value === undefined || value === null ? undefined : this.#scalar(value, `${path}.${key}`);
  }

  /** The text of a scalar as it was written: `1e3` and `on` mean themselves here. */
  #scalar(node: Node | null, path: string): string | undefined {
    if (isScalar(node))
      return node.value === null ? "" : typeof node.value === "string" ? node.value : (node.source ?? "");
    this.#tell(path, node, "It has to be a text.");
    return undefined;
  }

  #items(node: Node, path: string): readonly (Node | null)[] {
    if (isSeq<Node | null>(node)) return node.items;
    this.#tell(path, node, "It has to be a list: each item on a line of its own, after a dash.");
    return [];
  }

  /** The fields of a mapping. @param known those that there may be; undefined: any */
  #fields(node: Node | null, path: string, known: readonly string[] | undefined): Fields | undefined {
    if (!isMap(node)) {
      this.#tell(
        path,
        node,
        `It has to be a mapping${known === undefined ? "" : ` with ${known.join(", ")}`}.`,
      );
      return undefined;
    }
    const fields = new Map<string, { readonly key: Node; readonly value: Node | null }>();
    for (const { key, value } of (node as YAMLMap<Node, Node | null>).items) {
      const name = isScalar(key) ? String(key.value) : "?";
      if (known?.includes(name) === false)
        this.#tell(`${path}.${name}`, key, `There is no such key. Known are ${known.join(", ")}.`);
      else fields.set(name, { key, value });
    }
    return fields;
  }

  #tell(key: string, node: Node | null | undefined, problem: string): void {
    this.#tellAt(key, node?.range?.[0] ?? 0, problem);
  }

  /** Tells of a place inside a scalar's text. @param place line and column in it, from 1 */
  #tellInside(
    key: string,
    node: Node | null | undefined,
    { text, line, column }: { readonly text: string; readonly line: number; readonly column: number },
    problem: string,
  ): void {
    const before = text.split("\n").slice(0, line - 1);
    const at = before.reduce((sum, each) => sum + each.length + 1, column - 1);
    const offset = isScalar(node) ? offsetInScalar(node, this.#text, at) : undefined;
    if (offset === undefined) this.#tell(key, node, problem);
    else this.#tellAt(key, offset, problem);
  }

  #tellAt(key: string, offset: number, problem: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ file: this.#file, line: Math.max(1, line), column: Math.max(1, col), key, problem });
  }
}

/** Sixteen hexadecimal digits. */
function ruleId(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
