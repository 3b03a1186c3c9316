import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { tourOf } from "../explore/tour.ts";
import { lawOf } from "../law.ts";
import { type Finding, type HuntReport, hunt } from "../run/hunt.ts";
import { DRAWS } from "../walk/draws.ts";
import { scopeOf } from "../walk/swarm.ts";
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
    jobs?: string;
    failFast?: boolean;
    json?: boolean;
  }>;

const RUNS = 1000;

const PROPERTIES = ["all", "step", "insert", "tour", "vectors"] as const;

type Property = (typeof PROPERTIES)[number];

/** Runs `weir check`: golden values and walks against an adapter, judged and told. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const property = oneOf("property", options.property, PROPERTIES);
  const seed = seedOf(options.seed);
  const progress = new Progress(options);
  const jobs = options.jobs === undefined ? 1 : countOf("jobs", options.jobs);
  const say = (line: string) => progress.show(() => line);
  const opened = await openAdapter(options.adapter, options.database ?? null, say, jobs);
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
    const limits = limitsOf(options, property, narrowed);
    return await checkSteps(narrowed, { ...options, ...limits, seed, isStopped }, progress, asked);
  } finally {
    progress.clear();
    await opened.adapter.close();
  }
}

type Limits = Readonly<{
  sequences: number;
  seconds: number | null;
  maxSteps: number | null;
  isTour: boolean;
}>;

/** The tour comes by itself, or before walks without a limit of their own where a whole sequence is one message: elsewhere it takes minutes. */
function limitsOf(options: CheckOptions, property: Property, { adapter }: Opened): Limits {
  const { runs, time, maxSteps } = options;
  const isWhole = [runs, time, maxSteps].every((each) => each === undefined);
  const isFast = adapter.runAll !== undefined && property !== "insert";
  const walks = time === undefined ? RUNS : Number.POSITIVE_INFINITY;
  const sequences = runs === undefined ? walks : countOf("runs", runs);
  return {
    sequences: property === "tour" ? 0 : sequences,
    seconds: time === undefined ? null : secondsOf("time", time),
    maxSteps: maxSteps === undefined ? null : countOf("max-steps", maxSteps),
    isTour: property === "tour" || (isWhole && isFast),
  };
}

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
  const law = lawOf(opened.edition);
  const report = await hunt([opened.adapter, ...opened.others], law, {
    tour: options.isTour ? tourOf(law, scopeOf(opened.adapter.about, law.edition)) : null,
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
  const operations = Object.keys(DRAWS).filter((name) => name !== "insert");
  const services = ["queue", "queue.update", "leader", "leader.request_resign"];
  const others = [...operations, ...services];
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
  const { tour } = report;
  if (tour !== null && report.sequences === 0) {
    return `tour: ${count(tour.toured)}, injected: ${count(tour.injected)} of ${count(tour.transitions)} abstract transitions`;
  }
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
  const { sequences, operations, seconds, transitions, tour, fired } = result.report;
  printJson({
    event: "footer",
    sequences,
    operations,
    seconds,
    transitions,
    tour,
    fired: Object.fromEntries(fired),
    undecided: result.undecided,
    exit: result.exit,
  });
}
