import type { ExperimentRecord } from "./record.ts";
import { factsOf, type Table, tablesOf } from "./words.ts";

/**
 * A report as Markdown, for a change or a ticket. Whatever an experiment or the fleet said is text in it.
 * @param plot where the timeline is found from there, as a path or URL; left out, there is none
 */
export function markdownReport(record: ExperimentRecord, plot?: string): string {
  const { experiment, verdict } = record;
  const facts = factsOf(record).map(([name, value]) => `- **${plain(name)}**: ${plain(value)}`);
  return [
    `# ${plain(experiment.title)}: ${verdict.kind}`,
    "",
    ...(experiment.description === "" ? [] : [plain(experiment.description), ""]),
    plain(verdict.reason),
    "",
    ...facts,
    ...(plot === undefined
      ? []
      : ["", `![Faults over throughput and latency](<${plot.replaceAll(/[<>\n]/g, "")}>)`]),
    ...tablesOf(record).flatMap(section),
    "",
  ].join("\n");
}

function section({ title, head, rows, empty }: Table): readonly string[] {
  if (rows.length === 0) return ["", `## ${title}`, "", plain(empty)];
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  return [
    "",
    `## ${title}`,
    "",
    line(head),
    line(head.map(() => "---")).replaceAll("\\", ""),
    ...rows.map(line),
  ];
}

/** Text in which nothing is markup, on one line. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_{}[\]()#+!|<>~-]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;");
}
