import type { SayAs } from "../ssml/document.ts";
import { cardinal, ordinal, spell, spellGroups } from "./numbers.ts";
import { sayClock, sayDate, sayDuration, sayIso, sayTwelveHours } from "./when.ts";

const NUMBER = /^[-−+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)$/;

/** The order of day, month and year that a `format` of dates names, as the letters in it. */
const DATE_FORMATS = ["mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y"] as const;

/**
 * What is said for the text inside `say-as`.
 * @returns `undefined` where the text is not what it is said to be; then it is read as any other text
 */
export function saySpecially(text: string, { as, format }: SayAs): string | undefined {
  const value = text.trim();
  switch (as) {
    case "number":
      return sayNumber(value, format ?? "cardinal");
    case "cardinal":
    case "ordinal":
    case "digits":
      return sayNumber(value, as);
    case "characters":
    case "spell-out":
      return spell(value);
    case "telephone":
      return sayTelephone(value);
    case "date":
      return sayFormattedDate(value, format);
    case "time":
      return (
        sayTwelveHours(value) ??
        sayClock(value) ??
        (/^[\d.]+(ms|[smhd])/.test(value) ? sayDuration(value) : undefined)
      );
  }
}

function sayNumber(value: string, format: string): string | undefined {
  if (format === "digits" || format === "telephone")
    return /^[\d\s.,-]+$/.test(value) ? spell(value.replace(/\D/g, "")) : undefined;
  if (format === "ordinal") return /^\d[\d,]*$/.test(value) ? ordinal(value) : undefined;
  return format === "cardinal" && NUMBER.test(value) ? cardinal(value) : undefined;
}

/** Groups as they are written, with a breath between. */
function sayTelephone(value: string): string | undefined {
  if (!/^\+?[\d\s()./-]+$/.test(value)) return undefined;
  const groups = value.match(/\d+/g) ?? [];
  const said = groups.map((group) => (groups.length === 1 ? spellGroups(group) : spell(group))).join(", ");
  return value.startsWith("+") ? `plus ${said}` : said;
}

function sayFormattedDate(value: string, format: string | undefined): string | undefined {
  const iso = sayIso(value);
  if (iso !== undefined && (format === undefined || format === "ymd")) return iso;
  const order = DATE_FORMATS.find((each) => each === (format ?? "mdy"));
  const parts = value.split(/[-/.\s]+/);
  if (order?.length !== parts.length || !parts.every((part) => /^\d{1,4}$/.test(part))) return undefined;
  const at = (letter: string) => {
    const part = parts[order.indexOf(letter)];
    return order.includes(letter) ? part : undefined;
  };
  const [year, month, day] = [at("y"), at("m"), at("d")];
  return sayDate({
    ...(year === undefined ? {} : { year: year.length === 2 ? `20${year}` : year }),
    ...(month === undefined ? {} : { month }),
    ...(day === undefined ? {} : { day }),
  });
}
