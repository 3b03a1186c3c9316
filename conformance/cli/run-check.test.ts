import { afterAll, beforeAll, expect, test } from "vitest";
import { editionNamed, NEWEST } from "../../spec/model/edition.ts";
import { RULES } from "../../spec/rules.generated.ts";
import type { Adapter, Support } from "../adapter.ts";
import { alterationOf } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { AdapterError } from "../protocol/failure.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { readReport, writeReport } from "../report/report-text.ts";
import type { RunReport } from "../report/run-report.ts";
import { checkAdapter, type RunOptions } from "./run-check.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await pgliteGround();
});
afterAll(() => ground.close());

const OPTIONS: RunOptions = {
  property: "step",
  seed: 42,
  runs: 12,
  seconds: null,
  maxSteps: null,
  failFast: false,
  command: "npx weir check",
  at: new Date("2030-01-01T00:00:00Z"),
  records: null,
};

/** The reference with one bug, in short sequences, as a process is asked. */
function buggy(name: string, changes: Partial<Adapter["about"]> = {}): Adapter {
  const bug = BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`There must be a bug ${name}, but there is none.`);
  const { runAll: _, put: __, ...adapter } = referenceAdapter(ground, alterationOf(bug));
  return { ...adapter, about: { ...adapter.about, ...changes } };
}

const check = (adapter: Adapter, options: Partial<RunOptions> = {}): Promise<RunReport> => {
  const edition = editionNamed(adapter.about.edition) ?? NEWEST;
  return checkAdapter({ name: "mine", adapter, others: [], edition }, { ...OPTIONS, ...options });
};

const ruleIn = ({ rules }: RunReport, id: string) => rules.find(({ rule }) => rule === id);

test("a bug is a finding with its story, its rule is broken, and every rule has a verdict", async () => {
  const report = await check(buggy("schedule-self-conflict"));
  const [finding] = report.findings.filter(({ rule }) => rule === "SCH-3");
  expect(finding).toMatchObject({ kind: "broken", behavesLike: { bug: "schedule-self-conflict" } });
  expect(finding?.steps).toHaveLength(2);
  expect(finding?.story.join("\n")).toContain("↑ must be ○ available");
  expect(finding?.story.every((line) => !line.includes("\n"))).toBe(true);
  expect(finding?.why).toContain("key A");
  expect(ruleIn(report, "SCH-3")).toMatchObject({ verdict: "broken", why: null });
  expect(ruleIn(report, "INV-2")).toMatchObject({ verdict: "broken", why: "by what breaks SCH-3" });
  expect(ruleIn(report, "INS-4")).toMatchObject({ verdict: "kept", why: null });
  expect(report.rules.map(({ rule }) => rule)).toEqual(Object.keys(RULES));
  expect(report.footer).toMatchObject({ sequences: 12, complete: true, failure: null, exit: 1 });
  expect(readReport(writeReport(report))).toEqual(report);
});

test("why a rule is not checked is told apart: by design, not in that version, skipped, undecided", async () => {
  const capabilities: Record<string, Support> = {
    cancel: { unsupported: "it has no cancel" },
    retry: { unsupported: "it has no retry before 0.29", since: "0.29" },
    "finish.late": { divergent: "late", why: "any attempt is finished" },
  };
  const report = await check(buggy("schedule-self-conflict", { capabilities, edition: "0.12" }), {
    runs: 1,
  });
  expect(ruleIn(report, "CAN-1")).toMatchObject({ verdict: "skipped", why: "it has no cancel" });
  expect(ruleIn(report, "RET-1")).toMatchObject({
    verdict: "not in that version",
    why: "it has no retry before 0.29",
  });
  expect(ruleIn(report, "FIN-15")).toMatchObject({
    verdict: "by design",
    why: "any attempt is finished",
  });
  const since = Object.entries(RULES).find(
    ([, rule]) => rule.since !== null && rule.since !== "0.12",
  );
  expect(ruleIn(report, since?.[0] ?? "")?.verdict).toBe("not in that version");
  const silent = report.rules.filter(({ verdict }) => verdict === "undecided");
  expect(silent.length).toBeGreaterThan(0);
  expect(silent.every(({ why, fired }) => why === "never fired" && fired === 0)).toBe(true);
});

test("a difference from a rule that the implementation says to differ from is by design", async () => {
  const capabilities: Record<string, Support> = {
    "schedule.alone": { divergent: "SCH-3", why: "it sees itself as rival" },
  };
  const report = await check(buggy("schedule-self-conflict", { capabilities }));
  expect(ruleIn(report, "SCH-3")).toMatchObject({
    verdict: "by design",
    why: "it sees itself as rival",
  });
  expect(report.findings.some(({ kind, rule }) => kind === "by design" && rule === "SCH-3")).toBe(
    true,
  );
});

test("an adapter that dies loses nothing of what was found before", async () => {
  const adapter = buggy("schedule-self-conflict");
  let isDead = false;
  const mortal: Adapter = {
    ...adapter,
    reset: () => adapter.reset(),
    observe: () => adapter.observe(),
    close: () => adapter.close(),
    run: async (op, names) => {
      if (isDead) throw new AdapterError("exited", "the adapter ended (code 3)");
      return adapter.run(op, names);
    },
  };
  const report = await check(mortal, {
    onProgress: (now) => {
      isDead = typeof now !== "string" && now.findings.length > 0;
    },
  });
  expect(report.footer).toMatchObject({
    complete: false,
    failure: "the adapter ended (code 3)",
    exit: 4,
  });
  expect(report.footer.operations).toBeGreaterThan(0);
  expect(report.findings.map(({ rule }) => rule)).toContain("SCH-3");
  expect(ruleIn(report, "SCH-3")?.verdict).toBe("broken");
});

test("a run that was stopped is incomplete, and no pass", async () => {
  const { runAll: _, ...adapter } = referenceAdapter(ground);
  let sequences = 0;
  const report = await check(adapter, {
    isStopped: () => sequences > 1,
    onProgress: () => {
      sequences += 1;
    },
  });
  expect(report.footer).toMatchObject({ complete: false, failure: null, exit: 2 });
  expect(report.footer.sequences).toBe(2);
});

test("golden values that are not kept are findings without steps", async () => {
  const adapter = referenceAdapter(ground);
  const forgetful: Adapter = {
    ...adapter,
    run: async (op, names) => {
      if (op.op !== "insert") return adapter.run(op, names);
      const jobs = op.jobs.map(({ unique: _, ...job }) => job);
      return adapter.run({ ...op, jobs }, names);
    },
  };
  const report = await check(forgetful, { property: "vectors" });
  expect(report.footer.exit).toBe(1);
  const keys = report.footer.vectors?.find(({ family }) => family === "unique keys");
  expect(keys?.failed).toBeGreaterThan(0);
  const finding = report.findings.find(({ rule }) => rule === "INS-10");
  expect(finding).toMatchObject({ kind: "broken", steps: null, record: null });
  expect(finding?.signature).toMatch(/^INS-10 \| vectors \| unique keys \| \d+ not kept \| \w{8}$/);
  expect(ruleIn(report, "INS-10")).toMatchObject({ verdict: "broken" });
  expect(ruleIn(report, "SCH-3")).toMatchObject({ verdict: "skipped", why: "property vectors" });
  expect(readReport(writeReport(report))).toEqual(report);
});
