import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Bug } from "../bugs/bug.ts";
import { UNBREAKABLE } from "../bugs/catalogue.ts";
import type { Verdict } from "../bugs/kill.ts";

/** How hard bugs were to find: sequences until the first sign, seconds until then without shrinking, steps of the shrunk story. */
export type Toll = Readonly<{ sequence: number; seconds: number; steps: number }>;

/** What came of all bugs. */
export type BugSummary = Readonly<{
  killed: readonly Verdict[];
  /** Everything else: what the suite or the catalogue must answer for. */
  wrong: readonly Verdict[];
  /** Of the killed ones; null where none was. */
  median: Toll | null;
  worst: Toll | null;
  /** The three that took the most sequences, of these the longest stories first. */
  hardest: readonly Verdict[];
  /** All the time that was taken, shrinking included, by the number of bugs. */
  secondsPerBug: number;
  /** Rules that only one bug breaks, and rules that none does, of the whole catalogue. */
  thin: readonly RuleId[];
  unbroken: readonly RuleId[];
}>;

const HARDEST = 3;

/** Sums up what came of the bugs that were hunted; `seconds` is what all of it took, `catalogue` all bugs there are. */
export function summarize(
  verdicts: readonly Verdict[],
  seconds: number,
  catalogue: readonly Bug[],
): BugSummary {
  const killed = verdicts.filter(({ verdict }) => verdict === "killed");
  const byToll = [...killed].sort((a, b) => b.sequence - a.sequence || b.ops.length - a.ops.length);
  const breaking = (count: number): readonly RuleId[] =>
    (Object.keys(RULES) as RuleId[]).filter((rule) => breakersOf(rule, catalogue).length === count);
  return {
    killed,
    wrong: verdicts.filter(({ verdict }) => verdict !== "killed"),
    median: tollOf(killed, (sorted) => sorted[Math.floor(sorted.length / 2)] ?? 0),
    worst: tollOf(killed, (sorted) => sorted.at(-1) ?? 0),
    hardest: byToll.slice(0, HARDEST),
    secondsPerBug: verdicts.length === 0 ? 0 : seconds / verdicts.length,
    thin: breaking(1),
    unbroken: breaking(0),
  };
}

/** The bugs that list a rule. */
export const breakersOf = (rule: RuleId, catalogue: readonly Bug[]): readonly Bug[] =>
  catalogue.filter(({ breaks }) => breaks.includes(rule));

function tollOf(
  killed: readonly Verdict[],
  pick: (sorted: readonly number[]) => number,
): Toll | null {
  if (killed.length === 0) return null;
  const of = (value: (verdict: Verdict) => number) => pick(killed.map(value).sort((a, b) => a - b));
  return {
    sequence: of(({ sequence }) => sequence),
    seconds: of(({ seconds }) => seconds),
    steps: of(({ ops }) => ops.length),
  };
}

/** Whose fault it is that a bug was not killed as it should be; empty for one that was. */
export function blameOf({ bug, verdict, rule, sequence, why }: Verdict): string {
  const listed = bug.breaks.join(", ");
  switch (verdict) {
    case "killed":
      return "";
    case "survived":
      return `${sequence === 1 ? "1 sequence" : `${sequence} sequences`}, no difference that ${listed} would name: the suite is blind`;
    case "wrong rule":
      return `caught by ${rule}, lists ${listed}: mend the entry or the model`;
    case "stale edit":
      return `not put in, so not tested: ${JSON.stringify(why)}`;
    case "broken":
      return `Postgres does not take the statement: ${why}`;
  }
}

/** Rules that no bug breaks, each with the reason where it is known that none can. */
export const reasonsOf = (unbroken: readonly RuleId[]): string =>
  unbroken.length === 0
    ? "none"
    : unbroken
        .map((rule) => `${rule}${UNBREAKABLE[rule] === undefined ? "" : ` (${UNBREAKABLE[rule]})`}`)
        .join(", ");
