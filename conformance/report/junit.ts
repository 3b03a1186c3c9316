import { create } from "xmlbuilder2";
import { CHAPTERS } from "../../spec/rules.generated.ts";
import { plainSentenceOf } from "./harm.ts";
import type { ReportedRule, RunReport, Verdict } from "./run-report.ts";
import { amissIn, countOf, findingsOf, isAccepted, isFinished, whyUnfinished } from "./summary.ts";

type Outcome = "failure" | "error" | "skipped";

/** What CI is told: an undecided rule is an error, since a test that could not be run must not look green. */
const OUTCOMES: Readonly<Record<Verdict, Outcome | null>> = {
  broken: "failure",
  kept: null,
  "by design": "skipped",
  "not in that version": "skipped",
  undecided: "error",
  skipped: "skipped",
};

type Test = Readonly<{
  classname: string;
  name: string;
  outcome: Outcome | null;
  type: string;
  message: string;
  text: string;
}>;

/** Everything that XML 1.0 cannot hold, lone surrogates included. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const xmlText = (text: string): string => text.replaceAll(FORBIDDEN, "\u{fffd}");

/** The reports as JUnit XML: a suite for each implementation, a test for each rule, and one that says whether the run came to its end. */
export function junitXml(reports: readonly RunReport[]): string {
  const suites = reports.map((report) => ({ report, tests: testsOf(report) }));
  const all = suites.flatMap(({ tests }) => tests);
  const seconds = reports.reduce((sum, { footer }) => sum + footer.seconds, 0);
  const { skipped: _, ...counts } = countsOf(all);
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites", {
    name: "weir",
    ...counts,
    time: seconds.toFixed(3),
  });
  for (const { report, tests } of suites) addSuite(root, report, tests);
  return `${root.end({ prettyPrint: true })}\n`;
}

const countsOf = (tests: readonly Test[]) => {
  const count = (outcome: Outcome) => tests.filter((test) => test.outcome === outcome).length;
  return {
    tests: tests.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  };
};

function addSuite(
  root: ReturnType<typeof create>,
  { header, footer }: RunReport,
  tests: readonly Test[],
): void {
  const suite = root.ele("testsuite", {
    name: xmlText(header.name),
    ...countsOf(tests),
    time: footer.seconds.toFixed(3),
    timestamp: header.at.replace(/(\.\d+)?Z$/, ""),
  });
  const { command, seed, weir, adapter, version, language, edition, database, clock } = header;
  const properties = { command, seed, weir, adapter, version, language, edition, database, clock };
  const list = suite.ele("properties");
  for (const [name, value] of Object.entries(properties)) {
    list.ele("property", { name: `weir.${name}`, value: xmlText(String(value)) });
  }
  for (const { classname, name, outcome, type, message, text } of tests) {
    const test = suite.ele("testcase", { classname, name: xmlText(name) });
    if (outcome === null) continue;
    // The schema knows no attributes of `skipped`, and every reader shows its text.
    const attributes = outcome === "skipped" ? {} : { type, message: xmlText(message) };
    test.ele(outcome, attributes).txt(xmlText(outcome === "skipped" ? `${type}: ${text}` : text));
  }
}

const testsOf = (report: RunReport): readonly Test[] => [
  runTest(report),
  ...report.rules.map((rule) => ruleTest(report, rule)),
  ...amissIn([report]).map(entryTest),
];

/** An entry of a file of expectations that must be mended fails; one that this run could not look for is an error. */
function entryTest({
  file,
  rule,
  signature,
  state,
  why,
}: ReturnType<typeof amissIn>[number]): Test {
  return {
    classname: "expectations",
    name: `${rule}: ${signature}`,
    outcome: state === "unsought" ? "error" : "failure",
    type: state,
    message: `${state}: ${why}`,
    text: `${file}: ${why}`,
  };
}

function runTest(report: RunReport): Test {
  const { footer } = report;
  const why = isFinished(report) ? "" : whyUnfinished(report);
  const type = footer.failure === null ? "unfinished" : "adapter failed";
  const done = `${countOf(footer.sequences, "sequence")}, ${countOf(footer.operations, "operation")} came before.`;
  return {
    classname: "run",
    name: "the run comes to its end",
    outcome: isFinished(report) ? null : "error",
    type,
    message: why.replaceAll(/\s+/g, " "),
    text: `${why}\n${done}`,
  };
}

function ruleTest(report: RunReport, { rule, verdict, why }: ReportedRule): Test {
  const isExpected = verdict === "broken" && isAccepted(report, rule);
  const outcome = isExpected ? "skipped" : OUTCOMES[verdict];
  const stories = findingsOf(report, rule, ...(verdict === "broken" ? ["broken" as const] : []));
  const told = stories.flatMap(({ story }) => (story.length === 0 ? [] : [story.join("\n")]));
  const reasons = stories.flatMap(({ accepted }) => accepted ?? []);
  const text = [...new Set(reasons), ...(why === null ? [] : [why]), ...told].join("\n\n");
  return {
    classname: chapterOf(rule),
    name: `${rule}: ${plainSentenceOf(rule)}`,
    outcome,
    type: isExpected ? "broken, as expected" : verdict,
    message: verdict === "broken" ? plainSentenceOf(rule) : (why ?? verdict),
    text: text === "" ? verdict : text,
  };
}

function chapterOf(rule: string): string {
  const [id = ""] = rule.split("-");
  const title = CHAPTERS.find((chapter) => chapter.id === id)?.title;
  return title === undefined ? id : `${id} ${title}`;
}
