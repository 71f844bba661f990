import type { Item } from "./ssml/document.ts";

/** What a sentence is made of. */
export type Piece = Exclude<Item, { readonly kind: "edge" }>;

/** A sentence, and how strongly it ends. */
export type Sentence = { readonly pieces: readonly Piece[]; readonly end: "sentence" | "paragraph" };

/** Sentences end as Unicode says they do (UAX 29). */
const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Puts a document into sentences: at its own `p` and `s`, and where a sentence of the text between them ends. */
export function sentencesOf(items: readonly Item[]): readonly Sentence[] {
  const sentences: Sentence[] = [];
  let pieces: Piece[] = [];
  const flush = (end: Sentence["end"]) => {
    sentences.push(...split(pieces, end));
    pieces = [];
  };
  for (const item of items) {
    if (item.kind === "edge") flush(item.of);
    else pieces.push(item);
  }
  flush("sentence");
  return sentences;
}

/** One sentence each; text that an element cuts in two is still one sentence. */
function split(pieces: readonly Piece[], end: Sentence["end"]): readonly Sentence[] {
  if (pieces.length === 0) return [];
  const whole = pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
  const ends = [...segmenter.segment(whole)].map(({ index, segment }) => index + segment.length);
  const sentences: Piece[][] = [[]];
  let at = 0;
  for (const piece of pieces) {
    if (piece.kind !== "text") {
      sentences.at(-1)?.push(piece);
      continue;
    }
    const inside = ends.filter((each) => each > at && each < at + piece.text.length);
    const cuts = [at, ...inside, at + piece.text.length];
    cuts.slice(1).forEach((to, index) => {
      const text = piece.text.slice((cuts[index] ?? at) - at, to - at);
      if (text !== "") sentences.at(-1)?.push({ ...piece, text });
      if (ends.includes(to)) sentences.push([]);
    });
    at += piece.text.length;
  }
  const filled = sentences.filter((each) => each.length > 0);
  return filled.map((each, index) => ({ pieces: each, end: index === filled.length - 1 ? end : "sentence" }));
}
