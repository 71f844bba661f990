import { useEffect, useRef, useState } from "preact/hooks";
import type { RunRecord } from "../core/chaos-schema.ts";
import { timelineOf } from "../core/timeline.ts";

const LEFT = { wide: 168, narrow: 44 };
/** Narrower drawings name their faults in the bars' titles alone. */
const NARROW = 520;

/** Faults as bars over the throughput of the same time. The table below it says the same in words. */
export function Timeline({ record, now }: { readonly record: RunRecord; readonly now: number | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const resize = new ResizeObserver(() => {
      setWidth(element.clientWidth);
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
    };
  }, []);
  return (
    <div ref={place} class="timeline">
      {width > 0 && <Drawing record={record} now={now} width={width} />}
    </div>
  );
}

function Drawing({
  record,
  now,
  width,
}: {
  readonly record: RunRecord;
  readonly now: number | undefined;
  readonly width: number;
}) {
  const isNarrow = width < NARROW;
  const left = isNarrow ? LEFT.narrow : LEFT.wide;
  const { height, bands, bars, hidden, top, bottom, line, times, values } = timelineOf(
    record,
    { width, left },
    now,
  );
  return (
    <>
      <svg width={width} height={height} role="img" aria-label="Faults over messages executed a second">
        {bands.map(({ x, width: wide, state }) => (
          <g key={`${state} ${x}`} class={`band ${state}`}>
            <rect x={x} y={0} width={wide} height={bottom} />
            {wide > 70 && (
              <text x={x + 6} y={14}>
                {state}
              </text>
            )}
          </g>
        ))}
        {values.map(({ at, text }) => (
          <g key={text} class="grid">
            <line x1={left} x2={width - 8} y1={at} y2={at} />
            <text x={left - 8} y={at + 4} text-anchor="end">
              {text}
            </text>
          </g>
        ))}
        {times.map(({ at, text }) => (
          <text key={text} class="time" x={at} y={height - 6} text-anchor="middle">
            {text}
          </text>
        ))}
        {bars.map(({ x, y, width: wide, name, what, tone }, i) => (
          <g key={i} class={`fault ${tone}`}>
            <rect x={x} y={y + 3} width={wide} height={14} rx={3}>
              <title>{what}</title>
            </rect>
            {!isNarrow && (
              <text x={left - 8} y={y + 14} text-anchor="end">
                {name.length > 26 ? `${name.slice(0, 25)}…` : name}
              </text>
            )}
          </g>
        ))}
        {bars.length === 0 && (
          <text class="time" x={left + 6} y={top - 20}>
            No fault is there.
          </text>
        )}
        <polyline class="throughput" points={line} />
      </svg>
      {hidden > 0 && <p class="help">{hidden} more faults are in the table below.</p>}
    </>
  );
}
