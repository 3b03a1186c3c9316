import { createHash } from "node:crypto";
import type { ReportedFinding, ReportFooter } from "../report/run-report.ts";
import type { Failure, Outcome } from "../vectors/family.ts";

const SHOWN = 2;
const WIDE = 300;

/** Golden values that were not kept, as findings: one for each rule of a family. Its signature names the whole set of values that failed. */
export function vectorFindings(outcomes: readonly Outcome[]): readonly ReportedFinding[] {
  return outcomes.flatMap(({ family, failures }) => {
    const rules = [...new Set(failures.map(({ rule }) => rule))];
    return rules.flatMap((rule) => {
      const own = failures.filter((failure) => failure.rule === rule);
      const [first] = own;
      return first === undefined ? [] : [findingOf(family, first, own)];
    });
  });
}

function findingOf(family: string, first: Failure, failures: readonly Failure[]): ReportedFinding {
  const texts = failures.map(({ input, is }) => `${input}\n${is}`);
  const hash = createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 8);
  const more = failures.length - SHOWN;
  return {
    event: "finding",
    kind: "broken",
    rule: first.rule,
    signature: `${first.rule} | vectors | ${family} | ${failures.length} not kept | ${hash}`,
    sequence: 0,
    seconds: 0,
    length: 0,
    steps: null,
    story: [
      ...failures.slice(0, SHOWN).flatMap(failureLines),
      ...(more > 0 ? [`      and ${more} more of ${first.rule}`] : []),
    ],
    expected: JSON.stringify(first.mustBe),
    got: JSON.stringify(first.is),
    why: first.input,
    behavesLike: null,
    record: null,
  };
}

const failureLines = ({ rule, input, mustBe, is }: Failure): readonly string[] => [
  `    ✗ ${rule}  ${cut(input)}`,
  `      must be ${cut(mustBe)}`,
  `      but is  ${cut(is)}`,
];

const cut = (text: string): string => (text.length > WIDE ? `${text.slice(0, WIDE)}…` : text);

/** How many values of each family were kept, for the footer. */
export const vectorCounts = (outcomes: readonly Outcome[]): NonNullable<ReportFooter["vectors"]> =>
  outcomes.map(({ family, kept, failures, left }) => ({
    family,
    kept,
    failed: failures.length,
    left: Object.fromEntries(left),
  }));
