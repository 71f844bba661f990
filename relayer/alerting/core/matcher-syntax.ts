import { explain } from "../../domain/errors.ts";
import { unquoteGo } from "./go-string.ts";
import type { Matcher } from "./labels.ts";
import { compileMatcher } from "./matchers.ts";

/** Matchers, or what is wrong with the text and where (from 0, in UTF-16 units). */
export type ParsedMatchers =
  { readonly matchers: readonly Matcher[] } | { readonly problem: string; readonly offset: number };

/** The syntax before Alertmanager 0.27: names of letters, digits, `_` and `:`. */
const CLASSIC =
  /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([\s\S]*?)[\t\n\f\r ]*$/;
const OPERATOR = /^(?:=~|!=|!~|=)/;
/** What ends an unquoted name or value in the UTF-8 syntax. */
const RESERVED = /[\s{}!=~,\\"'`]/u;
const QUOTED = /^"(?:[^"\\]|\\[\s\S])*"/;

/**
 * Reads matchers as Alertmanager does: one or many, with or without braces, `foo="bar", baz!~"a|b"`. Where the classic syntax and that
 * of UTF-8 disagree, the classic one holds, as in Alertmanager's fallback mode; the other one adds names and values in quotes
 * with all of Go's escapes.
 *
 * Source: `pkg/labels/parse.go` and `matcher/parse` of Alertmanager 0.28.
 */
export function parseMatchers(text: string): ParsedMatchers {
  const classic = parseClassic(text);
  if ("matchers" in classic) return checked(classic.matchers);
  const modern = new Utf8Parser(text).parse();
  return "matchers" in modern ? checked(modern.matchers) : modern;
}

function checked(matchers: readonly Matcher[]): ParsedMatchers {
  for (const matcher of matchers)
    try {
      compileMatcher(matcher);
    } catch (error) {
      return { problem: `${matcher.name}${matcher.operator}: ${explain(error)}`, offset: 0 };
    }
  return { matchers };
}

function parseClassic(text: string): ParsedMatchers {
  const matchers: Matcher[] = [];
  for (const token of classicTokens(text)) {
    const [, name = "", operator = "", raw = ""] = CLASSIC.exec(token) ?? [];
    const value = unescapeClassic(raw);
    if (!isOperator(operator) || value === undefined)
      return { problem: `${token} is no matcher`, offset: text.indexOf(token) };
    matchers.push({ name, operator, value });
  }
  return { matchers };
}

/** What stands between the commas that are in no quotes. */
function classicTokens(text: string): readonly string[] {
  const body = text.replace(/^\{/, "").replace(/\}$/, "");
  const tokens: string[] = [];
  let [token, isQuoted, isEscaped] = ["", false, false];
  for (const character of body) {
    if (character === "," && !isQuoted) {
      tokens.push(token);
      token = "";
      continue;
    }
    if (character === '"' && !isEscaped) isQuoted = !isQuoted;
    isEscaped = character === "\\" && !isEscaped;
    token += character;
  }
  if (token.trim() !== "") tokens.push(token.trim());
  return tokens;
}

/** A backslash before anything but `n`, `"` and itself is meant as one: patterns are full of them. */
function unescapeClassic(raw: string): string | undefined {
  const isQuoted = raw.startsWith('"');
  const body = isQuoted ? raw.slice(1) : raw;
  const closed = /^((?:[^"\\]|\\[\s\S])*)("?)$/.exec(body) ?? /^((?:[^"\\]|\\[\s\S])*\\)()$/.exec(body);
  if (closed === null || (closed[2] === '"') !== isQuoted) return undefined;
  return (closed[1] ?? "").replace(/\\([n"\\])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

function isOperator(text: string): text is Matcher["operator"] {
  return text === "=" || text === "!=" || text === "=~" || text === "!~";
}

/** The syntax since Alertmanager 0.27. */
class Utf8Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedMatchers {
    const isOpen = this.#take("{");
    const matchers: Matcher[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#at === this.#text.length || this.#text[this.#at] === "}") break;
      const matcher = this.#matcher();
      if (typeof matcher === "string") return this.#fail(matcher);
      matchers.push(matcher);
      if (!this.#take(",")) break;
    }
    const isClosed = this.#take("}");
    if (isOpen !== isClosed) return this.#fail(isOpen ? "expected }" : "} without {");
    this.#skipSpace();
    return this.#at === this.#text.length ? { matchers } : this.#fail("expected a comma or the end");
  }

  #matcher(): Matcher | string {
    const name = this.#word();
    if (name === undefined || name === "") return "expected the name of a label";
    this.#skipSpace();
    const [operator = ""] = OPERATOR.exec(this.#text.slice(this.#at)) ?? [];
    if (!isOperator(operator)) return "expected one of = != =~ !~";
    this.#at += operator.length;
    const value = this.#word();
    return value === undefined ? "expected a value, in double quotes" : { name, operator, value };
  }

  /** A name or a value, in quotes or without. */
  #word(): string | undefined {
    this.#skipSpace();
    const rest = this.#text.slice(this.#at);
    if (rest.startsWith('"')) {
      const [quoted] = QUOTED.exec(rest) ?? [];
      const word = quoted === undefined ? undefined : unquoteGo(quoted);
      if (word !== undefined) this.#at += quoted?.length ?? 0;
      return word;
    }
    const end = rest.search(RESERVED);
    const word = end === -1 ? rest : rest.slice(0, end);
    this.#at += word.length;
    return word === "" ? undefined : word;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (/\s/u.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #fail(problem: string): ParsedMatchers {
    return { problem: `${problem}, at character ${this.#at + 1}`, offset: this.#at };
  }
}
