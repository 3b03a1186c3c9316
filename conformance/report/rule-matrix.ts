import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { byHarm } from "./harm.ts";
import { type Column, columnsOf, shortest } from "./report-columns.ts";
import type { ReportedFinding, RunReport, Verdict } from "./run-report.ts";
import { applicable, countOf, findingsOf, rulesWith } from "./summary.ts";

/** What a cell shows: a rule's verdict, or that the run failed before there could be one. */
export type Mark = Verdict | "failed";

/** A rule on one implementation: the one place where `weir matrix` and `weir diff` take verdicts from. */
export type MatrixCell = Readonly<{
  mark: Mark;
  /** Of the shortest story that shows it broken; null where there is none. */
  steps: number | null;
  why: string | null;
}>;

/** Of a run that failed only what it had found counts: that a rule was kept so far says nothing of what would have come. */
export function cellOf(report: RunReport, rule: string): MatrixCell {
  const found = report.rules.find((each) => each.rule === rule);
  const { failure } = report.footer;
  if (found?.verdict === "broken" || found?.verdict === "by design") {
    return { mark: found.verdict, steps: shortest(report, rule), why: found.why };
  }
  if (failure !== null) return { mark: "failed", steps: null, why: failure };
  if (found === undefined) {
    return { mark: "undecided", steps: null, why: "the report is of a Weir without this rule" };
  }
  return { mark: found.verdict, steps: null, why: found.why };
}

/** Implementations side by side, and what of the rules is worth a row. Every rule of every report is in exactly one of the lists. */
export type Matrix = Readonly<{
  columns: readonly Column[];
  /** Broken somewhere: worst harm first. */
  broken: readonly string[];
  /** Different by design somewhere, and broken nowhere. */
  designed: readonly string[];
  /** Undecided somewhere, and none of these. */
  unsure: readonly string[];
  /** Kept by all whose run did not fail. */
  kept: readonly string[];
  /** Kept by some; skipped by the others, or not in their version. */
  partly: readonly string[];
  /** Tried on none. */
  untried: readonly string[];
}>;

/** Sorts out the rules of some reports; columns in order of version. */
export function matrixOf(reports: readonly RunReport[]): Matrix {
  const columns = columnsOf(reports);
  const rules = [...new Set(columns.flatMap((column) => [...column.rules.keys()]))];
  const lists = {
    broken: [] as string[],
    designed: [] as string[],
    unsure: [] as string[],
    kept: [] as string[],
    partly: [] as string[],
    untried: [] as string[],
  };
  for (const rule of rules) {
    const marks = new Set(columns.map(({ report }) => cellOf(report, rule).mark));
    lists[listOf(marks)].push(rule);
  }
  return { columns, ...lists, broken: lists.broken.toSorted(byHarm) };
}

function listOf(marks: ReadonlySet<Mark>): Exclude<keyof Matrix, "columns"> {
  if (marks.has("broken")) return "broken";
  if (marks.has("by design")) return "designed";
  if (marks.has("undecided")) return "unsure";
  if (!marks.has("kept")) return "untried";
  return [...marks].every((each) => each === "kept" || each === "failed") ? "kept" : "partly";
}

/** `154/161`: how many rules were kept of those that apply; `!` for a run that failed. */
export function keptOf(report: RunReport): string {
  if (report.footer.failure !== null) return "!";
  return `${rulesWith(report, "kept").length}/${applicable(report).length}`;
}

/** A finding, and the report that has it. */
export type Told = Readonly<{ report: RunReport; finding: ReportedFinding }>;

/** The story to look at first: of River's own rules, of those that break an invariant, of the worst harm, the shortest that was recorded; null for none. */
export function worstStory({ columns, broken }: Matrix): Told | null {
  const recorded = broken.flatMap((rule) =>
    columns.flatMap(({ report }) =>
      findingsOf(report, rule, "broken")
        .filter(({ steps, record }) => steps !== null && record !== null)
        .map((finding) => ({ report, finding })),
    ),
  );
  const [worst] = recorded.toSorted(
    (a, b) =>
      weightOf(a) - weightOf(b) ||
      byHarm(a.finding.rule, b.finding.rule) ||
      (a.finding.steps?.length ?? 0) - (b.finding.steps?.length ?? 0),
  );
  return worst ?? null;
}

/** An invariant that is broken names the rule whose breach broke it. */
function weightOf({ report, finding: { rule } }: Told): number {
  const isOwn = isRule(rule) && RULES[rule].level === "river";
  const breaksMore = report.rules.some(({ why }) => why === `by what breaks ${rule}`);
  return (isOwn ? 0 : 2) + (breaksMore ? 0 : 1);
}

const isRule = (id: string): id is RuleId => Object.hasOwn(RULES, id);

/** `7 rules broken, 1 by design`, each somewhere: what the exit code of a matrix means. */
export function sumOf({ columns, broken, designed, unsure }: Matrix): string {
  const failed = columns.filter(({ report }) => report.footer.failure !== null).length;
  const parts = [
    ...(failed > 0 ? [`${failed} of ${columns.length} not checked`] : []),
    ...(broken.length > 0 ? [`${countOf(broken.length, "rule")} broken`] : []),
    ...(designed.length > 0 ? [`${designed.length} by design`] : []),
    ...(unsure.length > 0 ? [`${unsure.length} undecided`] : []),
  ];
  return parts.length === 0 ? "every rule that was tried is kept" : parts.join(", ");
}
