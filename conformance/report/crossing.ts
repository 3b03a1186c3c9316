import type { Op } from "../../spec/model/op.ts";
import { isSameWay } from "../run/signature.ts";
import type { ReportedFinding, RunReport } from "./run-report.ts";

/** A story that one implementation shows, to be run on another that was not seen to show it. */
export type Candidate = Readonly<{
  /** The implementation that showed it, as `--adapter` names it, and the edition that judged it. */
  from: string;
  edition: string;
  rule: string;
  signature: string;
  steps: readonly Op[];
}>;

/** What came of a candidate. */
export type Replayed = Readonly<{
  candidate: Candidate;
  verdict: "shows" | "another" | "kept" | "cannot";
  /** Which other rule it breaks, or what cannot be asked; null for none. */
  why: string | null;
  /** The changes of rules (switches of the edition) by which alone it is kept; empty where it is the implementation that differs. */
  switches: readonly string[];
  /** Null unless it shows. */
  finding: ReportedFinding | null;
  /** Invariants that are broken with it. */
  breaks: readonly string[];
}>;

/** What the implementations show of each other's stories, by the name of the one that was asked. */
export type Crossing = ReadonlyMap<string, readonly Replayed[]>;

/** Whether an adapter held out to the end of its run, and so can be asked once more. */
const isSound = ({ footer }: RunReport): boolean =>
  footer.failure === null && footer.operations > 0;

/** The stories of the others that a run of its own did not show; of those that break a rule the same way the shortest. */
export function candidatesFor(
  report: RunReport,
  reports: readonly RunReport[],
): readonly Candidate[] {
  if (!isSound(report)) return [];
  const own = report.findings.map(({ signature }) => signature);
  const others = reports
    .filter((each) => each !== report)
    .flatMap(({ header, findings }) =>
      findings.flatMap(({ kind, rule, signature, steps }) =>
        kind !== "broken" || steps === null
          ? []
          : [{ from: header.name, edition: header.edition, rule, signature, steps }],
      ),
    )
    .toSorted((a, b) => a.steps.length - b.steps.length);
  return others.filter(
    ({ signature }, i) =>
      !own.some((each) => isSameWay(each, signature)) &&
      others.findIndex((each) => isSameWay(each.signature, signature)) === i,
  );
}

/** The report with what others' stories showed as findings of its own: the rules that these break are broken. */
export function withReplayed(report: RunReport, replayed: readonly Replayed[]): RunReport {
  const fresh = replayed.filter(
    ({ finding }, i) =>
      finding !== null &&
      !report.findings.some(({ signature }) => signature === finding.signature) &&
      replayed.findIndex((each) => each.finding?.signature === finding.signature) === i,
  );
  const findings = fresh.flatMap(({ finding }) => (finding === null ? [] : [finding]));
  const broken = findings.filter(({ kind }) => kind === "broken");
  if (findings.length === 0) return report;
  const by = new Map(
    fresh.flatMap(({ finding, breaks }) =>
      finding?.kind === "broken" ? breaks.map((rule) => [rule, finding.rule] as const) : [],
    ),
  );
  const { exit } = report.footer;
  return {
    ...report,
    findings: [...report.findings, ...findings],
    rules: report.rules.map((each) => {
      if (each.verdict === "broken" || each.verdict === "by design") return each;
      const own = findings.find(({ rule }) => rule === each.rule);
      if (own !== undefined) {
        return { ...each, verdict: own.kind === "broken" ? "broken" : "by design", why: null };
      }
      const cause = by.get(each.rule);
      return cause === undefined
        ? each
        : { ...each, verdict: "broken", why: `by what breaks ${cause}` };
    }),
    footer: { ...report.footer, exit: broken.length > 0 && exit !== 4 ? 1 : exit },
  };
}
