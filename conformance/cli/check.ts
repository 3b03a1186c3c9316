import { type Edition, NEWEST } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { behavesLike } from "../bugs/kill.ts";
import { lawOf } from "../law.ts";
import { pgliteGround } from "../reference/ground.ts";
import { type Look, printFinding } from "../report/finding.ts";
import { applies } from "../run/applies.ts";
import { type Finding, type HuntReport, hunt } from "../run/hunt.ts";
import { scopeOf } from "../walk/swarm.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { type Opened, openAdapter } from "./open.ts";
import { countOf, oneOf, secondsOf, seedOf } from "./options.ts";
import { onInterrupt } from "./interrupt.ts";
import { count, lookOf, print, Progress, type ScreenOptions, WEIR } from "./terminal.ts";
import { record } from "./trace.ts";

/** The options of `weir check`, as the command line gives them. */
export type CheckOptions = ScreenOptions &
  Readonly<{
    adapter: string;
    database?: string;
    property: string;
    seed?: string;
    runs?: string;
    time?: string;
    maxSteps?: string;
    failFast?: boolean;
    json?: boolean;
  }>;

const RUNS = 1000;

/** Runs `weir check`: walks against an adapter, judged and told. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const property = oneOf("property", options.property, ["step", "insert"]);
  const seed = seedOf(options.seed);
  const limits = {
    sequences: options.runs === undefined ? (options.time === undefined ? RUNS : Number.POSITIVE_INFINITY) : countOf("runs", options.runs),
    seconds: options.time === undefined ? null : secondsOf("time", options.time),
    maxSteps: options.maxSteps === undefined ? null : countOf("max-steps", options.maxSteps),
  };
  const progress = new Progress(options);
  const opened = await openAdapter(options.adapter, options.database ?? null, (line) => progress.show(() => line));
  const narrowed = property === "insert" ? insertOnly(opened) : opened;
  try {
    const interrupted = onInterrupt();
    const law = lawOf(narrowed.edition);
    const header = headerOf(narrowed, seed);
    if (options.json === true) printJson({ event: "header", ...header });
    else if (options.quiet !== true) print("", `  ${describe(narrowed, seed)}`, "");
    const report = await hunt(narrowed.adapter, law, {
      seed,
      ...limits,
      failFast: options.failFast ?? false,
      isStopped: () => interrupted.isSet,
      onProgress: (now) => progress.show(() => progressLine(now, limits.sequences)),
    });
    progress.clear();
    const result = judge(narrowed, report);
    const records = await recordAll(narrowed, seed, result.broken);
    if (options.json === true) await tellJson(result, records);
    else await tell(narrowed, result, records, lookOf(options), options.quiet ?? false);
    return result.exit;
  } finally {
    progress.clear();
    await opened.adapter.close();
  }
}

function insertOnly(opened: Opened): Opened {
  const only = { fetch: { unsupported: "property insert" }, finish: { unsupported: "property insert" }, schedule: { unsupported: "property insert" } };
  const about = { ...opened.adapter.about, capabilities: { ...opened.adapter.about.capabilities, ...only } };
  const { adapter } = opened;
  const { runAll } = adapter;
  return {
    ...opened,
    adapter: {
      about,
      reset: () => adapter.reset(),
      run: (op, names) => adapter.run(op, names),
      ...(runAll === undefined ? {} : { runAll: (ops, law) => runAll(ops, law) }),
      observe: () => adapter.observe(),
      close: () => adapter.close(),
    },
  };
}

const headerOf = ({ name, adapter, edition }: Opened, seed: number) => ({
  weir: "0.1.0",
  name,
  ...adapter.about,
  edition: edition.name,
  seed,
});

function describe({ adapter, edition }: Opened, seed: number): string {
  const { adapter: name, version, database, clock } = adapter.about;
  return `${name} ${version} · ${database} · edition ${edition.name} · time ${clock} · seed ${seed}`;
}

const progressLine = (report: HuntReport, sequences: number): string => {
  const silent = Object.keys(RULES).filter((rule) => !report.fired.has(rule as RuleId));
  const total = Number.isFinite(sequences) ? ` of ${count(sequences)}` : "";
  const waiting = silent.length === 0 ? "all rules fired" : `not yet: ${silent.join(" ")}`;
  return `${count(report.sequences)}${total} sequences, ${report.findings.length} differences, ${waiting}`;
};

/** What a hunt amounts to. */
type Judgement = Readonly<{
  report: HuntReport;
  edition: Edition;
  /** One finding per signature that shows again from an empty queue. */
  broken: readonly Finding[];
  byDesign: readonly Finding[];
  /** Did not show again: flaky, or only after another divergence. */
  unclear: readonly Finding[];
  applicable: readonly RuleId[];
  /** Rules that could have been checked and never were. */
  undecided: readonly RuleId[];
  exit: ExitCode;
}>;

function judge({ adapter, edition }: Opened, report: HuntReport): Judgement {
  const scope = scopeOf(adapter.about, edition);
  const designed = new Set(Object.values(adapter.about.capabilities).flatMap((each) => (typeof each === "object" && "divergent" in each ? [each.divergent] : [])));
  const shown = report.findings.filter((finding) => finding.shrunk !== null);
  const broken = shown.filter((finding) => !designed.has(finding.rule));
  const applicable = (Object.keys(RULES) as RuleId[]).filter((rule) => applies(rule, scope));
  const undecided = applicable.filter((rule) => !report.fired.has(rule));
  const exit =
    broken.length > 0
      ? EXIT.divergence
      : report.operations === 0 || undecided.length > 0 || shown.length < report.findings.length
        ? EXIT.inconclusive
        : EXIT.pass;
  return {
    report,
    edition,
    broken,
    byDesign: shown.filter((finding) => designed.has(finding.rule)),
    unclear: report.findings.filter((finding) => finding.shrunk === null),
    applicable,
    undecided,
    exit,
  };
}

async function recordAll(
  { name, edition }: Opened,
  seed: number,
  findings: readonly Finding[],
): Promise<ReadonlyMap<Finding, string>> {
  const paths = new Map<Finding, string>();
  for (const finding of findings) {
    const { shrunk, signature, rule } = finding;
    const [first] = shrunk?.divergence.differences ?? [];
    if (shrunk === null || first === undefined) continue;
    const path = await record({
      format: 1,
      weir: "0.1.0",
      adapter: name,
      edition: edition.name,
      seed,
      rule,
      signature,
      steps: [...shrunk.ops],
      expected: JSON.stringify(first.expected ?? null),
      got: JSON.stringify(first.got ?? null),
    });
    paths.set(finding, path);
  }
  return paths;
}

async function tell(
  opened: Opened,
  result: Judgement,
  records: ReadonlyMap<Finding, string>,
  look: Look,
  quiet: boolean,
): Promise<void> {
  const { report } = result;
  const [main] = sortByStory(result.broken);
  if (main !== undefined && !quiet) {
    for (const line of await story(opened, main, report, records.get(main) ?? "", look)) print(line);
    print("", ...moreLines(result, main, records));
  }
  const brokenRules = new Set(result.broken.map((finding) => finding.rule));
  const kept = result.applicable.filter((rule) => report.fired.has(rule) && !brokenRules.has(rule)).length;
  const absent = Object.keys(RULES).length - result.applicable.length;
  const mark = result.exit === EXIT.pass ? "✓" : result.exit === EXIT.divergence ? "✗" : "?";
  const sign = look.ascii ? { "✓": "ok", "✗": "x", "?": "?" }[mark] : mark;
  const word = brokenRules.size > 0 ? `${brokenRules.size} ${brokenRules.size === 1 ? "rule" : "rules"} broken` : "no difference";
  print(
    `  ${sign} ${count(report.sequences)} sequences, ${count(report.operations)} operations: ${word} · ${report.seconds.toFixed(0)} s`,
    `    ${kept} rules kept · ${result.byDesign.length} by design · ${absent} do not apply · ${result.undecided.length} undecided`,
    `    ${count(report.transitions)} abstract transitions reached`,
  );
  if (result.undecided.length > 0) print(`    INCONCLUSIVE: never fired: ${result.undecided.join(", ")}`);
  for (const each of result.unclear) print(`    ? seen once, not again from an empty queue: ${each.signature}`);
  if (report.operations === 0) print("weir: 0 operations ran, so nothing was checked.");
  print(`  exit ${result.exit}${VERDICTS[result.exit] ?? ""}`);
}

const VERDICTS: Readonly<Record<number, string>> = {
  [EXIT.divergence]: ": divergence",
  [EXIT.inconclusive]: ": inconclusive",
};

/** The shortest story of work that is lost comes first. */
function sortByStory(findings: readonly Finding[]): readonly Finding[] {
  const harms = ["lost", "stuck", "twice", "untrue", "housekeeping"];
  const weigh = ({ rule, shrunk }: Finding) =>
    harms.indexOf(RULES[rule].harm) * 1000 + (shrunk?.ops.length ?? 999);
  return [...findings].sort((a, b) => weigh(a) - weigh(b));
}

function moreLines(
  { broken }: Judgement,
  main: Finding,
  records: ReadonlyMap<Finding, string>,
): string[] {
  const others = sortByStory(broken).filter((finding) => finding !== main);
  if (others.length === 0) return [];
  const shown = others.slice(0, 8).map((finding) => {
    const steps = `${finding.shrunk?.ops.length} steps`;
    return `    ${finding.rule.padEnd(7)} ${steps.padEnd(9)} ${finding.signature.split(" | ").slice(1, 4).join(", ").slice(0, 44).padEnd(45)} ${records.get(finding) ?? ""}`;
  });
  const rules = [...new Set(others.map((finding) => finding.rule))].filter((rule) => rule !== main.rule);
  return [
    `  ${others.length} more differences${rules.length > 0 ? `, of ${rules.length} more rules: ${rules.join(", ")}` : ""}`,
    ...shown,
    ...(others.length > 8 ? [`    … and ${others.length - 8} more in .weir/`] : []),
    "",
  ];
}

async function story(
  { edition }: Opened,
  finding: Finding,
  report: HuntReport,
  path: string,
  look: Look,
): Promise<readonly string[]> {
  const { shrunk } = finding;
  if (shrunk === null) return [];
  const law = lawOf(edition);
  const found = `in sequence ${finding.sequence} of ${count(report.sequences)}, after ${finding.seconds.toFixed(1)} s; ${finding.length} steps shrunk to ${shrunk.ops.length}.`;
  const notes: (readonly [string, string])[] = [
    ...(await likeness(shrunk.ops, shrunk.divergence.observed)),
    ["Found", found],
    ["Replay", `${WEIR} replay ${path}`],
  ];
  return printFinding({ ops: shrunk.ops, divergence: shrunk.divergence, law, notes }, look);
}

/** The seeded bugs that leave the same rows after the same steps. */
async function likeness(
  ops: Parameters<typeof behavesLike>[1],
  rows: Parameters<typeof behavesLike>[3],
): Promise<(readonly [string, string])[]> {
  const ground = await pgliteGround();
  try {
    const names = await behavesLike(ground, ops, lawOf(NEWEST), rows);
    const [first] = BUGS.filter((bug) => names.includes(bug.name));
    return first === undefined ? [] : [["Behaves", `like bug ${first.name}: ${first.origin}`]];
  } finally {
    await ground.close();
  }
}

const printJson = (event: object): void => print(JSON.stringify(event));

async function tellJson(result: Judgement, records: ReadonlyMap<Finding, string>): Promise<void> {
  for (const finding of [...result.broken, ...result.byDesign, ...result.unclear]) {
    const { rule, signature, sequence, seconds, shrunk } = finding;
    const kind = result.broken.includes(finding) ? "broken" : result.byDesign.includes(finding) ? "by design" : "unclear";
    printJson({ event: "finding", kind, rule, signature, sequence, seconds, steps: shrunk?.ops ?? null, record: records.get(finding) ?? null });
  }
  const { sequences, operations, seconds, transitions, fired } = result.report;
  printJson({
    event: "footer",
    sequences,
    operations,
    seconds,
    transitions,
    fired: Object.fromEntries(fired),
    undecided: result.undecided,
    exit: result.exit,
  });
}
