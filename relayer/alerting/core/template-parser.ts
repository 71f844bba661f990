import {
  type FormatPart,
  isPrintable,
  parseFormat,
  TEMPLATE_FUNCTIONS,
  type TemplateFunction,
} from "./template-functions.ts";
import { type Place, TemplateError, type Token, tokenize } from "./template-lexer.ts";
import {
  elementKind,
  fieldKind,
  fieldNames,
  integer,
  type Kind,
  KIND_NAMES,
  text,
  truth,
  type Value,
} from "./template-values.ts";

/** What gives a value. `kind` is known before it runs. */
export type Expression = { readonly kind: Kind; readonly place: Place } & (
  | { readonly is: "constant"; readonly value: Value }
  | { readonly is: "dot" | "root" }
  | { readonly is: "fields"; readonly of: Expression; readonly fields: readonly string[] }
  | {
      readonly is: "call";
      readonly name: string;
      readonly run: TemplateFunction["run"];
      readonly values: readonly Expression[];
    }
  | { readonly is: "printf"; readonly parts: readonly FormatPart[]; readonly values: readonly Expression[] }
);

/** A part of a template. */
export type Node =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "print"; readonly value: Expression }
  | {
      readonly is: "if" | "with" | "range";
      readonly value: Expression;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** How deep blocks and parentheses may be nested. */
const DEEPEST = 32;

/** Variables that stand for a field of the root, as Prometheus declares them before each template of a rule. */
const VARIABLES: Readonly<Record<string, string>> = {
  $labels: "Labels",
  $value: "Value",
  $externalLabels: "ExternalLabels",
};

const REFUSED_WORDS: Readonly<Record<string, string>> = {
  template:
    "templates cannot be called by name here; write the text itself, or leave the key out for the default text",
  define: "templates cannot be defined here; write the text where it is used",
  block: "templates cannot be defined here; write the text where it is used",
  break: "break is not supported",
  continue: "continue is not supported",
  nil: "nil is not supported",
  query: "templates cannot ask the database for other samples; make a rule of its own of it",
  match: "regular expressions are not supported in templates; route by matchers instead",
  reReplaceAll:
    "regular expressions are not supported in templates; write the label that you need into the rule",
  safeHtml: "values are always escaped; safeHtml is not supported",
};

/** Reads a template and checks it against what it will be given. @throws TemplateError at the first thing that is wrong */
export function parse(source: string, root: "sample" | "message"): readonly Node[] {
  return new Parser(tokenize(source), root).run();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #root: "sample" | "message";
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], root: "sample" | "message") {
    this.#tokens = tokens;
    this.#root = root;
  }

  run(): readonly Node[] {
    const { nodes, stop } = this.#nodes(this.#root);
    if (stop.kind !== "end")
      throw new TemplateError(`this ${stop.text} belongs to no if, with or range`, stop.place);
    return nodes;
  }

  /** Nodes up to the end, or to an `else` or `end` that it has just passed over. */
  #nodes(dot: Kind): { readonly nodes: readonly Node[]; readonly stop: Token } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === "end") return { nodes, stop: token };
      if (token.kind === "text") {
        nodes.push({ is: "text", text: token.text });
        continue;
      }
      const word = this.#peek();
      const name = word.kind === "word" ? word.text : "";
      if (name === "else" || name === "end") {
        this.#next();
        if (name === "end") this.#expectClose();
        return { nodes, stop: word };
      }
      nodes.push(
        name === "if" || name === "with" || name === "range" ? this.#block(name, dot) : this.#print(dot),
      );
    }
  }

  #print(dot: Kind): Node {
    const value = this.#pipeline(dot);
    this.#expectClose();
    if (!isPrintable(value.kind))
      throw new TemplateError(
        `this is ${KIND_NAMES[value.kind]}, which has no one way to be written; ${hintFor(value.kind)}`,
        value.place,
      );
    return { is: "print", value };
  }

  #block(is: "if" | "with" | "range", dot: Kind): Node {
    const { place } = this.#next();
    this.#deeper(place);
    const value = this.#pipeline(dot);
    this.#expectClose();
    const inner = this.#innerDot(is, value, dot);
    const { nodes: body, stop } = this.#nodes(inner);
    const otherwise = this.#otherwise(is, dot, stop, place);
    this.#depth -= 1;
    return { is, value, body, otherwise };
  }

  #innerDot(is: "if" | "with" | "range", value: Expression, dot: Kind): Kind {
    if (is === "if") return dot;
    if (is === "with") return value.kind;
    const inner = elementKind(value.kind);
    if (inner === undefined)
      throw new TemplateError(`range goes through lists, and this is ${KIND_NAMES[value.kind]}`, value.place);
    return inner;
  }

  #otherwise(is: "if" | "with" | "range", dot: Kind, stop: Token, place: Place): readonly Node[] {
    if (stop.kind === "end") throw new TemplateError(`this ${is} has no {{ end }}`, place);
    if (stop.text === "end") return [];
    const next = this.#peek();
    // {{ else if … }} is an if inside of the else, and shares its end.
    if (next.kind === "word" && (next.text === "if" || next.text === "with") && is !== "range")
      return [this.#block(next.text, dot)];
    this.#expectClose();
    const { nodes, stop: last } = this.#nodes(dot);
    if (last.kind === "end") throw new TemplateError(`this ${is} has no {{ end }}`, place);
    if (last.text !== "end") throw new TemplateError("a second else", last.place);
    return nodes;
  }

  /** A command, and what it is handed to by `|`. */
  #pipeline(dot: Kind): Expression {
    let value = this.#command(dot, undefined);
    while (this.#peek().kind === "pipe") {
      this.#next();
      value = this.#command(dot, value);
    }
    return value;
  }

  /** One function with its arguments, or one value. @param piped what stands before the `|`: the last argument */
  #command(dot: Kind, piped: Expression | undefined): Expression {
    const token = this.#peek();
    const isName = token.kind === "word" && token.text !== "true" && token.text !== "false";
    if (!isName) {
      const value = this.#operand(dot);
      if (piped !== undefined) throw new TemplateError("after | stands a function", token.place);
      if (!["close", "right", "pipe"].includes(this.#peek().kind))
        throw new TemplateError("only functions take arguments; expected | or }} here", this.#peek().place);
      return value;
    }
    this.#next();
    const values: Expression[] = [];
    while (!["close", "right", "pipe", "end"].includes(this.#peek().kind)) values.push(this.#operand(dot));
    if (piped !== undefined) values.push(piped);
    return call(token.text, values, token.place);
  }

  #operand(dot: Kind): Expression {
    const token = this.#next();
    const { place } = token;
    if (token.kind === "string") return { is: "constant", kind: "text", place, value: text(token.text) };
    if (token.kind === "number") return { is: "constant", place, ...numberFrom(token.text, place) };
    if (token.kind === "path") return this.#path(token, dot);
    if (token.kind === "left") return this.#parenthesized(dot, place);
    if (token.kind !== "word") throw new TemplateError(`expected a value, not ${token.text}`, place);
    if (token.text === "true" || token.text === "false")
      return { is: "constant", kind: "truth", place, value: truth(token.text === "true") };
    // A function as an argument is called without arguments of its own.
    return call(token.text, [], place);
  }

  #parenthesized(dot: Kind, place: Place): Expression {
    this.#deeper(place);
    const value = this.#pipeline(dot);
    const closing = this.#next();
    if (closing.kind !== "right") throw new TemplateError("expected )", closing.place);
    this.#depth -= 1;
    const next = this.#peek();
    if (next.kind !== "path" || next.start !== ")") return value;
    this.#next();
    return withFields(value, next.fields, next.place);
  }

  #path(token: Token & { readonly kind: "path" }, dot: Kind): Expression {
    const { start, fields, place } = token;
    if (start === "") return withFields({ is: "dot", kind: dot, place }, fields, place);
    const root = { is: "root", kind: this.#root, place } as const;
    if (start === "$") return withFields(root, fields, place);
    const field = Object.hasOwn(VARIABLES, start) ? VARIABLES[start] : undefined;
    if (field === undefined || this.#root !== "sample")
      throw new TemplateError(
        `there is no variable ${start}; ${this.#root === "sample" ? `there are ${Object.keys(VARIABLES).join(", ")}` : "messages have .CommonLabels, .GroupLabels, .Alerts and so on"}`,
        place,
      );
    return withFields(root, [field, ...fields], place);
  }

  #deeper(place: Place): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new TemplateError(`nested deeper than ${DEEPEST}`, place);
  }

  #expectClose(): void {
    const token = this.#next();
    if (token.kind !== "close") throw new TemplateError(`expected }}, not ${token.text}`, token.place);
  }

  #peek(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new RangeError("read past the end of a template");
    return token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#at += 1;
    return token;
  }
}

function withFields(of: Expression, fields: readonly string[], place: Place): Expression {
  if (fields.length === 0) return of;
  let kind = of.kind;
  for (const name of fields) {
    const next = fieldKind(kind, name);
    if (next === undefined) {
      const names = fieldNames(kind);
      throw new TemplateError(
        `${KIND_NAMES[kind]} has no field ${name}${names.length === 0 ? "" : `; it has ${names.join(", ")}`}`,
        place,
      );
    }
    kind = next;
  }
  return { is: "fields", kind, place, of, fields };
}

function call(name: string, values: readonly Expression[], place: Place): Expression {
  const kinds = values.map(({ kind }) => kind);
  if (name === "printf") return printf(values, place);
  const found = TEMPLATE_FUNCTIONS.get(name);
  if (found === undefined) {
    const hint = Object.hasOwn(REFUSED_WORDS, name) ? REFUSED_WORDS[name] : undefined;
    throw new TemplateError(
      hint ??
        `there is no function ${name}; there are ${[...TEMPLATE_FUNCTIONS.keys(), "printf"].join(", ")}`,
      place,
    );
  }
  const checked = found.check(kinds);
  if ("reason" in checked) throw new TemplateError(`${name}: ${checked.reason}`, place);
  return { is: "call", kind: checked.kind, place, name, run: found.run, values };
}

function printf([first, ...values]: readonly Expression[], place: Place): Expression {
  if (first?.is !== "constant" || first.value.kind !== "text")
    throw new TemplateError(
      'the format of printf is a text in the template itself: printf "%.2f" $value',
      place,
    );
  const parts = parseFormat(
    first.value.text,
    values.map(({ kind }) => kind),
  );
  if ("reason" in parts) throw new TemplateError(parts.reason, place);
  return { is: "printf", kind: "text", place, parts, values };
}

function numberFrom(written: string, place: Place): { readonly kind: Kind; readonly value: Value } {
  if (/^[+-]?0\d/.test(written))
    throw new TemplateError("a number must not begin with 0: Go would read it as octal", place);
  const number = Number(written);
  if (!/^[+-]?\d+$/.test(written)) return { kind: "float", value: { kind: "float", number } };
  if (!Number.isSafeInteger(number)) throw new TemplateError("this integer is too large", place);
  return { kind: "integer", value: integer(number) };
}

function hintFor(kind: Kind): string {
  if (kind === "labels") return "name one (.CommonLabels.severity), or go through .SortedPairs";
  if (kind === "map") return "name one, such as $labels.job";
  if (kind === "alerts") return "go through them with {{ range .Alerts }}…{{ end }}, or count them with len";
  if (kind === "texts") return 'join them: .Values | join ", "';
  return "name one of its fields";
}
