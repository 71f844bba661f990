import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import { type ChartData, showNumber, showTick, summaryOf } from "../core/measures.ts";

const HEIGHT = 148;
const FEW_POINTS = 60;
/** So that a series is told from another without its colour, too. */
const DASHES = [undefined, [6, 4], [2, 3]] as const;

const minutes = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const seconds = new Intl.DateTimeFormat(undefined, { minute: "2-digit", second: "2-digit" });

/** Values over time. What was not measured is a gap in the line. */
export function Chart({
  title,
  unit,
  data,
}: {
  readonly title: string;
  readonly unit: string;
  readonly data: ChartData;
}) {
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const pointed = useSignal<number | undefined>(undefined);
  const names = data.series.map(({ name }) => name).join("\n");
  useEffect(
    () => draw({ place, legend, plot, data, onPoint: (index) => (pointed.value = index) }),
    [names, data.times.length > 0],
  );
  useEffect(() => {
    plot.current?.setData(alignedOf(data));
  }, [data]);
  const isKnown = data.series.some(({ values }) => values.some((value) => value !== null));
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong> <span class="quiet">{unit}</span>
        <ul ref={legend}>
          {data.series.map(({ name, values }, i) => (
            <li key={name} data-series={i}>
              <span class="swatch" aria-hidden="true" />
              {name} <b>{showNumber(values[pointed.value ?? values.length - 1])}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={place} class="plot" aria-hidden="true" hidden={!isKnown} />
      {!isKnown && <p class="empty">Nothing was measured yet.</p>}
      <p class="sr">{data.series.map((each) => summaryOf(each, unit)).join(" ")}</p>
    </figure>
  );
}

function alignedOf({ times: at, series }: ChartData): UPlot.AlignedData {
  return [[...at], ...series.map(({ values }) => [...values])] as UPlot.AlignedData;
}

/** @returns what takes it down again */
function draw({
  place,
  legend,
  plot,
  data,
  onPoint,
}: {
  readonly place: RefObject<HTMLDivElement | null>;
  readonly legend: RefObject<HTMLUListElement | null>;
  readonly plot: { current: UPlot | undefined };
  readonly data: ChartData;
  readonly onPoint: (index: number | undefined) => void;
}): () => void {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const element = place.current;
  const resize = new ResizeObserver(() => {
    if (element !== null && element.clientWidth > 0)
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT });
  });
  const build = () => {
    if (element === null || legend.current === null) return;
    plot.current?.destroy();
    const options = optionsOf(element, legend.current, data, onPoint);
    plot.current = new UPlot(options, alignedOf(data), element);
  };
  build();
  if (element !== null) resize.observe(element);
  scheme.addEventListener("change", build);
  return () => {
    resize.disconnect();
    scheme.removeEventListener("change", build);
    plot.current?.destroy();
    plot.current = undefined;
  };
}

function optionsOf(
  element: HTMLElement,
  legend: HTMLElement,
  { series }: ChartData,
  onPoint: (index: number | undefined) => void,
): UPlot.Options {
  // The canvas knows no custom properties: what it draws has the colours that the legend came out with.
  const colorOf = (selector: string) => {
    const found = legend.querySelector(selector);
    return getComputedStyle(found ?? legend).color;
  };
  const { color: ink, borderTopColor: line, fontFamily } = getComputedStyle(element);
  const axis = {
    ...{ stroke: ink, font: `11px ${fontFamily}` },
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  };
  return {
    ...{ width: element.clientWidth, height: HEIGHT, padding: [8, 24, 0, 0] },
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
    series: [
      {},
      ...series.map(({ name }, i) => ({
        label: name,
        stroke: colorOf(`[data-series="${i}"] .swatch`),
        width: 1.5,
        ...(DASHES[i] === undefined ? {} : { dash: [...DASHES[i]] }),
        // A single value between gaps is no line.
        points: { show: ({ data: [at] }: UPlot) => at.length < FEW_POINTS, size: 4 },
      })),
    ],
    axes: [
      {
        ...{ ...axis, size: 28 },
        values: (_plot, splits, _axis, _space, step) =>
          splits.map((at) => (step < 60 ? seconds : minutes).format(at * 1_000)),
      },
      { ...axis, size: 48, values: (_plot, splits) => splits.map((value) => showTick(value)) },
    ],
    hooks: {
      setCursor: [
        ({ cursor }) => {
          onPoint(cursor.idx ?? undefined);
        },
      ],
    },
  };
}
