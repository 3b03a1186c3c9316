import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { writeReport } from "../report/report-text.ts";
import type { HuntReport } from "../run/hunt.ts";
import { commandOf } from "./check-command.ts";
import { checkLive } from "./check-live.ts";
import { tell, tellHeader } from "./check-screen.ts";
import { type ExitCode, UsageError } from "./exit.ts";
import { type ExpectOptions, type GateFile, holdAgainst, openGate, requireSame } from "./expect.ts";
import { tellGate } from "./gate-screen.ts";
import { onInterrupt } from "./interrupt.ts";
import { openAdapter, resolvedName } from "./open.ts";
import { budgetsOf, countOf, oneOf, secondsOf, seedOf } from "./options.ts";
import { checkReportFiles, type ReportFiles, writeReports } from "./report-files.ts";
import { examine, PROPERTIES, type RunOptions, sequencesOf } from "./run-check.ts";
import { count, lookOf, Progress, type ScreenOptions } from "./terminal.ts";

/** The options of `weir check`, as the command line gives them. */
export type CheckOptions = ScreenOptions &
  ExpectOptions &
  ReportFiles &
  Readonly<{
    adapter: string;
    database?: string;
    property?: string;
    seed?: string;
    runs?: string;
    time?: string;
    maxSteps?: string;
    jobs?: string;
    budget?: string;
    failFast?: boolean;
    json?: boolean;
  }>;

/** Runs `weir check`: golden values and walks against an adapter, judged, held against what is expected, and told. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  if (options.property === "live") return checkLive(options);
  const { database = null } = options;
  const progress = new Progress(options);
  const say = (line: string) => progress.show(() => line);
  // What is shipped is shipped for versions.
  const isShipped = options.expect === true;
  const adapter = isShipped ? await resolvedName(options.adapter, say) : options.adapter;
  const gateFile = await openGate(options, adapter);
  const asked = readOptions(options, gateFile);
  await checkReportFiles(options);
  const jobs = options.jobs === undefined ? 1 : countOf("jobs", options.jobs);
  const budgets = budgetsOf(options.budget);
  const opened = await openAdapter(adapter, database, say, { jobs, budgets });
  try {
    if (gateFile !== null) requireSame(gateFile, opened);
    const interrupted = onInterrupt();
    const isTold = options.json !== true && options.quiet !== true;
    if (isTold) tellHeader(opened, seedWords(options, asked.seed, gateFile));
    const examined = await examine(opened, {
      ...asked,
      isStopped: () => interrupted.isSet,
      onProgress: (now) => progress.show(() => progressLine(now, sequencesOf(asked))),
    });
    const today = asked.at.toISOString().slice(0, 10);
    const isCut = asked.failFast || asked.maxSteps !== null;
    const held =
      gateFile === null ? null : await holdAgainst(gateFile, opened, examined, { today, isCut });
    progress.clear();
    const { report } = held?.examined ?? examined;
    await writeReports([report], options);
    if (options.json === true) process.stdout.write(writeReport(report));
    else if (held === null) tell(opened, examined, lookOf(options), options.quiet ?? false);
    else tellGate(opened, held, lookOf(options), options.quiet ?? false);
    return report.footer.exit as ExitCode;
  } finally {
    progress.clear();
    await opened.adapter.close();
  }
}

/** Where the seed is not drawn, whose it is. */
const seedWords = ({ seed }: CheckOptions, value: number, gateFile: GateFile | null): string =>
  gateFile !== null && seed === undefined ? "seed: the gate's own" : `seed ${value}`;

function readOptions(options: CheckOptions, gateFile: GateFile | null): RunOptions {
  const { runs, time, maxSteps, failFast = false } = options;
  const isGate = gateFile !== null;
  const seed = seedOf(options.seed, isGate);
  const own = gateFile?.was?.property;
  const property = oneOf("property", options.property ?? own ?? "step", PROPERTIES);
  if (property === "live") {
    throw new UsageError("--property live has no expectations, so it cannot come with --expect.");
  }
  if (own !== undefined && property !== own) {
    throw new UsageError(
      `--property must be ${own}, which ${gateFile?.path} is of, but is ${property}.`,
    );
  }
  if (options.update === true && (failFast || maxSteps !== undefined)) {
    const which = failFast ? "--fail-fast" : "--max-steps";
    throw new UsageError(`--update must see the whole run, so it cannot come with ${which}.`);
  }
  return {
    property,
    seed,
    runs: runs === undefined ? null : countOf("runs", runs),
    usualRuns: gateFile?.was?.runs || null,
    seconds: time === undefined ? null : secondsOf("time", time),
    maxSteps: maxSteps === undefined ? null : countOf("max-steps", maxSteps),
    failFast,
    command: commandOf({ ...options, property }, seed),
    at: new Date(),
  };
}

function progressLine(now: HuntReport | string, sequences: number): string {
  if (typeof now === "string") return now;
  const silent = Object.keys(RULES).filter((rule) => !now.fired.has(rule as RuleId));
  const { tour } = now;
  if (tour !== null && now.sequences === 0) {
    return `tour: ${count(tour.toured)}, injected: ${count(tour.injected)} of ${count(tour.transitions)} abstract transitions`;
  }
  const total = Number.isFinite(sequences) ? ` of ${count(sequences)}` : "";
  const waiting = silent.length === 0 ? "all rules fired" : `not yet: ${silent.join(" ")}`;
  return `${count(now.sequences)}${total} sequences, ${now.findings.length} differences, ${waiting}`;
}
