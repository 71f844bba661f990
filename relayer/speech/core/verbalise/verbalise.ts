import { type Naming, sayHexadecimal, sayLink } from "./identifiers.ts";
import { cardinal, ordinal, spellGroups } from "./numbers.ts";
import { sayAmount, UNIT_PATTERN } from "./units.ts";
import { sayClock, sayDuration, sayIso } from "./when.ts";

const NUMBER = String.raw`\d[\d,]*(?:\.\d+)?`;
/** Not in the middle of a word or of another number. */
const FREE = String.raw`(?<![\w.,])`;
const SIGN = String.raw`(?<![\w.,)])[-−+]?`;

/** A pattern and what is said for it; the first that fits at a place wins. What a rule does not understand stays as it is. */
type Rule = { readonly pattern: string; readonly say: (text: string, naming: Naming) => string | undefined };

const RULES: readonly Rule[] = [
  { pattern: String.raw`https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]`, say: sayLink },
  { pattern: String.raw`${FREE}(?:(?:address|hash) )?0x[0-9a-fA-F]+(?!\w)`, say: sayHexadecimal },
  {
    pattern: String.raw`${FREE}\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?(?![\w-])`,
    say: sayIso,
  },
  { pattern: String.raw`${FREE}\d{1,2}:\d{2}(?::\d{2})?(?![\w:])`, say: sayClock },
  {
    pattern: String.raw`${FREE}\d{1,6}-of-\d{1,6}(?!\w)`,
    say: (text) => text.split("-of-").map(cardinal).join(" of "),
  },
  { pattern: String.raw`(?<!\w)[Bb]locks? #?\d[\d,]*(?!\w)`, say: sayBlock },
  { pattern: String.raw`(?<!\w)#\d+(?!\w)`, say: (text) => `number ${blockNumber(text.slice(1))}` },
  {
    pattern: String.raw`${SIGN}${NUMBER}[ \u00a0]?(?:${UNIT_PATTERN})(?!\w)`,
    say: (text) => {
      const [, number = "", unit = ""] = /^([-−+]?[\d,.]+)[ \u00a0]?(\S+)$/.exec(text) ?? [];
      return sayAmount(number, unit);
    },
  },
  { pattern: String.raw`${FREE}(?:\d+(?:\.\d+)?(?:ms|[smhd]))+(?!\w)`, say: sayDuration },
  { pattern: String.raw`${FREE}\d[\d,]*(?:st|nd|rd|th)(?!\w)`, say: (text) => ordinal(text.slice(0, -2)) },
  {
    pattern: String.raw`${FREE}\d+(?:\.\d+){2,}(?!\w)`,
    say: (text) => text.split(".").map(cardinal).join(" point "),
  },
  { pattern: String.raw`${SIGN}${NUMBER}(?!\w)`, say: (text) => sayPlain(text) },
  { pattern: String.raw`->|→|⇒`, say: () => " to " },
  { pattern: "[≥≤≠≈×&_@]", say: (text) => ` ${SIGNS[text] ?? ""} ` },
];

const SIGNS: Readonly<Record<string, string>> = {
  "≥": "at least",
  "≤": "at most",
  "≠": "is not",
  "≈": "about",
  "×": "times",
  "&": "and",
  _: "",
  "@": "at",
};

const SCANNER = new RegExp(RULES.map(({ pattern }) => `(${pattern})`).join("|"), "gu");

/**
 * What is said for a text of this field, in English: addresses and hashes by label or by their end, amounts with units, block numbers,
 * dates, durations, percentages. Words stay as they are. Takes time in proportion to the text.
 */
export function verbalise(text: string, naming: Naming): string {
  const said = text.replace(SCANNER, (found, ...groups: readonly unknown[]) => {
    const rule = RULES[groups.findIndex((group) => group !== undefined)];
    return rule?.say(found, naming) ?? found;
  });
  return said.replace(/[ \t\r\n\u00a0]+/g, " ").replace(/ (?=[,;:.!?])/g, "");
}

/** A comma at the end belongs to the sentence, not to the number. */
function sayPlain(text: string): string {
  const [, number = text, rest = ""] = /^(.*?)(,*)$/.exec(text) ?? [];
  return `${cardinal(number)}${rest}`;
}

function sayBlock(text: string): string {
  const [word = "", number = ""] = text.split(/ #?/);
  const [, digits = number, rest = ""] = /^(.*?)(,*)$/.exec(number) ?? [];
  return `${word} ${blockNumber(digits)}${rest}`;
}

/** Long block numbers are read in groups, as people compare them with what stands on a screen. */
function blockNumber(text: string): string {
  const digits = text.replaceAll(",", "");
  return digits.length <= 4 ? cardinal(digits) : spellGroups(digits);
}
