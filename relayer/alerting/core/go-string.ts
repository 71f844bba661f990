const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** How many digits each numeric escape has, and in which base. */
const NUMERIC: Readonly<Record<string, readonly [digits: number, base: number]>> = {
  x: [2, 16],
  u: [4, 16],
  U: [8, 16],
};

/**
 * The text that a quoted string of Go stands for, as Prometheus (`"`, `'` and backticks) and Alertmanager (`"`) read them.
 * @param quoted with its quotes
 * @returns undefined when it is malformed: an escape that Go does not know, a missing quote, bytes that are no UTF-8
 */
export function unquoteGo(quoted: string): string | undefined {
  const quote = quoted[0];
  if (quote === undefined || quoted.length < 2 || quoted.at(-1) !== quote) return undefined;
  const body = quoted.slice(1, -1);
  if (quote === "`") return body.includes("`") ? undefined : body.replaceAll("\r", "");
  if (quote !== '"' && quote !== "'") return undefined;
  if (!body.includes("\\")) return body.includes("\n") || body.includes(quote) ? undefined : body;
  return unescapeGo(body, quote);
}

function unescapeGo(body: string, quote: string): string | undefined {
  const bytes: number[] = [];
  const push = (text: string) => bytes.push(...new TextEncoder().encode(text));
  let at = 0;
  while (at < body.length) {
    const character = String.fromCodePoint(body.codePointAt(at) ?? 0);
    at += character.length;
    if (character === quote || character === "\n") return undefined;
    if (character !== "\\") {
      push(character);
      continue;
    }
    const escape = readEscape(body.slice(at, at + 9), quote);
    if (escape === undefined) return undefined;
    at += escape.length;
    if (typeof escape.value === "number") bytes.push(escape.value);
    else push(escape.value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof TypeError) return undefined; // no UTF-8
    throw error;
  }
}

/** @returns what follows a backslash: a text, or one byte */
function readEscape(
  text: string,
  quote: string,
): { readonly length: number; readonly value: string | number } | undefined {
  const kind = text[0] ?? "";
  const simple = kind === quote ? quote : SIMPLE[kind];
  if (simple !== undefined) return { length: 1, value: simple };
  if (/^[0-7]{3}/.test(text)) {
    const byte = Number.parseInt(text.slice(0, 3), 8);
    return byte > 255 ? undefined : { length: 3, value: byte };
  }
  const [digits, base] = NUMERIC[kind] ?? [];
  if (digits === undefined) return undefined;
  const number = text.slice(1, 1 + digits);
  if (number.length !== digits || !/^[0-9a-fA-F]+$/.test(number)) return undefined;
  const value = Number.parseInt(number, base);
  if (kind === "x") return { length: 3, value };
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return undefined;
  return { length: 1 + digits, value: String.fromCodePoint(value) };
}
