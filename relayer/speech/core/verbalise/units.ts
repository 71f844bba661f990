import { cardinal, isOne } from "./numbers.ts";

/** A unit after a number: for one, and for any other number. */
const UNITS: Readonly<Record<string, readonly [string, string]>> = {
  ETH: ["ether", "ether"],
  WETH: ["wrapped ether", "wrapped ether"],
  // A voice would read "gwei" as "g way-ee"; people say "gway" and "way".
  gwei: ["gway", "gway"],
  Gwei: ["gway", "gway"],
  wei: ["way", "way"],
  BTC: ["bitcoin", "bitcoin"],
  USDC: ["U S D C", "U S D C"],
  USDT: ["U S D T", "U S D T"],
  DAI: ["dye", "dye"],
  bps: ["basis point", "basis points"],
  bp: ["basis point", "basis points"],
  "%": ["percent", "percent"],
  kB: ["kilobyte", "kilobytes"],
  KB: ["kilobyte", "kilobytes"],
  MB: ["megabyte", "megabytes"],
  GB: ["gigabyte", "gigabytes"],
  KiB: ["kibibyte", "kibibytes"],
  MiB: ["mebibyte", "mebibytes"],
  GiB: ["gibibyte", "gibibytes"],
};

/** The units as alternatives of a pattern, the longest first. */
export const UNIT_PATTERN = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .join("|");

/** "1.5 ETH" as "one point five ether". */
export function sayAmount(number: string, unit: string): string {
  const [one, many] = UNITS[unit] ?? [unit, unit];
  return `${cardinal(number)} ${isOne(number) ? one : many}`;
}
