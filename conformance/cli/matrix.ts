import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { ReportError, readReports, writeReport } from "../report/report-text.ts";
import { matrixOf } from "../report/rule-matrix.ts";
import type { RunReport } from "../report/run-report.ts";
import { readAdapters } from "./adapter-list.ts";
import { commandOf } from "./check.ts";
import { EXIT, type ExitCode, UsageError, worstOf } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { type Checked, Checks, type CheckTask, type Underway } from "./matrix-run.ts";
import { tellMatrix } from "./matrix-screen.ts";
import { countOf, secondsOf, seedOf } from "./options.ts";
import { checkReportFiles, type ReportFiles, writeReports } from "./report-files.ts";
import { count, lookOf, Progress, type ScreenOptions } from "./terminal.ts";

/** How several implementations are checked, as the command line says. */
export type RunManyOptions = ScreenOptions &
  Readonly<{ database?: string; seed?: string; runs?: string; time?: string; jobs?: string }>;

/** The options of `weir matrix`, as the command line gives them. */
export type MatrixOptions = RunManyOptions &
  ReportFiles &
  Readonly<{ adapters?: string; from?: readonly string[]; json?: boolean; all?: boolean }>;

/** Sequences for each adapter, where nothing else is said: sixteen versions of River in half an hour on two processors. */
const RUNS = 150;

/** Runs `weir matrix`: implementations × rules, from checks that are run now, from saved reports, or both. */
export async function matrix(options: MatrixOptions): Promise<ExitCode> {
  const { adapters, from = [], json, quiet } = options;
  if (adapters === undefined && from.length === 0) {
    throw new UsageError("matrix needs --adapters, such as river-go@0.12.0,0.12.1, or --from.");
  }
  await checkReportFiles(options);
  const saved = await readSaved(from);
  const names = adapters === undefined ? [] : await readAdapters(adapters);
  const { reports: run, left } = await checkAll(names, options);
  const reports = [...saved, ...run];
  const files = await writeReports(reports, options);
  const exit = exitOf(reports, left);
  if (json === true) process.stdout.write(reports.map(writeReport).join(""));
  else {
    const look = { ...lookOf(options), all: options.all ?? false };
    tellMatrix(matrixOf(reports), { left, files, exit }, look, quiet ?? false);
  }
  return exit;
}

/** What was not run leaves open what it would have shown. */
const exitOf = (reports: readonly RunReport[], left: readonly string[]): ExitCode =>
  worstOf([
    ...reports.map(({ footer }) => footer.exit as ExitCode),
    ...(left.length > 0 || reports.length === 0 ? [EXIT.inconclusive] : []),
  ]);

/** The reports in files that `--ndjson` or `--json` wrote. Throws a `UsageError` for any that are none. */
export async function readSaved(paths: readonly string[]): Promise<readonly RunReport[]> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, "utf8").catch(() => null);
      if (text === null) throw new UsageError(`no report is at ${path}.`);
      try {
        return readReports(text);
      } catch (error) {
        if (error instanceof ReportError) throw new UsageError(`${path}: ${error.message}`);
        throw error;
      }
    }),
  );
  return files.flat();
}

/** Checks all of these with the same seed and limits; Ctrl-C ends with what was found so far. */
export async function checkAll(
  names: readonly string[],
  options: RunManyOptions,
): Promise<Checked> {
  if (names.length === 0) return { reports: [], left: [] };
  const jobs = options.jobs === undefined ? availableParallelism() : countOf("jobs", options.jobs);
  const seed = seedOf(options.seed);
  const tasks = names.map((name) => taskOf(name, seed, options));
  const runs = tasks[0]?.options.runs ?? null;
  const checks = new Checks(tasks);
  const interrupt = onInterrupt(() => checks.stop());
  const progress = new Progress(options);
  try {
    return await checks.run(jobs, (now, done) =>
      progress.show(() => progressLine(now, done, tasks.length, runs)),
    );
  } finally {
    progress.clear();
    interrupt.end();
  }
}

function taskOf(name: string, seed: number, options: RunManyOptions): CheckTask {
  const { database, time } = options;
  const runs = options.runs ?? (time === undefined ? String(RUNS) : undefined);
  const limits = {
    ...(runs === undefined ? {} : { runs }),
    ...(time === undefined ? {} : { time }),
    ...(database === undefined ? {} : { database }),
  };
  return {
    name,
    database: database ?? null,
    options: {
      property: "step",
      seed,
      runs: runs === undefined ? null : countOf("runs", runs),
      seconds: time === undefined ? null : secondsOf("time", time),
      maxSteps: null,
      failFast: false,
      command: commandOf({ adapter: name, property: "step", ...limits }, seed),
    },
  };
}

/** `3 of 16 · river-go@0.13.0 120 of 150 · river-go@0.16.0 opening`. */
function progressLine(now: Underway, done: number, all: number, runs: number | null): string {
  const each = [...now].map(([name, text]) => {
    const isCount = /^\d+$/.test(text);
    if (!isCount) return text.includes(name) ? text : `${name} ${text}`;
    return `${name} ${count(Number(text))}${runs === null ? "" : ` of ${count(runs)}`}`;
  });
  return [`${done} of ${all} done`, ...each].join(" · ");
}
