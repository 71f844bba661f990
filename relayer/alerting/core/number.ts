import { parseDuration } from "./duration.ts";

/**
 * A number as PromQL writes it: `5`, `-1e3`, `0x1F`, `1_000`, `Inf`, `NaN`, and a duration for its seconds. As in Prometheus, which
 * asks Go first for a whole number, a leading 0 makes it octal where its digits allow that: `010` is 8.
 * @returns undefined when it is none
 */
export function parseNumber(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)\s*([\s\S]*)$/.exec(text) ?? [];
  const magnitude = parseMagnitude(rest);
  return magnitude === undefined ? undefined : sign === "-" ? -magnitude : magnitude;
}

function parseMagnitude(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Infinity;
  if (/^nan$/i.test(text)) return NaN;
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  const digits = /^\d+(?:_\d+)*$/.test(text) ? text.replaceAll("_", "") : text;
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  const plain = digits.replaceAll(/(?<=\d)_(?=\d)/g, "");
  if (/^(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  const milliseconds = text === "" ? undefined : parseDuration(text);
  return milliseconds === undefined ? undefined : milliseconds / 1_000;
}
