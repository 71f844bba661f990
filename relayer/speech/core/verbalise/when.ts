import { cardinal, isOne, ordinal, spell } from "./numbers.ts";

const MONTHS = Array.from({ length: 12 }, (_, month) =>
  new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" }).format(Date.UTC(2_000, month)),
);

/** A calendar date of which parts may be missing. */
type DateParts = { readonly year?: string; readonly month?: string; readonly day?: string };

/** "November twenty-seventh, twenty twenty-six", or `undefined` where there is no such date. */
export function sayDate({ year, month, day }: DateParts): string | undefined {
  const name = month === undefined ? undefined : MONTHS[Number(month) - 1];
  if (month !== undefined && name === undefined) return undefined;
  const most = new Date(Date.UTC(Number(year ?? 2_000), Number(month ?? 1), 0)).getUTCDate();
  if (day !== undefined && (Number(day) < 1 || Number(day) > most)) return undefined;
  const first = [name, day === undefined ? undefined : ordinal(day)].filter((part) => part !== undefined);
  return [first.join(" "), year === undefined ? "" : sayYear(year)].filter((part) => part !== "").join(", ");
}

/** "2026" as "twenty twenty-six", "2005" as "two thousand five", "1900" as "nineteen hundred". */
function sayYear(year: string): string {
  const value = Number(year);
  if (year.length !== 4 || value < 1_000 || (value >= 2_000 && value < 2_010)) return cardinal(year);
  const [century, rest] = [year.slice(0, 2), year.slice(2)];
  if (rest === "00") return value % 1_000 === 0 ? cardinal(year) : `${cardinal(century)} hundred`;
  return `${cardinal(century)} ${rest.startsWith("0") ? `oh ${cardinal(rest)}` : cardinal(rest)}`;
}

/** "14:05" as "fourteen oh five", with seconds if they are given; `undefined` where the clock shows no such time. */
export function sayClock(text: string): string | undefined {
  const [, hours = "", minutes = "", seconds] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?$/.exec(text) ?? [];
  if (hours === "" || Number(hours) > 24 || Number(minutes) > 59 || Number(seconds ?? 0) > 60)
    return undefined;
  const past = minutes === "00" ? (seconds === undefined ? "hundred hours" : "zero zero") : two(minutes);
  const after = seconds === undefined ? "" : ` and ${count(String(Number(seconds)), "second")}`;
  return `${cardinal(hours)} ${past}${after}`;
}

/** "2:30 pm" as "two thirty p m". */
export function sayTwelveHours(text: string): string | undefined {
  const [, hours = "", minutes = "00", half = ""] =
    /^(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\.?$/i.exec(text) ?? [];
  if (hours === "" || Number(hours) < 1 || Number(hours) > 12 || Number(minutes) > 59) return undefined;
  return [cardinal(hours), minutes === "00" ? "" : two(minutes), half.toLowerCase(), "m"]
    .filter((word) => word !== "")
    .join(" ");
}

const two = (digits: string) => (digits.startsWith("0") ? `oh ${spell(digits.slice(1))}` : cardinal(digits));

/** An ISO 8601 date, with or without a time: "2026-11-27T01:52:00Z". */
export function sayIso(text: string): string | undefined {
  const [, year = "", month = "", day = "", clock, zone] =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ??
    [];
  const date = year === "" ? undefined : sayDate({ year, month, day });
  if (date === undefined || clock === undefined) return date;
  const time = sayClock(clock.replace(/:00$/, (end) => (clock.length > 5 ? "" : end)));
  return time && `${date}, ${time}${sayZone(zone)}`;
}

function sayZone(zone: string | undefined): string {
  if (zone === undefined) return "";
  if (zone === "Z" || /^[+-]00:00$/.test(zone)) return " U T C";
  const [hours = "", minutes = ""] = zone.slice(1).split(":");
  const offset = minutes === "00" ? cardinal(hours) : `${cardinal(hours)} ${cardinal(minutes)}`;
  return ` U T C ${zone.startsWith("-") ? "minus" : "plus"} ${offset}`;
}

const UNITS: Readonly<Record<string, string>> = {
  ms: "millisecond",
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
};

/** "2h30m" as "two hours thirty minutes". */
export function sayDuration(text: string): string {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.map(([, number = "", unit = ""]) => count(number, UNITS[unit] ?? unit)).join(" ");
}

/** A number with its unit, by Intl's rule for the plural: "one hour", "one point five hours". */
function count(number: string, unit: string): string {
  const [, plural = unit] =
    /^\S+ (.*)$/.exec(
      new Intl.NumberFormat("en-US", { style: "unit", unit, unitDisplay: "long" }).format(
        isOne(number) ? 1 : 2,
      ),
    ) ?? [];
  return `${cardinal(number)} ${plural}`;
}
