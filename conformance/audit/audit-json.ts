import type { Audit } from "./audit.ts";
import { CHECKS, type Outcome } from "./check.ts";
import { cellOf } from "./csv.ts";
import type { ListedRow } from "./list.ts";

/** What an audit says as events: a header, one for each check, a footer. */
export function auditJson(
  { seen, outcomes }: Audit,
  seconds: number,
  exit: number,
): readonly object[] {
  const { place, counts, graded, migrations } = seen;
  return [
    {
      event: "header",
      format: 1,
      at: cellOf(seen.at),
      schema: place.schema,
      jobs: counts.jobs,
      migrations: Object.fromEntries(migrations ?? []),
    },
    ...outcomes.map(outcomeJson),
    {
      event: "footer",
      seconds: Math.round(seconds * 1000) / 1000,
      marked: Object.fromEntries(
        (graded ?? []).map(({ grade }) => [
          grade,
          (graded ?? [])
            .filter((each) => each.grade === grade)
            .reduce((sum, { jobs }) => sum + jobs, 0),
        ]),
      ),
      exit,
    },
  ];
}

/** What came of one check, as an event. */
export function outcomeJson(outcome: Outcome): object {
  const { check } = outcome;
  const { rule } = CHECKS[check];
  if ("kept" in outcome) return { event: "check", check, rule, found: 0 };
  if ("unjudged" in outcome)
    return { event: "check", check, rule, found: null, unjudged: outcome.unjudged };
  const { count, weight, says, names } = outcome;
  return {
    event: "check",
    check,
    rule: outcome.rule ?? rule,
    found: count,
    weight,
    says,
    ...(names.length > 0 ? { names } : {}),
  };
}

/** A job that a check found, as an event. */
export const jobJson = (check: Outcome["check"], job: ListedRow): object => ({
  event: "job",
  check,
  rule: CHECKS[check].rule,
  ...Object.fromEntries(Object.entries(job).map(([name, value]) => [name, cellOf(value)])),
});
