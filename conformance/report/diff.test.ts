import { beforeAll, expect, test } from "vitest";
import type { RuleId } from "../../spec/rules.generated.ts";
import { pgliteGround } from "../reference/ground.ts";
import { candidatesFor, type Replayed, withReplayed } from "./crossing.ts";
import { type Diff, diffOf } from "./diff.ts";
import { printDiff } from "./diff-text.ts";
import { bugFindings, madeReport } from "./made-reports.ts";
import { cellOf, matrixOf } from "./rule-matrix.ts";
import type { ReportedFinding, RunReport } from "./run-report.ts";
import { NO_PAINT, widthOf } from "./screen.ts";

let findings: readonly ReportedFinding[];
beforeAll(async () => {
  const ground = await pgliteGround();
  findings = await bugFindings(ground, 8);
  await ground.close();
});

type Answer = Partial<Omit<Replayed, "candidate">>;

/** Two reports with each other's stories run on them; `answer` says what the named one showed of a rule's. */
function crossed(
  a: RunReport,
  b: RunReport,
  answer: (name: string, rule: string) => Answer,
): readonly [RunReport, RunReport, ReadonlyMap<string, readonly Replayed[]>] {
  const ask = (report: RunReport): readonly Replayed[] =>
    candidatesFor(report, [a, b]).map((candidate) => {
      const plain = { candidate, verdict: "kept", why: null, switches: [], breaks: [] } as const;
      const said = answer(report.header.version, candidate.rule);
      const finding = findings.find(({ rule }) => rule === candidate.rule) ?? null;
      return { ...plain, finding: said.verdict === "shows" ? finding : null, ...said };
    });
  const crossing = new Map([a, b].map((each) => [each.header.name, ask(each)] as const));
  const with_ = (report: RunReport) => withReplayed(report, crossing.get(report.header.name) ?? []);
  return [with_(a), with_(b), crossing];
}

const rulesIn = (diff: Diff, list: keyof Diff) => diff[list].map(({ rule }) => rule);

test("what each shows of the other's stories decides, not what its own run happened to find", () => {
  const [one, two, three, four, five] = findings.map(({ rule }) => rule);
  const old = madeReport("0.12.0", findings.slice(0, 4));
  const late = madeReport("0.12.1", findings.slice(4, 5));
  const [a, b, crossing] = crossed(old, late, (_, rule) => {
    if (rule === one) return { verdict: "shows" };
    if (rule === two) return { switches: ["snoozeGivesAttemptBack"] };
    if (rule === three) return { verdict: "another", why: "FET-1" };
    return {};
  });
  const diff = diffOf(a, b, crossing);
  expect(rulesIn(diff, "still")).toEqual([one]);
  expect(diff.changed).toEqual([{ rule: two, note: "snoozeGivesAttemptBack" }]);
  expect(rulesIn(diff, "undecided")).toEqual([three]);
  expect(rulesIn(diff, "fixed")).toEqual([four]);
  expect(rulesIn(diff, "broken")).toEqual([five]);
  expect(cellOf(b, one ?? "").mark).toBe("broken");
  expect(b.footer.exit).toBe(1);
});

test("a story that shows breaks its invariants too, and is by design where the rule is", () => {
  const [shown] = findings;
  if (shown === undefined) throw new Error("There must be findings.");
  const old = madeReport("0.12.0", [shown]);
  const [, broken] = crossed(old, madeReport("0.12.1", []), () => ({
    verdict: "shows",
    breaks: ["INV-2"],
  }));
  const why = `by what breaks ${shown.rule}`;
  expect(cellOf(broken, "INV-2")).toEqual({ mark: "broken", steps: null, why });
  const design = { verdict: "shows", finding: { ...shown, kind: "by design" } } as const;
  const [, designed] = crossed(old, madeReport("0.12.1", []), () => design);
  expect(cellOf(designed, shown.rule).mark).toBe("by design");
  expect(designed.footer.exit).toBe(0);
});

test("what looks alike but breaks another rule is a story of its own", () => {
  const [shown] = findings;
  if (shown === undefined) throw new Error("There must be findings.");
  const keyOf = (rule: RuleId): ReportedFinding => ({
    ...shown,
    rule,
    signature: `${rule} | insert | uniqueKey | a text → a text | new | no key | no key | –`,
  });
  const both = [keyOf("INS-10"), keyOf("INS-11")];
  const old = madeReport("0.12.0", both);
  const late = madeReport("0.12.1", both.slice(0, 1));
  const rules = candidatesFor(late, [old, late]).map(({ rule }) => rule);
  expect(rules).toEqual(["INS-11"]);
  const [a, b, crossing] = crossed(old, late, () => ({}));
  const diff = diffOf(a, b, crossing);
  expect([rulesIn(diff, "still"), rulesIn(diff, "fixed")]).toEqual([["INS-10"], ["INS-11"]]);
});

test("the same rule broken another way is told: still, and worse where the first has not that way", () => {
  const [shown] = findings;
  if (shown === undefined) throw new Error("There must be findings.");
  const other = { ...shown, signature: `${shown.rule} | insert | state | a → b | new | – | –` };
  const [a, b, crossing] = crossed(
    madeReport("0.12.0", [shown]),
    madeReport("0.12.1", [other]),
    () => ({}),
  );
  expect(rulesIn(diffOf(a, b, crossing), "worse")).toEqual([shown.rule]);
  const unsure = diffOf(a, b, new Map());
  expect(unsure.still).toEqual([{ rule: shown.rule, note: "another way" }]);
});

test("without a replay nothing is fixed and nothing newly broken", () => {
  const a = madeReport("0.12.0", findings.slice(0, 1));
  const b = madeReport("0.12.1", findings.slice(1, 2));
  const diff = diffOf(a, b, new Map());
  expect([diff.fixed, diff.broken]).toEqual([[], []]);
  expect(diff.undecided).toHaveLength(2);
});

test("what the first cannot be asked came with the second; a rule that was lost or not tried is undecided", () => {
  const [shown] = findings;
  const undecided = { verdict: "undecided", why: "never fired" } as const;
  const b = madeReport("0.12.1", findings.slice(0, 1), {
    "FET-1": undecided,
    "FET-2": { verdict: "skipped", why: "not there" },
  });
  const cannot = { verdict: "cannot", why: "only since 0.12.1" } as const;
  const [first, second, crossing] = crossed(madeReport("0.12.0", []), b, () => cannot);
  const diff = diffOf(first, second, crossing);
  expect(diff.came).toEqual([{ rule: shown?.rule, note: "only since 0.12.1" }]);
  expect(diff.undecided).toEqual([
    { rule: "FET-1", note: "never fired" },
    { rule: "FET-2", note: "not there" },
  ]);
  const other = madeReport("0.12.0", [], { "FET-1": undecided });
  expect(diffOf(other, madeReport("0.12.1", []), new Map()).undecided).toEqual([]);
});

test("the diff says what the matrix shows, whatever the replays show", () => {
  const verdicts = ["shows", "kept", "another", "cannot"] as const;
  for (let trial = 0; trial < 64; trial += 1) {
    const pick = (salt: number) => verdicts[(trial * 7 + salt * 13) % 4] ?? "kept";
    const has = (salt: number) => ((trial >> (salt % 6)) & 1) === 1;
    const [a, b, crossing] = crossed(
      madeReport(
        "0.12.0",
        findings.filter((_, i) => has(i)),
      ),
      madeReport(
        "0.12.1",
        findings.filter((_, i) => has(i + 3)),
      ),
      (name, rule) => ({ verdict: pick(name.length + rule.length + (rule.codePointAt(4) ?? 0)) }),
    );
    const diff = diffOf(a, b, crossing);
    const marks = (rule: string) => [cellOf(a, rule).mark, cellOf(b, rule).mark].join(" → ");
    expect(rulesIn(diff, "fixed").map(marks)).toEqual(diff.fixed.map(() => "broken → kept"));
    for (const list of ["broken", "came"] as const) {
      expect(rulesIn(diff, list).map(marks)).toEqual(diff[list].map(() => "kept → broken"));
    }
    for (const list of ["still", "worse"] as const) {
      expect(rulesIn(diff, list).map(marks)).toEqual(diff[list].map(() => "broken → broken"));
    }
    const told = Object.values(diff).flatMap((lines) => lines.map(({ rule }) => rule));
    expect(told.toSorted()).toEqual([...matrixOf([a, b]).broken].toSorted());
  }
});

test("the screen: counts and rules, at most 88 wide, changes of rules with their release", () => {
  const line = (rule: string, note = "") => ({ rule, note });
  const diff: Diff = {
    fixed: ["SCH-3", "SCH-4", "FIN-7", "FET-1", "FET-2", "FET-3", "FET-4"].map((id) => line(id)),
    broken: [line("INS-11")],
    worse: [],
    came: [],
    still: [line("FIN-10", "another way"), line("LST-3")],
    changed: [line("FIN-8", "snoozeGivesAttemptBack")],
    undecided: [line("CAN-7", "never fired"), line("RSC-6", "never fired")],
  };
  const change = {
    name: "snoozeGivesAttemptBack",
    since: "0.16",
    what: "a snooze lowers `attempt`",
  };
  const lines = printDiff(diff, [change], { ascii: false, paint: NO_PAINT, all: false });
  expect(lines.filter((each) => widthOf(each) > 88)).toEqual([]);
  const text = lines.join("\n");
  expect(text).toMatch(/^ {2}fixed {7}7 {3}SCH-3 {3}A due job becomes available/);
  expect(text).toContain("and FET-4");
  expect(text).toMatch(/broken {6}1 {3}INS-11/);
  expect(text).toMatch(/changed {5}1 {3}rules, not bugs:\n +0\.16 \(FIN-8\) {2}a snooze lowers/);
  expect(text).toMatch(/still {7}2 {3}FIN-10 \(another way\) LST-3/);
  expect(text).toMatch(/undecided {3}2 {3}CAN-7 RSC-6\n +never fired$/);
});
