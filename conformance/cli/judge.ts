import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { About } from "../adapter.ts";
import type { ReportedRule } from "../report/run-report.ts";
import { absenceOf } from "../run/applies.ts";
import type { Finding, HuntReport } from "../run/hunt.ts";
import type { Outcome } from "../vectors/family.ts";
import { EXIT, type ExitCode } from "./exit.ts";

/** What was done to an implementation; null for what was not. */
export type Evidence = Readonly<{
  property: string;
  hunted: HuntReport | null;
  vectors: readonly Outcome[] | null;
  /** Whether states could be written as rows. */
  canPut: boolean;
}>;

/** What the evidence amounts to. */
export type Judgement = Readonly<{
  /** One finding per signature that shows again from an empty queue. */
  broken: readonly Finding[];
  byDesign: readonly Finding[];
  /** Did not show again. What shows again only after another divergence is a consequence of that one, and no finding. */
  unclear: readonly Finding[];
  /** All rules, in the order of the chapters. */
  rules: readonly ReportedRule[];
  /** Whether the tour, or the injection of states where there was one, left something out. */
  isTourCut: boolean;
  /** Every exit code that holds. */
  exits: readonly ExitCode[];
}>;

/** Which findings count, what became of every rule, and the verdict. */
export function judge(about: About, evidence: Evidence): Judgement {
  const { hunted, vectors } = evidence;
  const findings = hunted?.findings ?? [];
  const designs = designsOf(about);
  const shown = findings.filter(({ shrunk }) => shrunk !== null);
  const broken = shown.filter(({ rule }) => !designs.has(rule));
  const byDesign = shown.filter(({ rule }) => designs.has(rule));
  const unclear = findings.filter(({ shrunk, after }) => shrunk === null && after === null);
  const isTourCut = hunted !== null && cutsTour(hunted, evidence.canPut);
  const sorted = { broken, byDesign, unclear };
  const rules = (Object.keys(RULES) as RuleId[]).map((rule) =>
    ruleOf(rule, about, evidence, sorted),
  );
  const exits = [...exitsOfVectors(vectors), ...exitsOfHunt(hunted, sorted, rules, isTourCut)];
  return { ...sorted, rules, isTourCut, exits };
}

type Sorted = Pick<Judgement, "broken" | "byDesign" | "unclear">;

/** Why the implementation differs from a rule, by the rule, for those that it names. */
export const designsOf = ({ capabilities }: About): ReadonlyMap<string, string> =>
  new Map(
    Object.values(capabilities).flatMap((each) =>
      typeof each === "object" && "divergent" in each ? [[each.divergent, each.why]] : [],
    ),
  );

function ruleOf(rule: RuleId, about: About, evidence: Evidence, sorted: Sorted): ReportedRule {
  const { hunted, vectors } = evidence;
  const asked = (vectors ?? []).map((family) => family.asked.get(rule) ?? 0);
  const fired = (hunted?.fired.get(rule) ?? 0) + asked.reduce((sum, each) => sum + each, 0);
  const as = (verdict: ReportedRule["verdict"], why: string | null = null): ReportedRule => ({
    event: "rule",
    rule,
    verdict,
    fired,
    why,
  });
  const isOf = (finding: Finding) => finding.rule === rule;
  const isFailed = (vectors ?? []).some(({ failures }) =>
    failures.some((each) => each.rule === rule),
  );
  if (isFailed || sorted.broken.some(isOf)) return as("broken");
  if (sorted.byDesign.some(isOf)) return as("by design", designsOf(about).get(rule) ?? null);
  const by = sorted.broken.find(({ shrunk }) =>
    shrunk?.divergence.violations.some((each) => each.rule === rule),
  );
  if (by !== undefined) return as("broken", `by what breaks ${by.rule}`);
  const absence = absenceOf(rule, about.edition, about.capabilities);
  if (absence !== null) return as(absence.verdict, absence.why);
  const once = sorted.unclear.find(isOf);
  if (once !== undefined) {
    return as("undecided", `seen once, not again from an empty queue: ${once.signature}`);
  }
  if (fired > 0) return as("kept");
  return isNarrow(evidence)
    ? as("skipped", `property ${evidence.property}`)
    : as("undecided", "never fired");
}

/** The tour by itself is held to its transitions, golden values to being kept; that every rule fires is for the walks. */
const isNarrow = ({ hunted }: Evidence): boolean =>
  hunted === null || (hunted.tour !== null && hunted.sequences === 0);

const cutsTour = ({ tour }: HuntReport, canPut: boolean): boolean =>
  tour !== null && (tour.toured < tour.transitions || (canPut && tour.injected < tour.transitions));

function exitsOfVectors(vectors: readonly Outcome[] | null): readonly ExitCode[] {
  if (vectors === null) return [];
  if (vectors.some(({ failures }) => failures.length > 0)) return [EXIT.divergence];
  return vectors.some(({ kept }) => kept > 0) ? [] : [EXIT.inconclusive];
}

function exitsOfHunt(
  hunted: HuntReport | null,
  { broken, unclear }: Sorted,
  rules: readonly ReportedRule[],
  isTourCut: boolean,
): readonly ExitCode[] {
  if (hunted === null) return [];
  const isUnclear = unclear.length > 0 || rules.some(({ verdict }) => verdict === "undecided");
  return [
    ...(broken.length > 0 ? [EXIT.divergence] : []),
    ...(hunted.operations === 0 || isUnclear || isTourCut ? [EXIT.inconclusive] : []),
  ];
}
