import { toCardinal, toOrdinal } from "n2words/en-US";

/** More digits than this are read one by one: nobody follows the words for them. */
const MOST_CARDINAL_DIGITS = 24;

/** "7" as "seven". Text without digits comes back as it is. */
function digit(character: string): string {
  return /\d/.test(character) ? toCardinal(character) : character;
}

/** Characters one by one: "e4b2" as "e four b two". */
export function spell(text: string): string {
  return Array.from(text.toLowerCase())
    .filter((character) => character.trim() !== "")
    .map((character) => CHARACTERS[character] ?? digit(character))
    .join(" ");
}

/** Signs that a voice would leave out. */
const CHARACTERS: Readonly<Record<string, string>> = {
  "-": "dash",
  _: "underscore",
  ".": "dot",
  ",": "comma",
  "/": "slash",
  ":": "colon",
  "#": "hash",
  "@": "at",
  "+": "plus",
  "*": "star",
  "%": "percent",
  "&": "and",
  "=": "equals",
};

/** Digits one by one, with a breath after every three from the right where there are more than four: "21456789" as "two one, four five six, …". */
export function spellGroups(digits: string): string {
  if (digits.length <= 4) return spell(digits);
  const groups = digits.split(/(?=(?:\d{3})+$)/);
  return groups.map(spell).join(", ");
}

/**
 * A number in words: "-1,234.50" as "minus one thousand two hundred thirty-four point five zero". Nothing is rounded: what is
 * said may be money.
 */
export function cardinal(text: string): string {
  const [, sign = "", whole = "", fraction] = /^([-−+]?)([\d,]*)(?:\.(\d+))?$/.exec(text) ?? [];
  const digits = whole.replaceAll(",", "").replace(/^0+(?=\d)/, "");
  const words = [
    sign === "-" || sign === "−" ? "minus" : sign === "+" ? "plus" : "",
    digits.length > MOST_CARDINAL_DIGITS ? spellGroups(digits) : toCardinal(digits === "" ? "0" : digits),
    fraction === undefined ? "" : `point ${spell(fraction)}`,
  ];
  return words.filter((word) => word !== "").join(" ");
}

/** A whole number as an ordinal: "21" as "twenty-first". */
export function ordinal(text: string): string {
  const digits = text.replaceAll(",", "").replace(/^0+(?=\d)/, "");
  if (digits === "0") return "zeroth";
  return digits.length > MOST_CARDINAL_DIGITS ? spellGroups(digits) : toOrdinal(digits);
}

/** Whether a number takes the singular: "1", but not "1.0". */
export function isOne(text: string): boolean {
  return text === "1";
}
