import { escapeHtml, htmlPage } from "./html.ts";
import { type Column, columnsOf } from "./report-columns.ts";
import { reportFoot } from "./report-foot.ts";
import { matrixHtml } from "./report-matrix.ts";
import { reasonsHtml, reasonsIn } from "./report-reasons.ts";
import { storiesHtml } from "./report-stories.ts";
import { REPORT_STYLE } from "./report-style.ts";
import type { RunReport } from "./run-report.ts";
import {
  amissIn,
  countOf,
  countsOf,
  hollowOf,
  hollowTexts,
  nameOf,
  verdictOf,
  whyUnfinished,
} from "./summary.ts";

/** One self-contained page of one or many reports. It loads nothing and runs nothing. `compress` is for the reports that it carries where they are long: brotli, whose window is wide enough to see that versions are alike. */
export function reportPage(
  reports: readonly RunReport[],
  compress: (text: string) => Uint8Array,
): string {
  const columns = columnsOf(reports);
  const reasons = reasonsIn(columns);
  const title = titleOf(columns);
  const body = [
    "<main>",
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="sub">${escapeHtml(subtitleOf(reports))}</p>`,
    verdictHtml(reports, columns),
    openHtml(reports),
    matrixHtml(columns, reasons),
    storiesHtml(columns),
    reasonsHtml(reasons, columns),
    "</main>",
    reportFoot(columns, compress),
  ];
  return htmlPage(`Weir: ${title}`, REPORT_STYLE, body.join("\n"));
}

function titleOf(columns: readonly Column[]): string {
  const [only, second] = columns;
  const rules = new Set(columns.flatMap((column) => [...column.rules.keys()])).size;
  if (only === undefined) return "Nothing was checked";
  if (second === undefined) return `${nameOf(only.report)} × ${countOf(rules, "rule")}`;
  const names = [...new Set(columns.map(({ report }) => report.header.adapter))];
  const who =
    names.length > 1
      ? countOf(columns.length, "implementation")
      : `${names.join("")}, ${countOf(columns.length, "version")}`;
  return `${who} × ${countOf(rules, "rule")}`;
}

function subtitleOf(reports: readonly RunReport[]): string {
  const all = (pick: (report: RunReport) => string) => [...new Set(reports.map(pick))].join(", ");
  const operations = reports.reduce((sum, { footer }) => sum + footer.operations, 0);
  const sequences = reports.reduce((sum, { footer }) => sum + footer.sequences, 0);
  return [
    reports.length > 1
      ? "each judged by the rules of its own time"
      : all(({ header }) => `edition ${header.edition}`),
    all(({ header }) => header.database),
    `time ${all(({ header }) => header.clock)}`,
    `seed ${all(({ header }) => String(header.seed))}`,
    `${countOf(sequences, "sequence")}, ${countOf(operations, "operation")}`,
  ].join(" · ");
}

/** What could make the verdict hollow comes first, and turns the banner amber. */
function verdictHtml(reports: readonly RunReport[], columns: readonly Column[]): string {
  const { mark, text } = verdictOf(reports);
  const hollow = hollowTexts(reports);
  const look = hollow.length > 0 ? " mind" : mark === "✗" ? " no" : mark === "?" ? " mind" : "";
  const first =
    hollow.length === 0
      ? ""
      : `<p>! Not everything was checked: ${escapeHtml(hollow.join(", "))}.</p>`;
  const numbers = columns.length === 1 ? reports.map(countsOf).join("") : newestText(columns);
  return `<div class="verdict${look}">${first}<b>${mark} ${escapeHtml(text)}</b>${escapeHtml(numbers)}</div>`;
}

/** How the newest version of each implementation does. */
function newestText(columns: readonly Column[]): string {
  const newest = new Map(columns.map(({ report }) => [report.header.adapter, report]));
  return [...newest.values()]
    .map(
      (report) =>
        `Newest of ${report.header.adapter}, ${report.header.version}: ${countsOf(report)}.`,
    )
    .join(" ");
}

/** What somebody has to look into: entries of expectations, runs that did not finish, what was seen once. */
function openHtml(reports: readonly RunReport[]): string {
  const { unfinished, unclear } = hollowOf(reports);
  const items = [
    ...amissIn(reports).map(
      ({ file, rule, state, why, signature }) =>
        `${state} in ${file}: ${rule}: ${why} (${signature})`,
    ),
    ...unfinished.map((report) => `${report.header.name} did not finish: ${whyUnfinished(report)}`),
    ...unclear.map(({ rule, signature }) => `seen once and not again: ${rule} (${signature})`),
  ];
  if (items.length === 0) return "";
  return `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
}
