import { fileURLToPath } from "node:url";
import type { About } from "../adapter.ts";
import { words } from "../adapters/words.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import { writeReport } from "../report/report-text.ts";
import type { CheckOptions } from "./check.ts";
import { commandOf } from "./check-command.ts";
import { type ExitCode, UsageError } from "./exit.ts";
import { onInterrupt } from "./interrupt.ts";
import { tellLive, tellLiveHeader } from "./live-screen.ts";
import { commandOf as adapterCommand } from "./open.ts";
import { budgetsOf, countOf, secondsOf, seedOf } from "./options.ts";
import { checkReportFiles, writeReports } from "./report-files.ts";
import { examineLive } from "./run-live.ts";
import { lookOf, Progress } from "./terminal.ts";

/** How long a scenario may take; on an idle machine it takes a quarter of that. */
const SECONDS = 60;

const REFERENCE = fileURLToPath(new URL("../adapters/reference-process.mjs", import.meta.url));

/** Runs `weir check --property live`: real clients in processes of their own, bad weather, and what the database recorded of it. */
export async function checkLive(options: CheckOptions): Promise<ExitCode> {
  refuseOthers(options);
  const { adapter: name, database, time, runs } = options;
  const seed = seedOf(options.seed);
  const budgets = budgetsOf(options.budget);
  const seconds = time === undefined ? SECONDS : secondsOf("time", time);
  const scenarios = runs === undefined ? 1 : countOf("runs", runs);
  await checkReportFiles(options);
  const progress = new Progress(options);
  const say = (line: string) => progress.show(() => line);
  const argv = await argvOf(name, say);
  const server = database === undefined ? await startEmbeddedPostgres() : null;
  try {
    const interrupted = onInterrupt();
    const isTold = options.json !== true && options.quiet !== true;
    const examined = await examineLive({
      name,
      argv,
      serverUrl: database ?? server?.url ?? "",
      place: server === null ? "" : " (embedded)",
      budgets,
      seed,
      runs: scenarios,
      seconds,
      failFast: options.failFast ?? false,
      command: commandOf(options, seed),
      at: new Date(),
      isStopped: () => interrupted.isSet,
      onProgress: say,
      onOpen: (about: About) => {
        if (isTold) tellLiveHeader(about, seed);
      },
    });
    interrupted.end();
    progress.clear();
    const { report } = examined;
    await writeReports([report], options);
    if (options.json === true) process.stdout.write(writeReport(report));
    else tellLive(examined, lookOf(options), options.quiet ?? false);
    return report.footer.exit as ExitCode;
  } finally {
    progress.clear();
    await server?.stop();
  }
}

/** What belongs to walks. */
function refuseOthers({ expect, update, maxSteps, jobs }: CheckOptions): void {
  const given = { expect, update, "max-steps": maxSteps, jobs };
  const [one] = Object.entries(given).filter(([, value]) => value !== undefined);
  if (one !== undefined)
    throw new UsageError(`--property live has no walks, so it cannot come with --${one[0]}.`);
}

/** What starts one process of the adapter; of the reference it is the program that speaks the protocol. */
async function argvOf(name: string, say: (line: string) => void): Promise<readonly string[]> {
  if (name === "reference") return [process.execPath, REFERENCE];
  const command = await adapterCommand(name, say);
  const argv = typeof command === "string" ? words(command) : command;
  if (argv !== null && (argv[0] ?? "") !== "") return argv;
  throw new UsageError(`--adapter must be a command, but is ${name}.`);
}
