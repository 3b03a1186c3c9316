import { NEWEST } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Bug } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { type BugStory, showBug } from "../bugs/story.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import type { Ground } from "../reference/adapter.ts";
import { printFinding } from "./finding.ts";
import type { ReportedFinding, ReportedRule, RunReport } from "./run-report.ts";
import { NO_PAINT } from "./screen.ts";
import { storyJsonOf } from "./story-json.ts";

/** Findings that seeded bugs give on the examples of the rules they break, for tests of what is made of reports; at most `most`, each of another rule. */
export async function bugFindings(
  ground: Ground,
  most: number,
): Promise<readonly ReportedFinding[]> {
  const found = new Map<string, ReportedFinding>();
  for (const bug of BUGS) {
    if (found.size === most) break;
    const rule = bug.breaks.find((each) => !found.has(each) && RULES[each].examples.length > 0);
    if (rule === undefined) continue;
    const { steps } = parseStory(RULES[rule].examples[0] ?? "");
    const ops = steps.map(({ op }) => op);
    const story = await showBug(ground, bug, ops);
    const owed = story?.divergence.differences[0]?.rule;
    if (story === null || owed === undefined || found.has(owed)) continue;
    found.set(owed, findingOf(bug, story, owed));
  }
  return [...found.values()];
}

function findingOf(bug: Bug, { ops, divergence }: BugStory, rule: RuleId): ReportedFinding {
  const law = lawOf(NEWEST);
  const look = { ascii: false, paint: NO_PAINT };
  const found = "in sequence 3 of 1,000, after 0.4 s; 17 steps shrunk to these.";
  const notes = [["Found", found]] as const;
  const [first] = divergence.differences;
  return {
    event: "finding",
    kind: "broken",
    rule,
    signature: divergence.signature,
    sequence: 3,
    seconds: 0.4,
    length: 17,
    steps: [...ops],
    story: printFinding({ ops, divergence, law, notes }, look).flatMap((each) => each.split("\n")),
    table: storyJsonOf(ops, law, divergence),
    expected: JSON.stringify(first?.expected ?? null),
    got: JSON.stringify(first?.got ?? null),
    why: first?.because ?? null,
    behavesLike: { bug: bug.name, origin: bug.origin },
    record: `.weir/${rule}-0000.json`,
  };
}

/** A report of an implementation that breaks what `findings` say, keeps all other rules, and whatever `over` says. */
export function madeReport(
  version: string,
  findings: readonly ReportedFinding[],
  over: Readonly<Record<string, Partial<ReportedRule>>> = {},
  footer: Partial<RunReport["footer"]> = {},
): RunReport {
  const broken = new Set(findings.map(({ rule }) => rule));
  const name = `river-go@${version}`;
  return {
    header: {
      event: "header",
      format: 1,
      weir: "0.1.0",
      name,
      adapter: "river-go",
      implementation: "river",
      version,
      language: "go",
      database: "Postgres 18.4 (embedded)",
      clock: "injected",
      edition: "0.51",
      capabilities: {},
      property: "step",
      seed: 42,
      command: `npx weir check --adapter ${name} --seed 42`,
      machine: "2 cores of a test",
      at: "2026-11-23T20:15:00.000Z",
    },
    findings,
    rules: Object.keys(RULES).map((rule) => ({
      event: "rule",
      rule,
      verdict: broken.has(rule) ? "broken" : "kept",
      fired: 412,
      why: null,
      ...over[rule],
    })),
    footer: {
      event: "footer",
      sequences: 1000,
      operations: 37_748,
      seconds: 77.4,
      transitions: 1617,
      complete: true,
      failure: null,
      exit: broken.size > 0 ? 1 : 0,
      ...footer,
    },
  };
}
