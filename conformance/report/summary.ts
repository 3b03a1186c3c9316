import { byHarm } from "./harm.ts";
import type { ReportedFinding, ReportedRule, RunReport, Verdict } from "./run-report.ts";

/** A rule of a report, and whose it is. */
export type Case = Readonly<{ report: RunReport; rule: ReportedRule }>;

/** What could make a verdict hollow. */
export type Hollow = Readonly<{
  undecided: readonly Case[];
  skipped: readonly Case[];
  /** Of the rules that apply, but for those that differ by design: these are not asked for. */
  neverFired: readonly Case[];
  /** Runs that were cut short, or did nothing at all. */
  unfinished: readonly RunReport[];
  /** What was seen once and not again. */
  unclear: readonly ReportedFinding[];
}>;

/** A verdict in words, with its glyph. */
export type Sentence = Readonly<{ mark: "✗" | "✓" | "△" | "?"; text: string }>;

/** `1 rule`, `2 rules`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

/** An implementation with its version, as sentences name it. */
export const nameOf = ({ header }: RunReport): string => `${header.adapter} ${header.version}`;

/** The rules of a report with one of these verdicts. */
export const rulesWith = ({ rules }: RunReport, ...verdicts: readonly Verdict[]) =>
  rules.filter(({ verdict }) => verdicts.includes(verdict));

/** How many rules apply: could be checked, and are owed by that version. */
export const applicable = (report: RunReport): readonly ReportedRule[] =>
  rulesWith(report, "broken", "kept", "by design", "undecided");

/** Whether a run came to its end, and did something. */
export const isFinished = ({ footer }: RunReport): boolean =>
  footer.complete &&
  footer.failure === null &&
  (footer.operations > 0 || (footer.vectors?.length ?? 0) > 0);

/** Why a run counts as unfinished. */
export function whyUnfinished({ footer }: RunReport): string {
  if (footer.failure !== null) return footer.failure;
  return footer.complete ? "0 operations ran, so nothing was checked" : "it was stopped";
}

/** All that a reader must know before believing the verdict. */
export function hollowOf(reports: readonly RunReport[]): Hollow {
  const cases = (pick: (report: RunReport) => readonly ReportedRule[]): readonly Case[] =>
    reports.flatMap((report) => pick(report).map((rule) => ({ report, rule })));
  return {
    undecided: cases((report) => rulesWith(report, "undecided")),
    skipped: cases((report) => rulesWith(report, "skipped")),
    neverFired: cases((report) =>
      applicable(report).filter(({ fired, verdict }) => fired === 0 && verdict !== "by design"),
    ),
    unfinished: reports.filter((report) => !isFinished(report)),
    unclear: reports.flatMap(({ findings }) => findings.filter(({ kind }) => kind === "unclear")),
  };
}

/** The hollow numbers as `3 undecided`, those that are not 0; none of them means that the verdict is what it seems. */
export function hollowTexts(reports: readonly RunReport[]): readonly string[] {
  const { undecided, skipped, neverFired, unfinished, unclear } = hollowOf(reports);
  const texts: readonly (readonly [number, string])[] = [
    [unfinished.length, `${countOf(unfinished.length, "run")} not finished`],
    [undecided.length, `${undecided.length} undecided`],
    [neverFired.length, `${countOf(neverFired.length, "rule")} never fired`],
    [skipped.length, `${skipped.length} skipped`],
    [unclear.length, `${countOf(unclear.length, "difference")} seen once and not again`],
  ];
  return texts.filter(([count]) => count > 0).map(([, text]) => text);
}

/** The rules that some report calls broken, worst harm first. */
export function brokenRules(reports: readonly RunReport[]): readonly string[] {
  const order = [...new Set(reports.flatMap(({ rules }) => rules.map(({ rule }) => rule)))];
  const broken = new Set(
    reports.flatMap((report) => rulesWith(report, "broken").map(({ rule }) => rule)),
  );
  return order.filter((rule) => broken.has(rule)).sort(byHarm);
}

/** Whether all that breaks a rule is listed as expected; what only an invariant noticed goes with the findings that it was seen in. */
export function isAccepted(report: RunReport, rule: string): boolean {
  const own = findingsOf(report, rule, "broken");
  if (own.length === 0) return report.footer.gate?.unlisted === 0;
  return own.every(({ accepted }) => accepted !== undefined);
}

/** Entries of files of expectations for which something must be done. */
export const amissIn = (reports: readonly RunReport[]) =>
  reports.flatMap(({ footer: { gate } }) =>
    (gate?.amiss ?? []).map((entry) => ({ ...entry, file: gate?.file ?? "" })),
  );

/** The rules that some report calls broken where it is not expected. */
export const unexpectedRules = (reports: readonly RunReport[]): readonly string[] =>
  brokenRules(reports).filter((rule) =>
    reports.some(
      (report) =>
        rulesWith(report, "broken").some((each) => each.rule === rule) && !isAccepted(report, rule),
    ),
  );

/** The verdict of a page, a table or a file in one sentence. Nothing is called kept that was not tried. */
export function verdictOf(reports: readonly RunReport[]): Sentence {
  const [first] = reports;
  if (first === undefined) return { mark: "?", text: "Nothing was checked." };
  const broken = brokenRules(reports).length;
  const unexpected = unexpectedRules(reports).length;
  const amiss = amissIn(reports).filter(({ state }) => state !== "unsought").length;
  if (unexpected > 0 || amiss > 0) {
    const listed = broken - unexpected;
    const more = [
      ...(listed > 0 ? [`${listed} of them expected`] : []),
      ...(amiss > 0
        ? [`${countOf(amiss, "entry", "entries")} of what is expected must be mended`]
        : []),
    ];
    const text =
      broken === 0 ? "Nothing is broken" : brokenText(reports, broken).replace(/\.$/, "");
    return { mark: "✗", text: `${[text, ...more].join("; ")}.` };
  }
  const { undecided, unfinished } = hollowOf(reports);
  const found =
    broken > 0 ? "Nothing broken was found that is not expected" : "Nothing broken was found";
  const unclear = [
    ...(unfinished.length > 0
      ? [`${unfinished.length} of ${countOf(reports.length, "run")} did not finish`]
      : []),
    ...(undecided.length > 0 ? [`${countOf(undecided.length, "rule")} could not be decided`] : []),
  ];
  if (unclear.length > 0) {
    return {
      mark: "?",
      text: `${found}, but ${unclear.join(", and ")}: this is not a pass.`,
    };
  }
  if (broken === 0) return { mark: "✓", text: keptText(reports, first) };
  const text = brokenText(reports, broken).replace(/\.$/, "");
  return { mark: "△", text: `${text}, ${broken === 1 ? "which is" : "all of them"} expected.` };
}

function brokenText(reports: readonly RunReport[], broken: number): string {
  const [only, second] = reports;
  if (only !== undefined && second === undefined) {
    return `${nameOf(only)} breaks ${broken} of the ${countOf(applicable(only).length, "rule")} that apply to it.`;
  }
  const guilty = reports.filter((report) => rulesWith(report, "broken").length > 0).length;
  return `${countOf(broken, "rule is", "rules are")} broken somewhere, by ${guilty} of ${reports.length} implementations.`;
}

function keptText(reports: readonly RunReport[], first: RunReport): string {
  const skipped = hollowOf(reports).skipped.length;
  const rest = skipped > 0 ? ` ${skipped} more were skipped, and say nothing.` : "";
  if (reports.length > 1) {
    return `All ${reports.length} implementations keep every rule that was tried on them.${rest}`;
  }
  const designed = rulesWith(first, "by design").length;
  const but = designed > 0 ? `, but for ${designed} by design` : "";
  return `${nameOf(first)} keeps ${countOf(applicable(first).length - designed, "rule")}, all that apply to it and could be tried${but}.${rest}`;
}

/** What became of the rules in one report, in numbers: `2 broken, 1 by design, 59 of 62 kept, 0 undecided, 0 skipped`. */
export function countsOf(report: RunReport): string {
  const count = (verdict: Verdict) => rulesWith(report, verdict).length;
  return [
    `${count("broken")} broken`,
    `${count("by design")} by design`,
    `${count("kept")} of ${applicable(report).length} kept`,
    `${count("undecided")} undecided`,
    `${count("skipped")} skipped`,
  ].join(", ");
}

/** The findings of a rule in a report, the shortest story first. */
export function findingsOf(
  { findings }: RunReport,
  rule: string,
  ...kinds: readonly ReportedFinding["kind"][]
): readonly ReportedFinding[] {
  const length = ({ steps }: ReportedFinding) => steps?.length ?? Number.MAX_SAFE_INTEGER;
  return findings
    .filter((each) => each.rule === rule && (kinds.length === 0 || kinds.includes(each.kind)))
    .toSorted((a, b) => length(a) - length(b));
}
