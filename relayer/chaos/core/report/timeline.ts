import { escapeMarkup } from "./markup.ts";
import type { ExperimentRecord, FaultRecord, Point } from "./record.ts";
import { clock, linear, type Scale, timeMarks, valueMarks } from "./scales.ts";

const WIDTH = 960;
const LEFT = 212;
const RIGHT = 24;
const TOP = 34;
const ROW = 26;
const PANEL = 132;
const GAP = 40;
const AXIS = 34;
/** How many rows of faults are drawn; of a campaign's hundreds of windows the rest share the last row. */
const MOST_ROWS = 14;
const MOST_MARKS = 10;
/** The longest name of a fault beside its bar, in characters. */
const MOST_NAME = 24;

/** Where things are from left to right, and when the drawing begins and ends. */
type Frame = { readonly x: Scale; readonly from: number; readonly to: number };

/**
 * A timeline as SVG of its own: the faults as bars, and under them throughput and latency over the same time. It has its colours in it, for
 * light and for dark, and no script.
 */
export function timelineOf(record: ExperimentRecord): string {
  const frame = frameOf(record);
  const rows = Math.min(record.faults.length, MOST_ROWS);
  const panels = TOP + Math.max(1, rows) * ROW + GAP;
  const bottom = panels + 2 * PANEL + GAP;
  const parts = [
    ...phasesOf(record, frame, bottom),
    ...timeAxis(frame, bottom),
    ...faultRows(record.faults, frame),
    ...panel(
      { title: "Throughput", unit: "messages/s", style: "throughput", top: panels },
      record.series.throughput,
      frame,
    ),
    ...panel(
      { title: "Latency p95", unit: "ms", style: "latency", top: panels + PANEL + GAP },
      record.series.latency,
      frame,
    ),
  ];
  const title = `Faults of "${record.experiment.title}" over throughput and latency`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-label="${escapeMarkup(title)}" class="timeline">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${bottom + AXIS}" rx="10"/>`,
    ...parts,
    "</svg>",
  ].join("\n");
}

function frameOf({ phases, faults, series }: ExperimentRecord): Frame {
  const moments = [
    ...phases.map(({ at }) => at),
    ...faults.flatMap(({ injectedAt, healedAt }) => [injectedAt, healedAt ?? injectedAt]),
    ...[...series.throughput, ...series.latency].map(([at]) => at),
  ];
  const from = moments.reduce((a, b) => Math.min(a, b), moments[0] ?? 0);
  const to = moments.reduce((a, b) => Math.max(a, b), from + 1);
  return { from, to, x: linear([from, to], [LEFT, WIDTH - RIGHT]) };
}

/** What the experiment did when, as bands behind everything. */
function phasesOf({ phases }: ExperimentRecord, { x, to }: Frame, bottom: number): readonly string[] {
  return phases.flatMap(({ state, at }, i) => {
    const end = phases[i + 1]?.at ?? to;
    if (end <= at) return [];
    const [left, width] = [round(x(at)), round(x(end) - x(at))];
    const name =
      width > state.length * 7 ? `<text class="phase" x="${left + 6}" y="${TOP - 12}">${state}</text>` : "";
    return [
      `<rect class="band ${state}" x="${left}" y="${TOP - 4}" width="${width}" height="${bottom - TOP + 4}"/>${name}`,
    ];
  });
}

function timeAxis({ x, from, to }: Frame, bottom: number): readonly string[] {
  return timeMarks(to - from, MOST_MARKS).map((mark) => {
    const at = round(x(from + mark));
    return `<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${bottom}"/><text class="mark" text-anchor="middle" x="${at}" y="${bottom + 20}">${clock(mark)}</text>`;
  });
}

function faultRows(faults: readonly FaultRecord[], { x, to }: Frame): readonly string[] {
  if (faults.length === 0)
    return [`<text class="mark" x="${LEFT}" y="${TOP + 17}">No fault was done.</text>`];
  return faults.map((fault, i) => {
    const row = Math.min(i, MOST_ROWS - 1);
    const y = TOP + row * ROW;
    const left = x(fault.injectedAt);
    const width = Math.max(3, x(fault.healedAt ?? to) - left);
    const kind = fault.effect?.isEffective === false ? "dud" : "fault";
    const isShared = faults.length > MOST_ROWS && row === MOST_ROWS - 1;
    const name = isShared ? `and ${faults.length - MOST_ROWS + 1} more` : nameOf(fault);
    const label =
      isShared && i > row
        ? ""
        : `<text class="name" text-anchor="end" x="${LEFT - 12}" y="${y + 17}">${escapeMarkup(name)}</text>`;
    const what = `${fault.type} (${fault.mechanism.tier}) on ${fault.targets.map((target) => target.name).join(", ")}`;
    return `${label}<rect class="${kind}" x="${round(left)}" y="${y + 4}" width="${round(width)}" height="${ROW - 9}" rx="4"><title>${escapeMarkup(what)}</title></rect>`;
  });
}

function nameOf({ type, targets }: FaultRecord): string {
  const [first] = targets;
  const where = targets.length === 1 && first !== undefined ? first.name : `${targets.length} targets`;
  const name = `${type} · ${where}`;
  return name.length > MOST_NAME ? `${name.slice(0, MOST_NAME - 1)}…` : name;
}

type PanelKind = {
  readonly title: string;
  readonly unit: string;
  readonly style: string;
  readonly top: number;
};

function panel(
  { title, unit, style, top }: PanelKind,
  series: readonly Point[],
  { x }: Frame,
): readonly string[] {
  const bottom = top + PANEL;
  const marks = valueMarks(series.reduce((most, [, value]) => Math.max(most, value), 0));
  const y = linear([0, marks.at(-1) ?? 1], [bottom, top]);
  const points = series.map(([at, value]) => `${round(x(at))},${round(y(value))}`);
  const [first, last] = [series[0], series.at(-1)];
  const area =
    first && last ? `${round(x(first[0]))},${bottom} ${points.join(" ")} ${round(x(last[0]))},${bottom}` : "";
  return [
    `<text class="title" text-anchor="end" x="${LEFT - 44}" y="${top + 12}">${title}</text>`,
    `<text class="mark" text-anchor="end" x="${LEFT - 44}" y="${top + 28}">${unit}</text>`,
    ...marks.map((mark) => {
      const at = round(y(mark));
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="mark" text-anchor="end" x="${LEFT - 8}" y="${at + 4}">${mark}</text>`;
    }),
    series.length === 0
      ? `<text class="mark" x="${LEFT + 8}" y="${top + 20}">Nothing was measured.</text>`
      : `<polygon class="area ${style}" points="${area}"/><polyline class="line ${style}" points="${points.join(" ")}"/>`,
  ];
}

/** Tenths of a pixel are enough. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const STYLE = `
.timeline{--ground:#ffffff;--ink:#1c2430;--soft:#5d6b7e;--grid:#e4e8ee;--fault:#c2410c;--dud:#9aa5b4;--throughput:#0f766e;--latency:#5b4bc4;--running:#fff4ec;--recovering:#eef8f4;font:12px ui-sans-serif,system-ui,sans-serif}
@media (prefers-color-scheme:dark){.timeline{--ground:#151b24;--ink:#e8ecf2;--soft:#93a1b5;--grid:#28313f;--fault:#fb8a4c;--dud:#5b6779;--throughput:#3fc7b6;--latency:#a99bff;--running:#241d1b;--recovering:#152422}}
.timeline .ground{fill:var(--ground)}
.timeline .band{fill:none}.timeline .band.Running{fill:var(--running)}.timeline .band.Recovering{fill:var(--recovering)}
.timeline .phase{fill:var(--soft);font-size:11px;letter-spacing:.04em}
.timeline .grid{stroke:var(--grid);stroke-width:1}
.timeline .mark{fill:var(--soft);font-size:11px}
.timeline .name,.timeline .title{fill:var(--ink)}.timeline .title{font-weight:600}
.timeline .fault{fill:var(--fault)}.timeline .dud{fill:var(--dud)}
.timeline .line{fill:none;stroke-width:1.8;stroke-linejoin:round}.timeline .area{opacity:.14}
.timeline .line.throughput{stroke:var(--throughput)}.timeline .area.throughput{fill:var(--throughput)}
.timeline .line.latency{stroke:var(--latency)}.timeline .area.latency{fill:var(--latency)}
`.trim();
