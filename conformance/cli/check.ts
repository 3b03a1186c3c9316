import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { lawOf } from "../law.ts";
import { type Finding, type HuntReport, hunt } from "../run/hunt.ts";
import { DRAWS } from "../walk/draws.ts";
import { tell } from "./check-screen.ts";
import { checkVectors } from "./check-vectors.ts";
import { EXIT, type ExitCode, worseOf } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { type Judgement, judge } from "./judge.ts";
import { type Opened, openAdapter } from "./open.ts";
import { countOf, oneOf, secondsOf, seedOf } from "./options.ts";
import { count, lookOf, Progress, print, type ScreenOptions, VERSION } from "./terminal.ts";
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

const PROPERTIES = ["all", "step", "insert", "vectors"] as const;

/** Runs `weir check`: golden values and walks against an adapter, judged and told. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const property = oneOf("property", options.property, PROPERTIES);
  const seed = seedOf(options.seed);
  const limits = limitsOf(options);
  const progress = new Progress(options);
  const opened = await openAdapter(options.adapter, options.database ?? null, (line) =>
    progress.show(() => line),
  );
  const narrowed = property === "insert" ? insertOnly(opened) : opened;
  try {
    const interrupted = onInterrupt();
    const header = headerOf(narrowed, seed);
    if (options.json === true) printJson({ event: "header", ...header });
    else if (options.quiet !== true) print("", `  ${describe(narrowed, seed)}`, "");
    const withVectors = property === "vectors" || property === "all";
    const asked = withVectors ? await checkVectors(opened, options, progress) : EXIT.pass;
    if (property === "vectors") {
      if (options.json === true) printJson({ event: "footer", exit: asked });
      else print(`  exit ${asked}${asked === EXIT.inconclusive ? ": inconclusive" : ""}`);
      return asked;
    }
    const isStopped = () => interrupted.isSet;
    return await checkSteps(narrowed, { ...options, ...limits, seed, isStopped }, progress, asked);
  } finally {
    progress.clear();
    await opened.adapter.close();
  }
}

type Limits = Readonly<{ sequences: number; seconds: number | null; maxSteps: number | null }>;

const limitsOf = ({ runs, time, maxSteps }: CheckOptions): Limits => ({
  sequences:
    runs !== undefined
      ? countOf("runs", runs)
      : time === undefined
        ? RUNS
        : Number.POSITIVE_INFINITY,
  seconds: time === undefined ? null : secondsOf("time", time),
  maxSteps: maxSteps === undefined ? null : countOf("max-steps", maxSteps),
});

/** `before` is what the properties that were checked first amount to. */
async function checkSteps(
  opened: Opened,
  options: Omit<CheckOptions, keyof Limits | "seed"> &
    Limits &
    Readonly<{ seed: number; isStopped: () => boolean }>,
  progress: Progress,
  before: ExitCode,
): Promise<ExitCode> {
  const { seed, sequences, seconds, maxSteps, isStopped } = options;
  const report = await hunt(opened.adapter, lawOf(opened.edition), {
    seed,
    sequences,
    seconds,
    maxSteps,
    failFast: options.failFast ?? false,
    isStopped,
    onProgress: (now) => progress.show(() => progressLine(now, sequences)),
  });
  progress.clear();
  const judged = judge(opened, report);
  const result = { ...judged, exit: worseOf(before, judged.exit) };
  const records = await recordAll(opened, seed, result.broken);
  if (options.json === true) await tellJson(result, records);
  else await tell(opened, result, records, lookOf(options), options.quiet ?? false);
  return result.exit;
}

function insertOnly(opened: Opened): Opened {
  const others = Object.keys(DRAWS).filter((name) => name !== "insert");
  const only = Object.fromEntries(
    others.map((name) => [name, { unsupported: "property insert" }] as const),
  );
  const about = {
    ...opened.adapter.about,
    capabilities: { ...opened.adapter.about.capabilities, ...only },
  };
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
  weir: VERSION,
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
      weir: VERSION,
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

const printJson = (event: object): void => print(JSON.stringify(event));

async function tellJson(result: Judgement, records: ReadonlyMap<Finding, string>): Promise<void> {
  for (const finding of [...result.broken, ...result.byDesign, ...result.unclear]) {
    const { rule, signature, sequence, seconds, shrunk } = finding;
    const kind = result.broken.includes(finding)
      ? "broken"
      : result.byDesign.includes(finding)
        ? "by design"
        : "unclear";
    printJson({
      event: "finding",
      kind,
      rule,
      signature,
      sequence,
      seconds,
      steps: shrunk?.ops ?? null,
      record: records.get(finding) ?? null,
    });
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
