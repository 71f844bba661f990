import { FatalError } from "../../domain/errors.ts";

/** A template that cannot be used. Line and column count from 1. */
export class TemplateError extends FatalError {
  readonly line: number;
  readonly column: number;
  /** What is wrong and how to mend it, without the place. */
  readonly reason: string;

  constructor(reason: string, { line, column }: Place) {
    super("TEMPLATE", `line ${line}, column ${column}: ${reason}`, { line, column });
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}

export type Place = { readonly line: number; readonly column: number };

type Spelled = { readonly text: string; readonly place: Place };

/** A piece of a template: text between actions, or one token inside of an action. */
export type Token =
  | ({ readonly kind: "text" } & Spelled)
  | ({ readonly kind: "open" | "close" | "end" } & Spelled)
  /** `text` is the string with its escapes undone. */
  | ({ readonly kind: "string" } & Spelled)
  | ({ readonly kind: "number" | "word" | "pipe" | "left" | "right" } & Spelled)
  /** A path that begins at the dot, at `$` or at a variable, such as `.Labels.x`; or that follows a `)`. */
  | ({ readonly kind: "path"; readonly start: string; readonly fields: readonly string[] } & Spelled);

/** Characters of a template; what is longer is no message. */
const LONGEST_SOURCE = 65_536;

const NAME = String.raw`[\p{L}_][\p{L}\p{Nd}_]*`;
const PATTERNS = {
  path: new RegExp(String.raw`(?<start>\$(?:${NAME})?|(?=\.))(?<fields>(?:\.${NAME})+|\.(?!\d)|)`, "uy"),
  word: new RegExp(NAME, "uy"),
  number: /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y,
  quoted: /"(?:[^"\\\n]|\\[^\n])*"/y,
  raw: /`[^`]*`/y,
  space: /[ \t\r\n]+/y,
  comment: /\/\*[^]*?\*\//y,
} as const;

/** Cuts a template into tokens, with Go's rules for `{{-` and `-}}`. @throws TemplateError */
export function tokenize(source: string): readonly Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;
  /** Whether the text after the last action begins with its spaces cut away. */
  #trims = false;

  constructor(source: string) {
    this.#source = source;
  }

  run(): readonly Token[] {
    if (this.#source.length > LONGEST_SOURCE)
      throw new TemplateError(`a template has at most ${LONGEST_SOURCE} characters`, { line: 1, column: 1 });
    while (this.#at < this.#source.length) {
      this.#text();
      if (this.#at < this.#source.length) this.#action();
    }
    this.#push({ kind: "end", text: "the end", place: this.#place() });
    return this.#tokens;
  }

  #text(): void {
    const open = this.#source.indexOf("{{", this.#at);
    const end = open === -1 ? this.#source.length : open;
    const place = this.#place();
    let text = this.#source.slice(this.#at, end);
    // Go knows these four spaces and no others.
    if (this.#trims) text = text.replace(/^[ \t\r\n]+/, "");
    if (/^\{\{-[ \t\r\n]/.test(this.#source.slice(end, end + 4))) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") this.#push({ kind: "text", text, place });
    this.#trims = false;
    this.#at = end;
  }

  #action(): void {
    const place = this.#place();
    this.#at += /^\{\{-[ \t\r\n]/.test(this.#source.slice(this.#at, this.#at + 4)) ? 3 : 2;
    const before = this.#at;
    this.#take(PATTERNS.space);
    if (this.#take(PATTERNS.comment) !== undefined) {
      this.#take(PATTERNS.space);
      if (!this.#closes()) throw new TemplateError("a comment ends with */}} or with */ -}}", place);
      return;
    }
    this.#at = before;
    this.#push({ kind: "open", text: "{{", place });
    for (;;) {
      const spaced = this.#take(PATTERNS.space) !== undefined;
      const end = this.#place();
      if (this.#closes()) {
        this.#push({ kind: "close", text: "}}", place: end });
        return;
      }
      if (this.#at >= this.#source.length) throw new TemplateError("this {{ has no }}", place);
      this.#token(spaced);
    }
  }

  /** Passes over `}}`, or `-}}` with a space before. */
  #closes(): boolean {
    const trims =
      this.#source.startsWith("-}}", this.#at) && /[ \t\r\n]/.test(this.#source[this.#at - 1] ?? "");
    if (!trims && !this.#source.startsWith("}}", this.#at)) return false;
    this.#at += trims ? 3 : 2;
    this.#trims = trims;
    return true;
  }

  #token(spaced: boolean): void {
    const place = this.#place();
    const previous = this.#tokens.at(-1);
    const next = this.#source[this.#at] ?? "";
    const simple = SIMPLE.get(next);
    if (simple !== undefined) {
      this.#at += 1;
      this.#push({ kind: simple, text: next, place });
      return;
    }
    const touches = !spaced && previous !== undefined && !["open", "left", "pipe"].includes(previous.kind);
    if (touches && !(next === "." && previous.kind === "right"))
      throw new TemplateError(/[,:=]/.test(next) ? this.#unknown() : "expected a space here", place);
    const text = this.#string(place);
    if (text !== undefined) {
      this.#push({ kind: "string", text, place });
      return;
    }
    const number = this.#take(PATTERNS.number);
    if (number !== undefined) {
      this.#push({ kind: "number", text: number, place });
      return;
    }
    this.#name(place, touches);
  }

  #name(place: Place, touches: boolean): void {
    PATTERNS.path.lastIndex = this.#at;
    const groups = PATTERNS.path.exec(this.#source)?.groups;
    if (groups !== undefined) {
      const [start = "", chain = ""] = [groups["start"], groups["fields"]];
      const text = start + chain;
      const fields = chain.split(".").filter((name) => name !== "");
      if ((touches || start !== "") && chain === ".")
        throw new TemplateError("expected a field's name", place);
      this.#at += text.length;
      this.#push({ kind: "path", text, place, start: touches ? ")" : start, fields });
      return;
    }
    const word = this.#take(PATTERNS.word);
    if (word === undefined) throw new TemplateError(this.#unknown(), place);
    this.#push({ kind: "word", text: word, place });
  }

  #unknown(): string {
    const rest = this.#source.slice(this.#at, this.#at + 12).split(/\s/)[0] ?? "";
    if (/^(:?=|,)/.test(rest))
      return "variables cannot be declared or set here; write the expression where it is used";
    if (rest.startsWith('"') || rest.startsWith("`")) return "this text has no end";
    if (rest.startsWith("'")) return 'a text stands between double quotes: "text"';
    return `"${rest}" is nothing that a template may have here`;
  }

  #string(place: Place): string | undefined {
    const raw = this.#take(PATTERNS.raw);
    if (raw !== undefined) return raw.slice(1, -1);
    const quoted = this.#take(PATTERNS.quoted);
    return quoted === undefined ? undefined : unescape(quoted.slice(1, -1), place);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #push(token: Token): void {
    this.#tokens.push(token);
  }

  #place(): Place {
    // Places are asked for in ascending order, so that each line is counted once.
    for (let next; (next = this.#source.indexOf("\n", this.#lineStart)) !== -1 && next < this.#at;) {
      this.#line += 1;
      this.#lineStart = next + 1;
    }
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }
}

const SIMPLE: ReadonlyMap<string, "pipe" | "left" | "right"> = new Map([
  ["|", "pipe"],
  ["(", "left"],
  [")", "right"],
]);

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

function unescape(text: string, place: Place): string {
  return text.replace(/\\(u([0-9a-fA-F]{4})|[^])/g, (_, escape: string, digits: string | undefined) => {
    if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
    const plain = ESCAPES[escape];
    if (plain === undefined)
      throw new TemplateError(
        `\\${escape} is not supported in texts; write \\n, \\t, \\r, \\", \\\\ or \\u1234`,
        place,
      );
    return plain;
  });
}
