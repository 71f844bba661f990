/**
 * A text without what a terminal or a log would obey: control characters (but for line ends and tabs), marks that turn the direction of
 * writing, and halves of characters.
 */
export function withoutControls(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu, "")
    .toWellFormed();
}

/** The same on one line. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, " ").trim();
}

/** The beginning of a text, with "…" where something was cut off. @param most UTF-16 units, "…" included */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
