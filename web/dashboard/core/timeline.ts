import { clock, linear, timeMarks, valueMarks } from "../../../relayer/chaos/core/report/scales.ts";
import type { RunRecord } from "./chaos-schema.ts";

/** Where everything of a run's timeline is drawn: faults as bars over the throughput of the same time. */

/** Of the drawing, in its own units. */
export type Frame = { readonly width: number; readonly left: number };

type Bar = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly name: string;
  readonly what: string;
  readonly tone: "bites" | "dud" | "open";
};
type Mark = { readonly at: number; readonly text: string };

export type Timeline = {
  readonly height: number;
  readonly bands: readonly { readonly x: number; readonly width: number; readonly state: string }[];
  readonly bars: readonly Bar[];
  /** How many faults have no row of their own. */
  readonly hidden: number;
  /** The panel of throughput: from `top` down to `bottom`. */
  readonly top: number;
  readonly bottom: number;
  /** The throughput's line, as points of an SVG polyline; empty before anything was measured. */
  readonly line: string;
  readonly times: readonly Mark[];
  readonly values: readonly Mark[];
};

const ROW = 22;
const HEAD = 22;
const PANEL = 110;
const FOOT = 22;
const RIGHT = 8;
/** A bar that lasted less is still seen. */
const LEAST_WIDTH = 3;
export const MOST_ROWS = 12;
const MOST_MARKS = 8;

/**
 * Lays a run out.
 * @param now Unix milliseconds; where a run is under way, the drawing ends there
 */
export function timelineOf(record: RunRecord, { width, left }: Frame, now: number | undefined): Timeline {
  const { from, to } = spanOf(record, now);
  const x = linear([from, to], [left, width - RIGHT]);
  const shown = record.faults.slice(0, MOST_ROWS);
  const top = HEAD + Math.max(1, shown.length) * ROW + 14;
  const bottom = top + PANEL;
  const { throughput } = record.series;
  const marks = valueMarks(throughput.reduce((most, [, value]) => Math.max(most, value), 0));
  const y = linear([0, marks.at(-1) ?? 1], [bottom, top]);
  return {
    ...{ height: bottom + FOOT, top, bottom },
    bands: record.phases.flatMap(({ state, at }, i) => {
      const end = record.phases[i + 1]?.at ?? to;
      return end <= at ? [] : [{ x: round(x(at)), width: round(x(end) - x(at)), state }];
    }),
    bars: shown.map((fault, row) => barOf(fault, HEAD + row * ROW, x, to)),
    hidden: record.faults.length - shown.length,
    line: throughput.map(([at, value]) => `${round(x(at))},${round(y(value))}`).join(" "),
    times: timeMarks(to - from, MOST_MARKS).map((mark) => ({ at: round(x(from + mark)), text: clock(mark) })),
    values: marks.map((mark) => ({ at: round(y(mark)), text: String(mark) })),
  };
}

function barOf(fault: RunRecord["faults"][number], y: number, x: (value: number) => number, to: number): Bar {
  const { type, mechanism, targets, injectedAt, healedAt, effect } = fault;
  const left = x(injectedAt);
  const names = targets.map(({ name }) => name);
  const where = names.length === 1 ? (names[0] ?? "") : `${names.length} targets`;
  return {
    ...{ x: round(left), y, width: round(Math.max(LEAST_WIDTH, x(healedAt ?? to) - left)) },
    name: `${type} · ${where}`,
    what: `${type} (${mechanism.tier}) on ${names.join(", ")}`,
    tone: healedAt === undefined ? "open" : effect?.isEffective === false ? "dud" : "bites",
  };
}

function spanOf({ phases, faults, series }: RunRecord, now: number | undefined) {
  const moments = [
    ...phases.map(({ at }) => at),
    ...faults.flatMap(({ injectedAt, healedAt }) => [injectedAt, healedAt ?? injectedAt]),
    ...series.throughput.map(([at]) => at),
    ...(now === undefined ? [] : [now]),
  ];
  const from = moments.reduce((a, b) => Math.min(a, b), moments[0] ?? 0);
  return { from, to: moments.reduce((a, b) => Math.max(a, b), from + 1) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
