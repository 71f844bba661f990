import type { Labels } from "./labels.ts";
import { METRIC_NAME } from "./promql.ts";
import type { Sample } from "./samples.ts";

/** What is in a page of metrics, or where it is malformed: then nothing of it is used, as in Prometheus. */
export type Exposition =
  { readonly samples: readonly Sample[] } | { readonly problem: string; readonly line: number };

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL =
  /[\t ]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)*)")[\t ]*(?:=[\t ]*"((?:[^"\\]|\\.)*)")?[\t ]*(,|(?=\}))/y;
/** The value, a time that is not used, and an exemplar of OpenMetrics. */
const REST = /^[\t ]*(\S+)(?:[\t ]+-?\d+(?:\.\d+)?)?[\t ]*(?:#.*)?$/;
const VALUE = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^[+-]?0x[0-9a-f]+$/i;

/** Remembers the labels of lines that come again with each reading, by the line's head; cleared with what it is for. */
export type HeadCache = Map<string, Labels>;

/**
 * Reads a page in Prometheus's text format (0.0.4, with the UTF-8 names of 1.0.0). Times in it are not used: every sample counts as read now.
 * @param limit how many samples are taken at most; more are a problem, as with Prometheus's `sample_limit`
 * @param heads what was read before from the same place
 */
export function parseExposition(text: string, limit: number, heads: HeadCache = new Map()): Exposition {
  const samples: Sample[] = [];
  let [at, line] = [0, 0];
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    const row = text.slice(at, end === -1 ? text.length : end).replace(/\r$/, "");
    at = end === -1 ? text.length : end + 1;
    line++;
    if (row === "" || row.startsWith("#") || row.trim() === "") continue;
    if (samples.length === limit) return { problem: `there are more than ${limit} series`, line };
    const sample = parseRow(row, heads);
    if (sample === undefined) return { problem: "it is no sample", line };
    samples.push(sample);
  }
  return { samples };
}

function parseRow(row: string, heads: HeadCache): Sample | undefined {
  const split = headLength(row);
  if (split === undefined) return undefined;
  const key = row.slice(0, split);
  const labels = heads.get(key) ?? parseHead(key);
  if (labels === undefined) return undefined;
  heads.set(key, labels);
  const text = REST.exec(row.slice(split))?.[1];
  const value = text === undefined ? undefined : parseValue(text);
  return value === undefined ? undefined : { key, labels, value };
}

/** Where the name and the labels end: at the brace that is in no quotes, or at the first space. */
function headLength(row: string): number | undefined {
  const open = row.indexOf("{");
  const space = row.search(/[\t ]/);
  if (open === -1 || (space !== -1 && space < open && !/^[\t ]*\{/.test(row.slice(space))))
    return space === -1 ? undefined : space;
  let isQuoted = false;
  for (let i = open + 1; i < row.length; i++) {
    const character = row[i];
    if (isQuoted && character === "\\") i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === "}" && !isQuoted) return i + 1;
  }
  return undefined;
}

function parseHead(head: string): Labels | undefined {
  const labels: Record<string, string> = {};
  NAME.lastIndex = 0;
  const name = NAME.exec(head)?.[0];
  if (name !== undefined) labels[METRIC_NAME] = name;
  const open = (name ?? "").length + (/^[\t ]*/.exec(head.slice((name ?? "").length))?.[0].length ?? 0);
  if (open < head.length && !readLabels(head, open, labels)) return undefined;
  return labels[METRIC_NAME] === undefined ? undefined : labels;
}

/** Reads `{…}` from `open` to the end. */
function readLabels(head: string, open: number, labels: Record<string, string>): boolean {
  if (head[open] !== "{") return false;
  let at = open + 1;
  while (at < head.length - 1) {
    if (/^[\t ]*\}$/.test(head.slice(at))) return true;
    LABEL.lastIndex = at;
    const match = LABEL.exec(head);
    if (match === null) return false;
    at = LABEL.lastIndex;
    const [, plain, quoted, value] = match;
    const name = plain ?? unescape(quoted ?? "");
    // A quoted text without a value is the metric's name; a label twice is none.
    const key = value === undefined && quoted !== undefined ? METRIC_NAME : name;
    if (key === "" || Object.hasOwn(labels, key) || (value === undefined && quoted === undefined))
      return false;
    labels[key] = value === undefined ? name : unescape(value);
  }
  return head[at] === "}";
}

function unescape(text: string): string {
  return text.includes("\\")
    ? text.replaceAll(/\\([\\"n])/g, (_, c: string) => (c === "n" ? "\n" : c))
    : text;
}

function parseValue(text: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  if (!VALUE.test(text)) return undefined;
  const isHex = /^[+-]?0x/i.test(text);
  const magnitude = Number(text.replace(/^[+-]/, "").replaceAll("_", ""));
  return isHex || !Number.isNaN(magnitude) ? (text.startsWith("-") ? -magnitude : magnitude) : undefined;
}
