import type { ReportedRule, RunReport } from "./run-report.ts";
import { countOf, findingsOf, isAccepted, nameOf } from "./summary.ts";

/** A report as a column of a page. */
export type Column = Readonly<{
  report: RunReport;
  /** What tells it from the others: its version, with its name where there are several implementations. */
  label: string;
  rules: ReadonlyMap<string, ReportedRule>;
}>;

/** Versions by their numbers; what is no number stands behind. */
function byVersion(a: string, b: string): number {
  const collator = new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/** The reports of one implementation side by side, in order of version; implementations in the order of the reports. */
export function columnsOf(reports: readonly RunReport[]): readonly Column[] {
  const names = [...new Set(reports.map(({ header }) => header.adapter))];
  const ordered = names.flatMap((name) =>
    reports
      .filter(({ header }) => header.adapter === name)
      .toSorted((a, b) => byVersion(a.header.version, b.header.version)),
  );
  const hasTwins = new Set(reports.map(nameOf)).size < reports.length;
  return ordered.map((report) => ({
    report,
    label: hasTwins
      ? report.header.name
      : names.length > 1
        ? nameOf(report)
        : report.header.version,
    rules: new Map(report.rules.map((rule) => [rule.rule, rule])),
  }));
}

/** The id of the place where a rule's stories stand on the page. */
export const storiesId = (rule: string): string => `s-${rule}`;

/** How many steps the shortest story has that shows a rule broken; null where there is none, as for golden values. */
export const shortest = (report: RunReport, rule: string): number | null =>
  findingsOf(report, rule, "broken")[0]?.steps?.length ?? null;

/** What a cell says, as a sentence. */
export function sentenceOfCell({ report, label, rules }: Column, rule: string): string {
  const cell = rules.get(rule);
  if (cell === undefined) return `${rule}, ${label}: not in this report.`;
  const steps = cell.verdict === "broken" ? shortest(report, rule) : null;
  const listed = cell.verdict === "broken" && isAccepted(report, rule) ? ", as expected" : "";
  const more = `${steps === null ? "" : `, ${countOf(steps, "step")}`}${listed}`;
  const why =
    cell.why === null || cell.verdict === "broken" ? "" : `: ${cell.why.replace(/\.$/, "")}`;
  return `${rule}, ${label}: ${cell.verdict}${more}${why}.`;
}

/** In which of an implementation's versions a rule has which verdict: `broken 0.12.0 to 0.18.0, kept 0.27.0`. Empty for a single column. */
export function historyOf(rule: string, columns: readonly Column[]): string {
  if (columns.length < 2) return "";
  const names = [...new Set(columns.map(({ report }) => report.header.adapter))];
  const parts = names.map((name) => {
    const own = columns.filter(({ report }) => report.header.adapter === name);
    const runs: { verdict: string; versions: string[] }[] = [];
    for (const { report, rules } of own) {
      const verdict = rules.get(rule)?.verdict ?? "not in this report";
      const last = runs.at(-1);
      if (last?.verdict === verdict) last.versions.push(report.header.version);
      else runs.push({ verdict, versions: [report.header.version] });
    }
    const said = runs.map(({ verdict, versions }) => `${verdict} ${rangeOf(versions)}`).join(", ");
    return names.length > 1 ? `${name}: ${said}` : said;
  });
  return `${parts.join("; ")}.`;
}

/** Labels of columns, those of three and more neighbours of one implementation as `0.12.0 to 0.18.0`. */
export function labelsText(labels: readonly string[], columns: readonly Column[]): string {
  const runs: Column[][] = [];
  let before: Column | null = null;
  for (const column of columns) {
    const isShown = labels.includes(column.label);
    const isNext = before?.report.header.adapter === column.report.header.adapter;
    if (isShown && isNext) runs.at(-1)?.push(column);
    else if (isShown) runs.push([column]);
    before = isShown ? column : null;
  }
  return runs
    .flatMap((run) => {
      const names = run.map(({ label }) => label);
      return names.length > 2 ? [`${names[0]} to ${names.at(-1)}`] : names;
    })
    .join(", ");
}

const rangeOf = (versions: readonly string[]): string =>
  versions.length < 2 ? versions.join("") : `${versions[0]} to ${versions.at(-1)}`;
