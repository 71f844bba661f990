import { escapeMarkup } from "./markup.ts";
import type { ExperimentRecord } from "./record.ts";
import { timelineOf } from "./timeline.ts";
import { factsOf, type Table, tablesOf } from "./words.ts";

/**
 * A report as a page of its own: nothing is loaded, nothing runs, and whatever an experiment or the fleet said is text. It follows the
 * reader's choice of light or dark.
 */
export function htmlReport(record: ExperimentRecord): string {
  const { experiment, verdict } = record;
  const facts = factsOf(record).map(
    ([name, value]) => `<div><dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd></div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(`${experiment.title}: ${verdict.kind}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="verdict ${verdict.kind}">${verdict.kind}</p>
<h1>${escapeMarkup(experiment.title)}</h1>
<p class="lead">${escapeMarkup(experiment.description)}</p>
<p class="reason">${escapeMarkup(verdict.reason)}</p>
<dl>${facts.join("")}</dl>
</header>
<figure>
${timelineOf(record)}
<figcaption>Bars are faults, by the time that they were there; grey ones did not bite. Behind them: what the run did when.</figcaption>
</figure>
${tablesOf(record).map(section).join("\n")}
</main>
</body>
</html>
`;
}

function section({ title, head, rows, empty }: Table): string {
  const cells = (row: readonly string[], tag: "td" | "th") =>
    row.map((cell) => `<${tag}>${escapeMarkup(cell)}</${tag}>`).join("");
  const body =
    rows.length === 0
      ? `<p class="empty">${escapeMarkup(empty)}</p>`
      : `<div class="scroll"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</tbody></table></div>`;
  return `<section><h2>${escapeMarkup(title)}</h2>${body}</section>`;
}

const STYLE = `
:root{--page:#f4f6f9;--card:#ffffff;--ink:#1c2430;--soft:#5d6b7e;--line:#e1e6ed;--good:#0f766e;--bad:#b42318;--warn:#b45309}
@media (prefers-color-scheme:dark){:root{--page:#0e131a;--card:#151b24;--ink:#e8ecf2;--soft:#93a1b5;--line:#28313f;--good:#3fc7b6;--bad:#ff8a80;--warn:#fbbf5c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,sans-serif}
main{max-width:1040px;margin:0 auto;padding:40px 20px 64px}
h1{margin:10px 0 6px;font-size:32px;line-height:1.15;letter-spacing:-.02em}
h2{margin:0 0 12px;font-size:17px}
.lead{margin:0;color:var(--soft);font-size:17px}
.reason{margin:14px 0 0}
.verdict{display:inline-block;margin:0;padding:3px 12px;border-radius:999px;border:1.5px solid currentColor;font-weight:600;color:var(--warn)}
.verdict.passed{color:var(--good)}.verdict.failed{color:var(--bad)}
dl{display:flex;flex-wrap:wrap;gap:12px 32px;margin:24px 0 0}
dt{color:var(--soft);font-size:12px}dd{margin:0;font-weight:500;overflow-wrap:anywhere}
figure{margin:28px 0}figure svg{display:block;width:100%;height:auto;border-radius:12px;border:1px solid var(--line)}
figcaption{margin:8px 4px 0;color:var(--soft);font-size:13px}
section{margin:0 0 20px;padding:20px 22px;background:var(--card);border:1px solid var(--line);border-radius:12px}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:14px}
th{padding:0 16px 8px 0;text-align:left;font-weight:500;font-size:12px;color:var(--soft);white-space:nowrap}
td{padding:9px 16px 9px 0;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere;min-width:80px}
td:first-child{white-space:nowrap}
.empty{margin:0;color:var(--soft)}
`.trim();
