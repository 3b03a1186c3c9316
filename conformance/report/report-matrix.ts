import { HARMS, type Harm, harmOf, sentenceOf } from "./harm.ts";
import { escapeHtml, sentenceHtml, shortened } from "./html.ts";
import { type Column, sentenceOfCell, shortest, storiesId } from "./report-columns.ts";
import { type Reasons, reasonId } from "./report-reasons.ts";
import type { Verdict } from "./run-report.ts";
import { applicable, countOf, isAccepted, rulesWith } from "./summary.ts";

/** The glyph and the look of each verdict: what it means is said in words by the cell's name and the legend. */
const LOOKS: Readonly<Record<Verdict, readonly [glyph: string, look: string]>> = {
  broken: ["✗", "n"],
  kept: ["✓", "y"],
  "by design": ["△", "d"],
  undecided: ["?", "q"],
  "not in that version": ["·", "o"],
  skipped: ["s", "o"],
};

/** Implementations × rules: what is broken, by design or undecided somewhere; then, to be opened, what is kept wherever it was tried, and what all keep. */
export function matrixHtml(columns: readonly Column[], reasons: Reasons): string {
  const rules = [...new Set(columns.flatMap((column) => [...column.rules.keys()]))];
  const verdicts = (rule: string) => columns.map((column) => column.rules.get(rule)?.verdict);
  const isLoud = (rule: string) =>
    verdicts(rule).some(
      (each) => each === "broken" || each === "by design" || each === "undecided",
    );
  const isKept = (rule: string) => verdicts(rule).every((each) => each === "kept");
  const loud = rules.filter(isLoud);
  const quiet = rules.filter((rule) => !isLoud(rule) && !isKept(rule));
  const kept = rules.filter(isKept);
  return [
    "<h2>Rules</h2>",
    legendHtml(columns.some(({ report }) => report.footer.gate !== undefined)),
    loud.length === 0
      ? "<p>No rule is broken, differs by design or is undecided.</p>"
      : tableHtml(loud, columns, reasons, "matrix"),
    quiet.length === 0
      ? ""
      : `<details><summary>✓ ${countOf(quiet.length, "rule")} kept wherever tried: elsewhere skipped or not in that version</summary><div>${tableHtml(quiet, columns, null, "rules kept wherever tried")}</div></details>`,
    kept.length === 0 ? "" : keptHtml(kept, columns.length),
  ].join("\n");
}

function legendHtml(isGated: boolean): string {
  const signs = [
    "✗ 2 &nbsp;broken, shown in 2 steps",
    ...(isGated ? ["✗ in dashes &nbsp;broken, as expected"] : []),
    "✓ &nbsp;kept",
    "△ &nbsp;differs by design",
    "? &nbsp;undecided",
    "· &nbsp;not in that version",
    "s &nbsp;skipped",
  ];
  return `<p class="legend">${signs.map((sign) => `<span>${sign}</span>`).join("")}</p>`;
}

function keptHtml(rules: readonly string[], columns: number): string {
  const items = rules.map(
    (rule) => `<li><b>${escapeHtml(rule)}</b> ${sentenceHtml(sentenceOf(rule))}</li>`,
  );
  const who = columns > 1 ? `kept by all ${columns}` : "kept";
  return `<details><summary>✓ ${countOf(rules.length, "rule")} ${who}</summary><div><ul class="kept">${items.join("")}</ul></div></details>`;
}

function tableHtml(
  rules: readonly string[],
  columns: readonly Column[],
  reasons: Reasons | null,
  name: string,
): string {
  const groups = (Object.keys(HARMS) as Harm[]).flatMap((harm) => {
    const own = rules.filter((rule) => harmOf(rule) === harm);
    if (own.length === 0) return [];
    const head = `<tr class="grp"><th scope="rowgroup">${HARMS[harm]}</th><td colspan="${columns.length}"></td></tr>`;
    const rows = own.map((rule) => rowHtml(rule, columns, reasons));
    return [`<tbody>${head}${rows.join("")}</tbody>`];
  });
  return [
    `<div class="wrap tall" tabindex="0" role="region" aria-label="${name}"><table class="mx rep"><caption>${name}: rules by harm, and implementations</caption>`,
    headHtml(columns),
    ...groups,
    footHtml(columns),
    "</table></div>",
  ].join("\n");
}

/** Above: implementation and language, over all its versions. */
function headHtml(columns: readonly Column[]): string {
  const names = [...new Set(columns.map(({ report }) => report.header.adapter))];
  const spans = names.map((name) => {
    const own = columns.filter(({ report }) => report.header.adapter === name);
    const languages = [...new Set(own.map(({ report }) => report.header.language))].join(", ");
    return `<th scope="colgroup" colspan="${own.length}"><span>${escapeHtml(name)}<small>${escapeHtml(languages)}</small></span></th>`;
  });
  const versions = columns.map(
    ({ report }) =>
      `<th scope="col">${escapeHtml(report.header.version)}${report.footer.gate === undefined ? "" : "<small>gated</small>"}</th>`,
  );
  return `<thead><tr><th scope="col" rowspan="2">rule</th>${spans.join("")}</tr><tr>${versions.join("")}</tr></thead>`;
}

function rowHtml(rule: string, columns: readonly Column[], reasons: Reasons | null): string {
  const id = escapeHtml(rule);
  const head = `<th scope="row"><b>${id}</b><small>${sentenceHtml(shortened(sentenceOf(rule)))}</small></th>`;
  return `<tr>${head}${columns.map((column) => cellHtml(rule, column, reasons)).join("")}</tr>`;
}

function cellHtml(rule: string, column: Column, reasons: Reasons | null): string {
  const name = escapeHtml(sentenceOfCell(column, rule));
  const cell = column.rules.get(rule);
  if (cell === undefined) return `<td><i role="img" aria-label="${name}">–</i></td>`;
  const [glyph, look] = LOOKS[cell.verdict];
  const isListed = cell.verdict === "broken" && isAccepted(column.report, rule);
  const link = (to: string, sign: string) =>
    `<td class="${isListed ? "n e" : look}"><a href="#${escapeHtml(to)}" aria-label="${name}">${sign}</a></td>`;
  if (cell.verdict === "broken") {
    const steps = shortest(column.report, rule);
    return link(storiesId(rule), steps === null ? glyph : `${glyph} ${steps}`);
  }
  const reason = reasons === null ? null : reasonId(reasons, cell);
  if (reason !== null) return link(reason, glyph);
  return `<td class="${look}"><i role="img" aria-label="${name}">${glyph}</i></td>`;
}

/** Kept of those that apply; no percentage, which would rank by the number of rules instead of by harm. */
function footHtml(columns: readonly Column[]): string {
  const cells = columns.map(({ report }) => {
    const kept = rulesWith(report, "kept").length;
    return `<td>${kept}/${applicable(report).length}</td>`;
  });
  return `<tfoot><tr><th scope="row">kept of the rules that apply</th>${cells.join("")}</tr></tfoot>`;
}
