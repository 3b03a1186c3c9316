import type { Edition } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { applies } from "../run/applies.ts";
import type { Finding, HuntReport } from "../run/hunt.ts";
import { scopeOf } from "../walk/swarm.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Opened } from "./open.ts";

/** What a hunt amounts to. */
export type Judgement = Readonly<{
  report: HuntReport;
  edition: Edition;
  /** One finding per signature that shows again from an empty queue. */
  broken: readonly Finding[];
  byDesign: readonly Finding[];
  /** Did not show again: flaky, or only after another divergence. */
  unclear: readonly Finding[];
  applicable: readonly RuleId[];
  /** Whether the tour, or the injection of states where there was one, left something out. */
  isTourCut: boolean;
  /** Rules that could have been checked and never were. */
  undecided: readonly RuleId[];
  exit: ExitCode;
}>;

/** Which findings count, which rules were left unchecked, and the verdict. */
export function judge({ adapter, edition }: Opened, report: HuntReport): Judgement {
  const scope = scopeOf(adapter.about, edition);
  const designed = new Set(
    Object.values(adapter.about.capabilities).flatMap((each) =>
      typeof each === "object" && "divergent" in each ? [each.divergent] : [],
    ),
  );
  const shown = report.findings.filter((finding) => finding.shrunk !== null);
  const broken = shown.filter((finding) => !designed.has(finding.rule));
  const applicable = (Object.keys(RULES) as RuleId[]).filter((rule) => applies(rule, scope));
  const { tour } = report;
  // The tour by itself is held to its transitions; that every rule fires is for the walks.
  const isTourAlone = tour !== null && report.sequences === 0;
  const undecided = isTourAlone ? [] : applicable.filter((rule) => !report.fired.has(rule));
  const isTourCut =
    tour !== null &&
    (tour.toured < tour.transitions ||
      (adapter.put !== undefined && tour.injected < tour.transitions));
  const isUnclear = undecided.length > 0 || shown.length < report.findings.length;
  const exit =
    broken.length > 0
      ? EXIT.divergence
      : report.operations === 0 || isUnclear || isTourCut
        ? EXIT.inconclusive
        : EXIT.pass;
  return {
    report,
    edition,
    broken,
    byDesign: shown.filter((finding) => designed.has(finding.rule)),
    unclear: report.findings.filter((finding) => finding.shrunk === null),
    applicable,
    isTourCut,
    undecided,
    exit,
  };
}
