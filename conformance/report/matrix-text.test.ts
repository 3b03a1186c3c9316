import { beforeAll, expect, test } from "vitest";
import { RULES } from "../../spec/rules.generated.ts";
import { pgliteGround } from "../reference/ground.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import { printMatrix } from "./matrix-text.ts";
import { cellOf, type Matrix, matrixOf, sumOf, worstStory } from "./rule-matrix.ts";
import type { ReportedFinding, ReportedRule, RunReport } from "./run-report.ts";
import { NO_PAINT, widthOf } from "./screen.ts";

const VERSIONS = [
  ...["0.12.0", "0.12.1", "0.13.0", "0.16.0", "0.18.0", "0.23.1", "0.27.0", "0.28.0"],
  ...["0.40.0", "0.43.0", "0.44.0", "0.47.0", "0.48.0", "0.49.0", "0.50.0", "0.51.1"],
];
const LOOK = { ascii: false, paint: NO_PAINT, all: false };

const LATER: Readonly<Record<string, Partial<ReportedRule>>> = {
  "FIN-11": { verdict: "not in that version", fired: 0, why: "the rule is of 0.44" },
};

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  const ground = await pgliteGround();
  findings = await bugFindings(ground, 20);
  await ground.close();
});

const dead = (version: string): RunReport => {
  const rules = Object.keys(RULES).map((rule) => [rule, { verdict: "undecided" }] as const);
  const failure = `river-go@${version} must build, but go build failed.`;
  const footer = { complete: false, failure, operations: 0, sequences: 0, exit: 4 };
  return madeReport(version, [], Object.fromEntries(rules) as typeof LATER, footer);
};

/** Each version breaks the next three rules; the fourth could not be built. */
const sixteen = (): readonly RunReport[] =>
  VERSIONS.map((version, i) =>
    i === 3 ? dead(version) : madeReport(version, findings.slice(i, i + 3), i < 10 ? LATER : {}),
  );

const renamed = (report: RunReport, name: string): RunReport => {
  const [adapter = "", version = "0.1.0"] = name.split("@");
  return { ...report, header: { ...report.header, name, adapter, version } };
};

const everyRule = ({ columns: _, ...lists }: Matrix) => Object.values(lists).flat();

test("sixteen versions fit on a screen, their numbers upright", () => {
  const lines = printMatrix(matrixOf(sixteen()), LOOK);
  expect(lines.slice(0, 2).map((line) => line.trim())).toEqual([
    "river-go 0.                            12 12 13 16 18 23 27 28 40 43 44 47 48 49 50 51",
    ".0 .1 .0 .0 .0 .1 .0 .0 .0 .0 .0 .0 .0 .0 .0 .1",
  ]);
  expect(lines[3]).toMatch(/^ {2}INS-2 {3}A job inserted as .*✗ {2}✓ {2}✓ {2}! {2}✓/);
  expect(lines.filter((line) => widthOf(line) > 88)).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(30);
  expect(lines.join("\n")).toContain("5 more rules broken somewhere, a row each with --all: INS-1");
  expect(lines.at(-1)).toBe(
    "  ! river-go@0.16.0: river-go@0.16.0 must build, but go build failed.",
  );
});

test("all rows on demand, and no glyph without a locale for it", () => {
  const lines = printMatrix(matrixOf(sixteen()), { ...LOOK, ascii: true, all: true });
  expect(lines.join("\n")).toMatch(/^[\n -~]*$/);
  expect(lines.filter((line) => / x(?: {2}|$)/.test(line)).length).toBe(18);
});

test("two versions have their whole names, and what is kept of what applies", () => {
  const [shown] = findings;
  if (shown === undefined) throw new Error("There must be findings.");
  const designed = { "RSC-9": { verdict: "by design", why: "its own way" } } as const;
  const reports = [
    madeReport("0.12.1", [], { ...LATER, ...designed }),
    madeReport("0.12.0", [shown], { ...LATER, "FET-1": { verdict: "undecided", why: "never" } }),
  ];
  const matrix = matrixOf(reports);
  const text = printMatrix(matrix, LOOK).join("\n");
  expect(text).toMatch(/river-go +0\.12\.0 +0\.12\.1\n/);
  expect(text).toMatch(new RegExp(`${shown.rule} .* ✗ +✓`));
  expect(text).toMatch(/Different by design\n {2}RSC-9 .* ✓ +△/);
  expect(text).toMatch(/173 rules kept by every column +✓ +✓/);
  expect(text).toMatch(/kept of the rules that apply +174\/176 175\/176/);
  expect(text).toContain("1 rule undecided somewhere: FET-1");
  expect(text).toContain("undecided 1   skipped 0");
  expect(text).toContain("1 rule tried nowhere: FIN-11");
  expect(everyRule(matrix).toSorted()).toEqual(Object.keys(RULES).toSorted());
  expect(sumOf(matrix)).toBe("1 rule broken, 1 by design, 1 undecided");
});

test("more columns than fit go into a table below; several implementations have letters", () => {
  const [a, b, c, ...more] = sixteen() as [RunReport, RunReport, RunReport, ...RunReport[]];
  const others = [renamed(b, "river-rust@0.5.0"), renamed(c, "reference")];
  const lines = printMatrix(matrixOf([a, b, c, ...more, ...others]), LOOK);
  expect(lines.filter((line) => widthOf(line) > 88)).toEqual([]);
  expect(lines.filter((line) => line.startsWith("  INS-2 "))).toHaveLength(2);
  expect(lines).toContain("  b river-rust 0.");
  const few = printMatrix(matrixOf([a, b, ...others]), LOOK);
  expect(few[0]?.trim()).toBe("river-go      river-rust reference");
  expect(few[1]?.trim()).toBe("0.12.0 0.12.1 0.5.0      0.1.0");
});

test("a rule that is skipped or undecided anywhere is not among those kept by all", () => {
  const over = (verdict: ReportedRule["verdict"]) => ({ "SCH-1": { verdict, why: "so" } });
  for (const verdict of ["skipped", "undecided", "not in that version"] as const) {
    const { kept } = matrixOf([madeReport("0.12.0", []), madeReport("0.12.1", [], over(verdict))]);
    expect(kept).not.toContain("SCH-1");
    expect(kept).toContain("SCH-2");
  }
});

test("of a run that failed only what it found counts", () => {
  const [shown] = findings;
  const died = madeReport("0.12.0", shown === undefined ? [] : [shown], {}, { failure: "it died" });
  expect(cellOf(died, shown?.rule ?? "").mark).toBe("broken");
  expect(cellOf(died, "SCH-1")).toEqual({ mark: "failed", steps: null, why: "it died" });
});

test("the worst story breaks an invariant, if one does", () => {
  const own = findings.filter(({ rule }) => ["INS-2", "INS-4"].includes(rule));
  const stuck = { "INV-7": { verdict: "broken", why: "by what breaks INS-4" } } as const;
  const plain = madeReport("0.12.0", own);
  expect(worstStory(matrixOf([plain]))?.finding.rule).toBe("INS-2");
  expect(worstStory(matrixOf([madeReport("0.12.0", own, stuck)]))?.finding.rule).toBe("INS-4");
  expect(worstStory(matrixOf([madeReport("0.12.0", [])]))).toBeNull();
});
