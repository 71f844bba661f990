import { FatalError } from "../../domain/errors.ts";
import type { UtteranceRequest } from "../../domain/speech-jobs.ts";
import { type Item, PLAIN_STYLE, type Problem } from "./ssml/document.ts";
import { parseSsml } from "./ssml/parse.ts";

/** What is to be said: a request whose document has been read. */
export type Utterance = { readonly request: UtteranceRequest; readonly items: readonly Item[] };

/**
 * Reads what a request wants said.
 * @throws FatalError `SSML` when its document is refused: it will never be spoken
 */
export function readUtterance(request: UtteranceRequest): Utterance {
  if (request.ssml === undefined) return { request, items: plainItems(request.text ?? "") };
  const parsed = parseSsml(request.ssml);
  if (parsed.items === undefined)
    throw new FatalError(
      "SSML",
      `Utterance ${request.id} is refused, and nothing of it is spoken: ${parsed.problems.map(describeProblem).join("; ")}. Mend the document; "dchat speech check" shows every problem.`,
    );
  return { request, items: parsed.items };
}

/** A problem in one line: place, what is wrong, what may be there. */
export function describeProblem({ line, column, message, allowed }: Problem): string {
  return `${line}:${column} ${message}${allowed.length === 0 ? "" : ` (allowed: ${allowed.join(", ")})`}`;
}

/** Plain text as a document: nothing in it is markup. Empty lines part paragraphs. */
function plainItems(text: string): readonly Item[] {
  return cleanText(text)
    .split(/\n\s*\n/)
    .flatMap((paragraph): readonly Item[] => [
      { kind: "text", text: paragraph, style: PLAIN_STYLE, sayAs: undefined },
      { kind: "edge", of: "paragraph" },
    ]);
}

/**
 * Text of unknown origin without what has no sound and could deceive or upset: control characters, halves of surrogate pairs, what is
 * no character at all (U+FFFE and U+FFFF, which XML has no place for), invisible characters and those that turn the direction of writing.
 */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/[\p{Cc}]/gu, (character) => (character === "\n" || character === "\t" ? character : " "))
    .replace(/[\p{Cf}\ufffd-\uffff]/gu, "");
}

/** Text for a place inside SSML: markup in it is said, not obeyed. */
export function escapeForSsml(text: string): string {
  return cleanText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
