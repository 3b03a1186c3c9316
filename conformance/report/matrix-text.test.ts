import { beforeAll, expect, test } from "vitest";
import { bugFindings, madeReport } from "./made-reports.ts";
import { printMatrix } from "./matrix-text.ts";
import { cellOf, matrixOf, sumOf, worstStory } from "./rule-matrix.ts";
import type { ReportedFinding, ReportedRule, RunReport } from "./run-report.ts";
import { NO_PAINT } from "./screen.ts";

const VERSIONS =
  "0.12.0 0.12.1 0.13.0 0.16.0 0.18.0 0.23.1 0.27.0 0.28.0 0.40.0 0.43.0 0.44.0 0.47.0 0.48.0 0.49.0 0.50.0 0.51.1".split(
    " ",
  );
const LOOK = { ascii: false, paint: NO_PAINT, all: false };

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  findings = await bugFindings(20);
});

const of = (rule: string): ReportedFinding => {
  const found = findings.find((each) => each.rule === rule);
  if (found === undefined) throw new Error(`There must be a finding of ${rule}.`);
  return found;
};

const LATER: Record<string, Partial<ReportedRule>> = {
  "FIN-11": { verdict: "not in that version", fired: 0, why: "the rule is of 0.44" },
};

const dead = (version: string): RunReport =>
  madeReport(version, [], {}, {
    complete: false,
    failure: `river-go@${version} must build, but go build failed.`,
    operations: 0,
    sequences: 0,
    exit: 4,
  });

test("three versions stand side by side with whole names", () => {
  const reports = [
    madeReport("0.12.1", [], LATER),
    madeReport("0.12.0", [of("SCH-3")], LATER),
    madeReport("0.51.1", [], { "FET-1": { verdict: "undecided", why: "never fired" } }),
  ];
  const lines = printMatrix(matrixOf(reports), LOOK);
  console.log(lines.join("\n"));
});

test("sixteen", () => {
  const reports = VERSIONS.map((version, i) =>
    i === 3
      ? dead(version)
      : madeReport(version, findings.slice(i, i + 3), i < 10 ? LATER : {}),
  );
  const matrix = matrixOf(reports);
  console.log(printMatrix(matrix, LOOK).join("\n"));
  console.log(printMatrix(matrix, { ...LOOK, ascii: true, all: true }).join("\n"));
  console.log(sumOf(matrix), worstStory(matrix)?.finding.rule);
});
test("families", () => {
  const reports = VERSIONS.map((version, i) =>
    madeReport(version, findings.slice(i, i + 3), i < 10 ? LATER : {}),
  );
  const [a, b, c] = reports as [RunReport, RunReport, RunReport];
  const rust = { ...b, header: { ...b.header, name: "river-rust@0.5.0", adapter: "river-rust", version: "0.5.0" } };
  const ref = { ...c, header: { ...c.header, name: "reference", adapter: "reference", version: "0.1.0" } };
  console.log(printMatrix(matrixOf([...reports, rust, ref]), LOOK).join("\n"));
  console.log(printMatrix(matrixOf([a, b, rust, ref]), LOOK).join("\n"));
});
