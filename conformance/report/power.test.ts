import { beforeAll, expect, test } from "vitest";
import { pgliteGround } from "../reference/ground.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import { powerOf, powerSentence, printPower } from "./power.ts";
import { columnsOf } from "./report-columns.ts";
import type { ReportedFinding } from "./run-report.ts";

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  const ground = await pgliteGround();
  findings = await bugFindings(ground, 3);
  await ground.close();
});

const at = (i: number, sequence: number, seconds: number): ReportedFinding => {
  const finding = findings[i];
  if (finding === undefined) throw new Error(`There must be a finding ${i}.`);
  return { ...finding, sequence, seconds };
};

test("a rule is found when it first shows; what was told by another implementation was not found", () => {
  const again = { ...at(0, 90, 31), signature: "another way" };
  const report = madeReport("1", [
    again,
    at(0, 2, 0.9),
    at(1, 7, 2.5),
    { ...at(2, 0, 0), from: "x" },
  ]);
  const [a, b] = findings.map(({ rule }) => rule);
  expect(powerOf(report)).toEqual({
    rules: 2,
    first: { rule: a, sequence: 2, seconds: 0.9 },
    last: { rule: b, sequence: 7, seconds: 2.5 },
  });
  expect(powerOf(madeReport("1", []))).toEqual({ rules: 0, first: null, last: null });
});

test("columns together in a sentence, and each in a row", () => {
  const columns = columnsOf([
    madeReport("0.12.0", [at(0, 2, 0.9), at(1, 7, 2.5)]),
    madeReport("0.12.1", [at(0, 1, 0.4)]),
    madeReport("0.13.0", []),
  ]);
  expect(powerSentence(columns)).toBe(
    "1,000 sequences each: the first rule found in sequence 1 to 2, the last in 1 to 7",
  );
  const [a, b] = findings.map(({ rule }) => rule);
  expect(printPower(columns).map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ["found", "rules", "first: sequence, rule", "last: sequence, rule"],
    ["0.12.0", "2", "2", "0.9 s", a, "7", "2.5 s", b],
    ["0.12.1", "1", "1", "0.4 s", a, "1", "0.4 s", a],
    ["0.13.0", "0", "–", "–"],
  ]);
  expect(powerSentence(columnsOf([madeReport("1", [])]))).toBeNull();
});
