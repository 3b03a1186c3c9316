import { Argument, Command, CommanderError } from "commander";
import { RiverGoError } from "./adapters/go-build.ts";
import { RiverPythonError } from "./adapters/river-python.ts";
import { RiverRustError } from "./adapters/rust-build.ts";
import type { BisectOptions } from "./cli/bisect.ts";
import type { DiffOptions } from "./cli/diff.ts";
import { EXIT, type ExitCode, UsageError } from "./cli/exit.ts";
import { initAdapter, LANGUAGES } from "./cli/init-adapter.ts";
import type { MatrixOptions } from "./cli/matrix.ts";
import type { MigrateCommandOptions } from "./cli/migrate.ts";
import { MIGRATE_ACTIONS } from "./cli/options.ts";
import { VERSION } from "./cli/terminal.ts";
import { ServerError } from "./database/server-error.ts";
import { AdapterError } from "./protocol/failure.ts";

// Each command is loaded when it is asked for: all of them together take a second to load.

let exitCode: ExitCode = EXIT.pass;

const screen = (command: Command): Command =>
  command
    .option("--database <url>", "a Postgres server; Weir works only in a database of its own there")
    .option("--seed <n>", "a whole number, or random")
    .option("--runs <n>", "sequences to run at most")
    .option("--no-color", "no colours")
    .option("--ascii", "words instead of glyphs")
    .option("--quiet", "only the verdict");

const reportFiles = (command: Command): Command =>
  command
    .option("--junit <file>", "write JUnit XML: a test for each rule")
    .option("--markdown <file>", "write a summary for the page of a CI run")
    .option("--html <file>", "write a page: the rules, what is broken, its stories")
    .option("--ndjson <file>", "write the events of --json");

const program = new Command("weir")
  .description(
    "Does a job queue keep River's protocol? Random steps, a formal model, and the shortest story in which the two part.",
  )
  .version(VERSION)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "weir: ")) });

reportFiles(
  screen(program.command("check").description("check an implementation against the model")),
)
  .option(
    "--adapter <name>",
    "reference, river-go@<version>, river-python@<version>, river-rust@<version>, or a command",
    "reference",
  )
  .option(
    "--property <name>",
    "all, step, insert, tour, vectors or live; step, or that of --expect",
  )
  .option("--time <duration>", "stop after this long, such as 30s or 10m")
  .option("--max-steps <n>", "steps of a sequence at most")
  .option("--jobs <n>", "so many of the adapter side by side (PGlite: always one)")
  .option("--budget <list>", "how long the adapter may take, such as handshake=60s,operation=10s")
  .option("--fail-fast", "stop at the first difference")
  .option("--expect [file]", "accept the differences that a file lists; no file: the shipped one")
  .option("--update", "write what differs now into the file of --expect")
  .option("--reason <text>", "why what --update adds is accepted")
  .option("--json", "one event a line")
  .action(async (options) => {
    const { check } = await import("./cli/check.ts");
    exitCode = await check(options);
  });

program
  .command("init-adapter <language> [folder]")
  .description(`write a working adapter to start from: ${LANGUAGES.join(", ")}`)
  .action(async (language: string, folder: string | undefined) => {
    exitCode = await initAdapter(language, folder);
  });

program
  .command("smoke")
  .description(
    "a first look at an adapter: its claims, the rules that can be checked, what is next",
  )
  .requiredOption("--adapter <name>", "river-go@<version>, river-python@<version>, or a command")
  .option("--database <url>", "a Postgres server; Weir works only in a database of its own there")
  .option("--budget <list>", "how long the adapter may take, such as handshake=60s,operation=10s")
  .option("--json", "what was seen as one line of JSON")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .action(async (options) => {
    const { smoke } = await import("./cli/smoke.ts");
    exitCode = await smoke(options);
  });

screen(
  program.command("bugs [name]").description("put old bugs back, and prove that each is caught"),
)
  .option("--models", "wrong models instead: the right queue must show that they are wrong")
  .option("--json", "one event a line")
  .option("--html <file>", "write a page of rules and bugs, with every story")
  .action(async (name: string | undefined, options) => {
    const { bugs } = await import("./cli/bugs.ts");
    exitCode = await bugs(name, options);
  });

reportFiles(
  screen(
    program
      .command("matrix")
      .description("check several implementations: side by side, which rules each breaks"),
  ),
)
  .option(
    "--adapters <list>",
    "with commas: river-go@0.12.0,0.12.1 or river-go for telling versions, reference, a command in quotes",
  )
  .option("--from <reports...>", "saved reports (--ndjson, --html) instead, or as well")
  .option("--time <duration>", "for each adapter, stop after this long, such as 30s or 10m")
  .option("--jobs <n>", "adapters at once; one for each processor")
  .option("--all", "a row for every rule that is broken somewhere")
  .option("--json", "all reports, one event a line")
  .action(async (options: MatrixOptions) => {
    const { matrix } = await import("./cli/matrix.ts");
    exitCode = await matrix(options);
  });

screen(
  program
    .command("diff <from> <to>")
    .description(
      "what an upgrade changes: rules that are fixed, newly broken, changed, still broken",
    ),
)
  .option("--from <reports...>", "saved reports (--ndjson, --html) of either")
  .option("--time <duration>", "for each of the two, stop after this long, such as 30s or 10m")
  .option("--jobs <n>", "1 for one after the other")
  .option("--all", "a line for every rule")
  .option("--json", "both reports and the difference, one event a line")
  .action(async (from: string, to: string, options: DiffOptions) => {
    const { diff } = await import("./cli/diff.ts");
    exitCode = await diff(from, to, options);
  });

program
  .command("bisect <trace>")
  .description("find the version of an implementation in which a recorded difference came or went")
  .option("--adapter <family>", "another adapter than the recorded one, such as river-go")
  .option("--from <version>", "the first version to look at")
  .option("--to <version>", "the last version to look at")
  .option("--all", "try every version")
  .option("--database <url>", "a Postgres server; Weir works only in a database of its own there")
  .option("--json", "the answer as one line of JSON")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .option("--quiet", "only the verdict")
  .action(async (path: string, options: BisectOptions) => {
    const { bisectTrace } = await import("./cli/bisect.ts");
    exitCode = await bisectTrace(path, options);
  });

program
  .command("replay [what]")
  .description(
    "run records again: all, a trace file, a rule's example, or - for steps on standard input",
  )
  .option("--adapter <name>", "another implementation than the one recorded")
  .option("--database <url>", "a Postgres server; Weir works only in a database of its own there")
  .option("--step", "tell step by step")
  .option("--shrink", "look for fewer steps")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .action(async (what: string | undefined, options) => {
    const { replay } = await import("./cli/replay.ts");
    exitCode = await replay(what, options);
  });

program
  .command("explore")
  .description("see small worlds of the model to their end, and check the invariants everywhere")
  .option("--world <name>", "only this one")
  .option("--mutant <name>", "a model with one rule wrong: the shortest story that shows it")
  .option("--json", "one event a line")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .option("--quiet", "only the verdict")
  .action(async (options) => {
    const { explore } = await import("./cli/explore.ts");
    exitCode = await explore(options);
  });

program
  .command("explain [what]")
  .description(
    "explain a rule, a word, a column, a seeded bug or a version; nothing lists the chapters",
  )
  .option("--json", "the answer as one line of JSON")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .action(async (what: string | undefined, options) => {
    const { explain } = await import("./cli/explain.ts");
    exitCode = await explain(what, options);
  });

program
  .command("audit <url>")
  .description(
    "look through a database of River's for jobs that were wrongly discarded; only reads",
  )
  .option("--schema <name>", "River's schema; by default where the search path finds river_job")
  .option("--list <check>", "the jobs that a check finds, as CSV")
  .option("--repair-sql", "print SQL that puts wrongly discarded jobs back; it is never run")
  .option("--every <duration>", "look again and again, and tell of what is new")
  .option(
    "--retention <duration>",
    "how long River's cleaner keeps discarded jobs, or forever",
    "7d",
  )
  .option("--stuck <duration>", "running jobs are stuck after this long", "1h")
  .option("--late <duration>", "scheduled jobs are late when due for this long", "5m")
  .option("--paused <duration>", "queues are forgotten when paused for this long", "1d")
  .option("--timeout <duration>", "give up a statement after this long", "5m")
  .option("--json", "one event a line")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .option("--quiet", "only the verdict")
  .action(async (url: string, options) => {
    const { audit } = await import("./cli/audit.ts");
    exitCode = await audit(url, options);
  });

program
  .command("migrate")
  .description("make River's tables in your own database, take them away, or say where they stand")
  .addArgument(new Argument("<what>").choices(MIGRATE_ACTIONS))
  .requiredOption(
    "--database <where>",
    "postgres://… or a folder of PGlite's: the database to migrate",
  )
  .option("--target <version>", "the version to end at; else up to the latest, or down one step")
  .option("--schema <name>", "River's schema; by default the first of the search path")
  .option("--json", "what was done as one line of JSON")
  .option("--no-color", "no colours")
  .option("--ascii", "words instead of glyphs")
  .option("--quiet", "only the verdict")
  .action(async (what: string, options: MigrateCommandOptions) => {
    const { migrate } = await import("./cli/migrate.ts");
    exitCode = await migrate(what, options);
  });

for (const command of program.commands) command.exitOverride();

/** Which exit code an error means, and the one line that says so. */
function failed(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  const say = (message: string) => process.stderr.write(`weir: ${message.trimEnd()}\n`);
  if (error instanceof UsageError) {
    say(error.message);
    return EXIT.usage;
  }
  if (error instanceof RiverGoError) {
    say(error.message);
    return error.reason === "unknown" || error.reason === "unsupported" ? EXIT.usage : EXIT.adapter;
  }
  if (error instanceof RiverPythonError) {
    say(error.message);
    return error.reason === "unsupported" ? EXIT.usage : EXIT.adapter;
  }
  if (error instanceof RiverRustError) {
    say(error.message);
    return error.reason === "unknown" ? EXIT.usage : EXIT.adapter;
  }
  if (error instanceof AdapterError || error instanceof ServerError) {
    say(error.message);
    return EXIT.adapter;
  }
  say(
    `a bug of Weir's own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return EXIT.internal;
}

try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  exitCode = failed(error);
}
process.exitCode = exitCode;
