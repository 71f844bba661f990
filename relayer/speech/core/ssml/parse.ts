import { SaxesParser, type SaxesTagPlain } from "saxes";
import { checkElement, checkText, type Complaint } from "./check.ts";
import {
  type Item,
  PLAIN_STYLE,
  type Problem,
  SSML_LIMITS,
  type SsmlLimits,
  type Style,
} from "./document.ts";
import { sayAsOf, styleInside } from "./style.ts";
import { readDuration, readStrength } from "./values.ts";

/** A document that may be spoken, or why it may not. */
export type Parsed =
  | { readonly items: readonly Item[]; readonly language: string | undefined; readonly problems: readonly [] }
  | { readonly items: undefined; readonly problems: readonly Problem[] };

/** After so many problems a document is not read any further. */
const MOST_PROBLEMS = 20;
/** How many characters are read before the problems found are looked at: bounds the work on a hostile document. */
const CHUNK = 4_096;

/**
 * Reads an SSML 1.1 document in one pass. There is no DTD, no entity but XML's five, and nothing external; size, depth, number and
 * duration are bounded, so that a hostile document costs no more than an honest one of the same size.
 * @returns everything that is wrong, up to 20 problems, or what is to be said
 */
export function parseSsml(source: string, limits: SsmlLimits = SSML_LIMITS): Parsed {
  if (source.length > limits.mostSize)
    return refused({
      line: 1,
      column: 1,
      message: `the document has ${source.length} characters; at most ${limits.mostSize} are read`,
      allowed: [],
    });
  if (!source.isWellFormed()) return refused(loneSurrogate(source));
  const reader = new Reader(limits);
  for (let at = 0; at < source.length && !reader.isOver; at += CHUNK)
    reader.write(source.slice(at, at + CHUNK));
  return reader.end();
}

function refused(...problems: readonly Problem[]): Parsed {
  return { items: undefined, problems };
}

function loneSurrogate(source: string): Problem {
  const before = source.slice(
    0,
    source.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/),
  );
  return {
    line: before.split("\n").length,
    column: before.length - before.lastIndexOf("\n"),
    message: "half of a surrogate pair is no character",
    allowed: [],
  };
}

/** An element that is open. */
type Open = { readonly name: string; readonly style: Style; readonly isUnknown: boolean };

class Reader {
  readonly #xml = new SaxesParser();
  readonly #limits: SsmlLimits;
  readonly #items: Item[] = [];
  readonly #problems: Problem[] = [];
  readonly #open: Open[] = [];
  readonly #ids = new Set<string>();
  #isInNamespace = false;
  #language: string | undefined;
  #elements = 0;
  #spoken = 0;
  #silence = 0;
  #sayAs: Extract<Item, { readonly kind: "text" }>["sayAs"];
  /** What is said instead of the text inside `sub`. */
  #alias: string | undefined;
  #tag = { line: 1, column: 1 };
  /** Nothing after this can be trusted, or it would be too much. */
  isOver = false;

  constructor(limits: SsmlLimits) {
    this.#limits = limits;
    this.#xml.on("error", ({ message }) => {
      // saxes puts the position in front of its message.
      this.#stop(`this is no well-formed XML: ${message.replace(/^\d+:\d+: /, "")}`);
    });
    this.#xml.on("doctype", () => {
      this.#stop("a DOCTYPE is refused: no DTD and no entities but &amp; &lt; &gt; &quot; &apos; are read");
    });
    this.#xml.on("processinginstruction", () => {
      this.#complain({ message: "processing instructions are refused" }, this.#here());
    });
    this.#xml.on("opentagstart", ({ name }) => {
      const { line, column } = this.#here();
      this.#tag = { line, column: Math.max(1, column - name.length - 1) };
    });
    this.#xml.on("opentag", (tag) => {
      if (!this.isOver) this.#enter(tag);
    });
    this.#xml.on("closetag", () => {
      if (!this.isOver) this.#leave();
    });
    const onText = (text: string) => {
      if (!this.isOver) this.#text(text);
    };
    this.#xml.on("text", onText);
    this.#xml.on("cdata", onText);
  }

  write(chunk: string): void {
    this.#xml.write(chunk);
  }

  end(): Parsed {
    if (!this.isOver) this.#xml.close();
    if (this.#problems.length > 0) return refused(...this.#problems);
    return { items: this.#items, language: this.#language, problems: [] };
  }

  #enter({ name, attributes }: SaxesTagPlain): void {
    const parent = this.#open.at(-1);
    if (++this.#elements > this.#limits.mostElements) {
      this.#stop(`more than ${this.#limits.mostElements} elements are not read`);
      return;
    }
    if (this.#open.length >= this.#limits.mostDepth) {
      this.#stop(`elements more than ${this.#limits.mostDepth} deep inside each other are not read`);
      return;
    }
    if (parent === undefined) this.#isInNamespace = attributes["xmlns"] !== undefined;
    const complaints = parent?.isUnknown
      ? []
      : checkElement(name, attributes, {
          parent: parent?.name,
          isInNamespace: this.#isInNamespace,
          ids: this.#ids,
        });
    for (const complaint of complaints) this.#complain(complaint, this.#tag);
    // What stands in an element that is refused is not judged: its children would all be wrong, too.
    const isUnknown = parent?.isUnknown === true || complaints.some(({ isAboutElement }) => isAboutElement);
    const style = complaints.length > 0 ? PLAIN_STYLE : styleInside(name, attributes, parent?.style);
    this.#open.push({ name, style, isUnknown });
    if (complaints.length === 0) this.#begin(name, attributes);
  }

  #begin(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "speak") this.#language = attributes["xml:lang"];
    else if (name === "p") this.#items.push({ kind: "edge", of: "paragraph" });
    else if (name === "s") this.#items.push({ kind: "edge", of: "sentence" });
    else if (name === "break") this.#break(attributes);
    else if (name === "mark") this.#items.push({ kind: "mark", name: attributes["name"] ?? "" });
    else if (name === "say-as") this.#sayAs = sayAsOf(attributes);
    else if (name === "sub") this.#alias = attributes["alias"];
  }

  #break({ time, strength }: Readonly<Record<string, string>>): void {
    const asked = time === undefined ? undefined : readDuration(time);
    const milliseconds = asked ?? readStrength(strength ?? "medium") ?? 0;
    const { mostBreakMilliseconds, mostSilenceMilliseconds } = this.#limits;
    this.#silence += milliseconds;
    if (milliseconds > mostBreakMilliseconds) {
      const allowed = [`at most ${mostBreakMilliseconds}ms`];
      const message = `<break time="${(time ?? "").slice(0, 40)}"> is too long`;
      this.#complain({ message, allowed }, this.#tag);
    } else if (this.#silence > mostSilenceMilliseconds)
      this.#stop(`breaks of more than ${mostSilenceMilliseconds} ms together are not made`);
    else this.#items.push({ kind: "break", milliseconds });
  }

  #text(text: string): void {
    const open = this.#open.at(-1);
    if (open === undefined || open.isUnknown) return;
    const complaint = checkText(open.name, text);
    if (complaint !== undefined) this.#complain(complaint, this.#here());
    else if (this.#alias === undefined) this.#say(text, open.style);
  }

  #say(text: string, style: Style): void {
    this.#spoken += text.length;
    if (this.#spoken > this.#limits.mostSpoken) {
      this.#stop(`more than ${this.#limits.mostSpoken} characters are not spoken`);
      return;
    }
    this.#items.push({ kind: "text", text, style, sayAs: this.#sayAs });
  }

  #leave(): void {
    const open = this.#open.pop();
    if (open === undefined || open.isUnknown) return;
    const { name, style } = open;
    if (name === "p" || name === "s")
      this.#items.push({ kind: "edge", of: name === "p" ? "paragraph" : "sentence" });
    else if (name === "say-as") this.#sayAs = undefined;
    else if (name === "sub" && this.#alias !== undefined) {
      this.#say(this.#alias, style);
      this.#alias = undefined;
    }
  }

  #here(): { readonly line: number; readonly column: number } {
    return { line: this.#xml.line, column: Math.max(1, this.#xml.column) };
  }

  #complain({ message, allowed = [] }: Complaint, { line, column }: { line: number; column: number }): void {
    if (this.isOver) return;
    this.#problems.push({ line, column, message, allowed });
    if (this.#problems.length >= MOST_PROBLEMS) this.isOver = true;
  }

  #stop(message: string): void {
    this.#complain({ message }, this.#here());
    this.isOver = true;
  }
}
