import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { writeReport } from "../report/report-text.ts";
import type { HuntReport } from "../run/hunt.ts";
import { tell, tellHeader } from "./check-screen.ts";
import type { ExitCode } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { openAdapter } from "./open.ts";
import { countOf, oneOf, secondsOf, seedOf } from "./options.ts";
import { examine, PROPERTIES, type RunOptions, sequencesOf } from "./run-check.ts";
import { count, lookOf, Progress, type ScreenOptions, WEIR } from "./terminal.ts";

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

/** Runs `weir check`: golden values and walks against an adapter, judged and told. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const asked = readOptions(options);
  const progress = new Progress(options);
  const { adapter, database = null } = options;
  const opened = await openAdapter(adapter, database, (line) => progress.show(() => line));
  try {
    const interrupted = onInterrupt();
    const isTold = options.json !== true && options.quiet !== true;
    if (isTold) tellHeader(opened, asked.seed);
    const examined = await examine(opened, {
      ...asked,
      isStopped: () => interrupted.isSet,
      onProgress: (now) => progress.show(() => progressLine(now, sequencesOf(asked))),
    });
    progress.clear();
    if (options.json === true) process.stdout.write(writeReport(examined.report));
    else tell(opened, examined, lookOf(options), options.quiet ?? false);
    return examined.report.footer.exit as ExitCode;
  } finally {
    progress.clear();
    await opened.adapter.close();
  }
}

function readOptions(options: CheckOptions): RunOptions {
  const { runs, time, maxSteps, failFast = false } = options;
  const seed = seedOf(options.seed);
  return {
    property: oneOf("property", options.property, PROPERTIES),
    seed,
    runs: runs === undefined ? null : countOf("runs", runs),
    seconds: time === undefined ? null : secondsOf("time", time),
    maxSteps: maxSteps === undefined ? null : countOf("max-steps", maxSteps),
    failFast,
    command: commandOf(options, seed),
    at: new Date(),
  };
}

/** As it can be run again; a server's URL may hold a password. */
function commandOf(options: CheckOptions, seed: number): string {
  const { adapter, property, runs, time, maxSteps, failFast, database } = options;
  const name = /\s/.test(adapter) ? `"${adapter}"` : adapter;
  const given: readonly (readonly [string, string | undefined])[] = [
    ["adapter", name],
    ["property", property],
    ["seed", String(seed)],
    ["runs", runs],
    ["time", time],
    ["max-steps", maxSteps],
    ["database", database === undefined ? undefined : "…"],
  ];
  const words = given.flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${value}`],
  );
  return [WEIR, "check", ...words, ...(failFast === true ? ["--fail-fast"] : [])].join(" ");
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
