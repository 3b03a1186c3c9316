import { availableParallelism } from "node:os";
import { editionFor } from "../../spec/model/edition.ts";
import { RULES } from "../../spec/rules.generated.ts";
import { type Crossing, candidatesFor, withReplayed } from "../report/crossing.ts";
import type { RunReport } from "../report/run-report.ts";
import { versionedOf } from "./adapter-list.ts";
import {
  AdapterProcesses,
  type CheckTask,
  type ReplayTask,
  type Underway,
} from "./adapter-processes.ts";
import { commandOf } from "./check-command.ts";
import { EXIT } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { machine } from "./machine.ts";
import { countOf, secondsOf, seedOf } from "./options.ts";
import { count, Progress, type ScreenOptions, VERSION } from "./terminal.ts";

/** How several implementations are checked, as the command line says. */
export type CheckManyOptions = ScreenOptions &
  Readonly<{ database?: string; seed?: string; runs?: string; time?: string; jobs?: string }>;

/** What came of them; `left` were not begun. */
export type CheckedMany = Readonly<{
  reports: readonly RunReport[];
  crossing: Crossing;
  left: readonly string[];
}>;

/** Sequences for each adapter, where nothing else is said: three minutes of a processor for a version of River, all of whose broken rules showed within 200. */
export const RUNS_EACH = 300;

/**
 * Checks implementations with the same seed and limits, then runs on each what the others show and it did not: no difference between them
 * is due to luck. `saved` are reports of before, which take part in that. Ctrl-C ends with what was found so far.
 */
export async function checkMany(
  names: readonly string[],
  saved: readonly RunReport[],
  options: CheckManyOptions,
): Promise<CheckedMany> {
  const { jobs } = options;
  const progress = new Progress(options);
  const processes = new AdapterProcesses(
    jobs === undefined ? availableParallelism() : countOf("jobs", jobs),
    (underway) => progress.show(() => progressLine(underway)),
  );
  const interrupt = onInterrupt(() => processes.stop());
  try {
    const seed = seedOf(options.seed);
    const { reports, left } = await checkEach(
      processes,
      names.map((name) => taskOf(name, seed, options)),
    );
    const all = [...saved, ...reports];
    const crossing = await cross(processes, all, options.database ?? null);
    const told = all.map((report) => withReplayed(report, crossing.get(report.header.name) ?? []));
    return { reports: told, crossing, left };
  } finally {
    interrupt.end();
    progress.clear();
  }
}

async function checkEach(
  processes: AdapterProcesses,
  tasks: readonly CheckTask[],
): Promise<Readonly<{ reports: readonly RunReport[]; left: readonly string[] }>> {
  const ended = await processes.run(tasks);
  const reports = tasks.flatMap((task) => {
    const end = ended.get(task);
    if (end?.kind === "report") return [end.report];
    return end?.kind === "failed" ? [failedReport(task, end.message)] : [];
  });
  const left = tasks.filter((task) => ended.get(task)?.kind === "stopped");
  return { reports, left: left.map(({ name }) => name) };
}

/** Each one's stories on the others. An adapter that cannot be opened any more has no entry. */
async function cross(
  processes: AdapterProcesses,
  reports: readonly RunReport[],
  database: string | null,
): Promise<Crossing> {
  const tasks = reports.flatMap((report): readonly ReplayTask[] => {
    const candidates = candidatesFor(report, reports);
    const { header } = report;
    const { name } = header;
    return candidates.length === 0 ? [] : [{ kind: "replay", name, database, header, candidates }];
  });
  const ended = await processes.run(tasks);
  return new Map(
    [...ended].flatMap(([task, end]) =>
      end.kind === "replayed" ? [[task.name, end.replayed] as const] : [],
    ),
  );
}

function taskOf(name: string, seed: number, options: CheckManyOptions): CheckTask {
  const { database, time } = options;
  const runs = options.runs ?? (time === undefined ? String(RUNS_EACH) : undefined);
  const limits = {
    ...(runs === undefined ? {} : { runs }),
    ...(time === undefined ? {} : { time }),
    ...(database === undefined ? {} : { database }),
  };
  return {
    kind: "check",
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

/** `3 of 16 done · river-go@0.13.0 120 · river-go@0.16.0 opening`. */
function progressLine({ now, done, all }: Underway): string {
  const each = [...now].map(([name, text]) => {
    if (/^\d+$/.test(text)) return `${name} ${count(Number(text))}`;
    return text.includes(name) ? text : `${name} ${text}`;
  });
  return [`${done} of ${all} done`, ...each].join(" · ");
}

/** The report of an adapter that could not be opened: nothing is decided, and everything says why. */
export function failedReport({ name, options }: CheckTask, message: string): RunReport {
  const { family = name, version = "" } = versionedOf(name) ?? {};
  const { property, seed, command } = options;
  const footer = { sequences: 0, operations: 0, seconds: 0, transitions: 0, complete: false };
  return {
    header: {
      event: "header",
      format: 1,
      weir: VERSION,
      name,
      adapter: family,
      implementation: family,
      version,
      language: "unknown",
      database: "none",
      clock: "unknown",
      edition: editionFor(version).name,
      capabilities: {},
      property,
      seed,
      command,
      machine: machine(),
      at: new Date().toISOString(),
    },
    findings: [],
    rules: Object.keys(RULES).map((rule) => ({
      event: "rule",
      rule,
      verdict: "undecided",
      fired: 0,
      why: message,
    })),
    footer: { event: "footer", ...footer, failure: message, exit: EXIT.adapter },
  };
}
