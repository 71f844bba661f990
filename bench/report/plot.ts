import type { Comparison } from "./compare.ts";
import { sayLimit, sayNumber, sayVerdict } from "./words.ts";

/** Pixels. Bars begin at LEFT and are at most BAR long; what a bar stands for is written behind it. */
const [WIDTH, LEFT, BAR, LINE, GAP] = [900, 16, 560, 18, 14];

/** Follows the reader's choice of light or dark, also as a picture in a page. */
const STYLE = `
  svg { color-scheme: light dark; background: #ffffff; font: 13px system-ui, sans-serif; }
  /* Words stay readable where the line of a limit crosses them. */
  text { fill: #1f2328; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; } .title { font-size: 17px; } .title, .key { font-weight: 600; } .soft { fill: #59636e; }
  .ours { fill: #0969da; } .missed { fill: #cf222e; } .peer { fill: #9198a1; } .limit { stroke: #7d4e00; stroke-width: 2; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #e6edf3; stroke: #0d1117; } .soft { fill: #9198a1; }
    .ours { fill: #4493f8; } .missed { fill: #f85149; } .peer { fill: #656c76; } .limit { stroke: #d29922; }
  }`;

/**
 * A picture of one benchmark: for each figure with a limit or a peer, bars from zero on a scale of its own, and the limit as a dashed
 * line. Nothing is said by colour alone. Two shapes and a multiplication: less than a charting library would have to be told.
 * @param name the benchmark
 * @returns a whole SVG document; what is in it is also its description, for those who cannot see it
 */
export function plot(name: string, comparisons: readonly Comparison[]): string {
  const shown = comparisons.filter(
    ({ ours, limit, peers }) => ours !== undefined && (sayLimit(limit) !== "" || peers.length > 0),
  );
  const title = `dchat bench ${name}: our figures, their limits and peers`;
  const rows: string[] = [];
  let top = 2 * LINE + GAP;
  for (const comparison of shown) {
    const { height, shapes } = drawRow(comparison, top);
    rows.push(...shapes);
    top += height + GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-labelledby="title what">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="what">${escape(shown.map(describe).join(" "))}</desc>`,
    `<style>${STYLE}\n</style>`,
    write(LEFT, LINE + 4, title, "title"),
    ...rows,
    "</svg>\n",
  ].join("\n");
}

type Row = { readonly height: number; readonly shapes: readonly string[] };

function drawRow(comparison: Comparison, top: number): Row {
  const { key, ours = 0, limit, peers, verdict } = comparison;
  const bound = limit.max ?? limit.min;
  const bars = [
    { by: "ours", value: ours, look: verdict === "missed" ? "missed" : "ours" },
    ...peers.map(({ by, value }) => ({ by, value, look: "peer" })),
  ];
  const most = Math.max(bound ?? 0, ...bars.map(({ value }) => value));
  const lengthOf = (value: number) => (most > 0 ? Math.round((value / most) * BAR) : 0);
  const base = top + LINE;
  const height = (1 + bars.length) * LINE;
  const verdictWords = [sayLimit(limit), sayVerdict(comparison)].filter((words) => words !== "").join(": ");
  return {
    height,
    shapes: [
      write(LEFT, top + 13, key, "key"),
      write(WIDTH - LEFT, top + 13, verdictWords, "soft", "end"),
      ...bars.map(
        ({ value, look }, i) =>
          `<rect class="${look}" x="${LEFT}" y="${base + i * LINE + 3}" width="${Math.max(1, lengthOf(value))}" height="${LINE - 6}"/>`,
      ),
      ...(bound === undefined ? [] : [limitLine(LEFT + lengthOf(bound), base, top + height)]),
      ...bars.map(({ by, value }, i) =>
        write(LEFT + lengthOf(value) + 8, base + i * LINE + 13, `${sayNumber(value)} ${by}`),
      ),
    ],
  };
}

function limitLine(x: number, from: number, to: number): string {
  return `<line class="limit" x1="${x}" x2="${x}" y1="${from}" y2="${to}"/>`;
}

function write(x: number, y: number, words: string, look = "", anchor = "start"): string {
  const style = look === "" ? "" : ` class="${look}"`;
  const end = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text${style}${end} x="${x}" y="${y}">${escape(words)}</text>`;
}

function describe(comparison: Comparison): string {
  const { key, ours = 0, limit, peers } = comparison;
  const others = peers.map(({ by, value }) => `${by} ${sayNumber(value)}`);
  const bound = [sayLimit(limit), sayVerdict(comparison)].filter((words) => words !== "").join(", ");
  return `${[`${key}: ours ${sayNumber(ours)}`, ...others, ...(bound === "" ? [] : [bound])].join("; ")}.`;
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
