import { spell } from "./numbers.ts";

/** How addresses and hashes are said. */
export type Naming = {
  /** Names for addresses and hashes, by these in lower case. */
  readonly labels: ReadonlyMap<string, string>;
  /** Say every digit instead of the last four. */
  readonly spellsOut: boolean;
};

/** How many digits at the end tell one address from another by ear. */
const ENDING = 4;

/**
 * An address, a hash or another hexadecimal number: by its label, by its end, or digit by digit. The word for it may stand in front.
 */
export function sayHexadecimal(text: string, { labels, spellsOut }: Naming): string {
  const [, said = ""] = /(0x[0-9a-fA-F]+)$/.exec(text) ?? [];
  const label = labels.get(said.toLowerCase());
  if (label !== undefined && !spellsOut) return label;
  const digits = said.slice(2);
  const kind = digits.length === 40 ? "address" : digits.length === 64 ? "hash" : "value";
  if (spellsOut || digits.length <= 8) {
    const groups = digits.match(/.{1,4}/g) ?? [];
    const prefix = kind === "value" ? "zero x" : `${kind} zero x`;
    return [prefix, ...groups.map(spell)].join(", ");
  }
  return `${kind} ending ${spell(digits.slice(-ENDING))}`;
}

/** A link by where it leads: nobody listens to its path. */
export function sayLink(text: string): string {
  const host = URL.canParse(text) ? new URL(text).hostname : "";
  return host === "" ? "a link" : `a link to ${host.replaceAll(".", " dot ")}`;
}
