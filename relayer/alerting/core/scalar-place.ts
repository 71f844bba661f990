import type { Scalar } from "yaml";

/** A piece of a scalar: how much of its text it makes, in UTF-16 units, and where it stands in the file. */
type Piece = { readonly length: number; readonly offset: number; readonly isVerbatim: boolean };

/** What is written in another way than it means: a fold of lines, a quote in quotes, an escape. */
const SPELLED = {
  PLAIN: /[ \t]*\n\s*/g,
  QUOTE_SINGLE: /''|[ \t]*\n\s*/g,
  QUOTE_DOUBLE: /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^])|[ \t]*\n\s*/g,
} as const;

/**
 * Where in a file a place in a scalar's text stands, so that what is wrong inside of it is told where people look.
 * @param at offset in the text, in UTF-16 units
 * @returns the offset in the file; undefined where YAML's folding leaves it open
 */
export function offsetInScalar(scalar: Scalar, file: string, at: number): number | undefined {
  let rest = at;
  const pieces = piecesOf(scalar, file) ?? [];
  for (const [index, { length, offset, isVerbatim }] of pieces.entries()) {
    // The end of the text is a place, too.
    if (rest < length || (rest === length && index === pieces.length - 1))
      return isVerbatim ? offset + rest : offset;
    rest -= length;
  }
  return undefined;
}

function piecesOf(scalar: Scalar, file: string): readonly Piece[] | undefined {
  const { range, type, value } = scalar;
  if (range === undefined || range === null || typeof value !== "string") return undefined;
  const raw = file.slice(range[0], range[1]);
  switch (type) {
    case "PLAIN":
      return flowPieces(raw, range[0], SPELLED[type], value);
    case "QUOTE_SINGLE":
    case "QUOTE_DOUBLE":
      return flowPieces(raw.slice(1, -1), range[0] + 1, SPELLED[type], value);
    case "BLOCK_LITERAL":
      return blockPieces(raw, range[0], "\n", value);
    case "BLOCK_FOLDED":
      return blockPieces(raw, range[0], " ", value);
    case undefined:
      return undefined;
  }
}

function flowPieces(
  raw: string,
  start: number,
  spelled: RegExp,
  value: string,
): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of raw.matchAll(spelled)) {
    const [text] = match;
    pieces.push({ length: match.index - end, offset: start + end, isVerbatim: true });
    pieces.push({ length: meantLength(text), offset: start + match.index, isVerbatim: false });
    end = match.index + text.length;
  }
  pieces.push({ length: raw.length - end, offset: start + end, isVerbatim: true });
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length === value.length ? pieces : undefined;
}

/** One line break is a space, more are one fewer; only code points beyond the first plane take two units. */
function meantLength(text: string): number {
  if (text.startsWith("\\")) return text.startsWith("\\U") && Number(`0x${text.slice(2)}`) > 0xffff ? 2 : 1;
  return Math.max(1, text.split("\n").length - 2);
}

/** The lines of a block, without the indentation that its first line with text sets. */
function blockPieces(raw: string, start: number, joint: string, value: string): readonly Piece[] | undefined {
  const [header = "", ...lines] = raw.split("\n");
  const indent = /^ */.exec(lines.find((line) => line.trim() !== "") ?? "")?.[0].length ?? 0;
  const text = lines.map((line) => line.slice(indent)).join(joint);
  // Where the header sets the indentation, or folding did more than join lines, the texts differ.
  if (text.trimEnd() !== value.trimEnd()) return undefined;
  let offset = start + header.length + 1;
  return lines.map((line) => {
    const cut = Math.min(indent, line.length);
    const piece = { length: line.length - cut + 1, offset: offset + cut, isVerbatim: true };
    offset += line.length + 1;
    return piece;
  });
}
