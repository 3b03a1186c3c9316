import { QueueError } from "../../src/errors.ts";
import {
  type MigrationDirection,
  migrate as migrateTables,
  migrationStatus,
} from "../../src/migrate.ts";
import { latestVersion, type MigrationStatus } from "../../src/migrations/status.ts";
import { ServerError } from "../database/server-error.ts";
import type { Look } from "../report/finding.ts";
import { EXIT, type ExitCode, UsageError } from "./exit.ts";
import { type OwnDatabase, openOwn } from "./migrate-database.ts";
import { standing, tellStart, tellStatus, tellStep, tellWarnings } from "./migrate-screen.ts";
import { countOf, MIGRATE_ACTIONS, oneOf } from "./options.ts";
import { lookOf, print, type ScreenOptions } from "./terminal.ts";

/** The options of `weir migrate`, as the command line gives them. */
export type MigrateCommandOptions = ScreenOptions &
  Readonly<{ database: string; target?: string; schema?: string; json?: boolean }>;

/** Where to go in which schema; `target` undefined is as far as `migrate` goes by itself. */
type Way = Readonly<{ direction: MigrationDirection; target?: number; schema?: string }>;

/** Runs `weir migrate`: the one command that changes the user's own database, and there only River's tables. */
export async function migrate(given: string, options: MigrateCommandOptions): Promise<ExitCode> {
  const action = oneOf("what", given, MIGRATE_ACTIONS);
  const target = targetOf(action, options);
  const own = await openOwn(options.database, action === "up");
  try {
    const where = options.schema === undefined ? {} : { schema: options.schema };
    const before = await migrationStatus(own.db, where);
    const look = lookOf(options);
    const isShown = options.json !== true && options.quiet !== true;
    if (isShown) tellStart(own.shown, before, look);
    if (action === "status") return told(before, options, look);
    const way = { direction: action, ...where, ...(target !== undefined && { target }) };
    return await move(own, before, way, options);
  } catch (error) {
    throw error instanceof UsageError || error instanceof ServerError ? error : own.failure(error);
  } finally {
    await own.close();
  }
}

function targetOf(action: string, { target }: MigrateCommandOptions): number | undefined {
  if (target === undefined) return undefined;
  if (action === "status") throw new UsageError("--target must come with up or down, not status.");
  const version = countOf("target", target, 0);
  if (version <= latestVersion) return version;
  throw new UsageError(`--target must be a version from 0 to ${latestVersion}, but is ${target}.`);
}

/** What is asked for was only where the tables stand. That they are not River's is as bad here as for `up`. */
function told(status: MigrationStatus, options: MigrateCommandOptions, look: Look): ExitCode {
  const exit = status.differences.length === 0 ? EXIT.pass : EXIT.adapter;
  if (options.json === true) {
    print(JSON.stringify({ action: "status", exit, ...status }));
    return exit;
  }
  if (options.quiet !== true) {
    tellStatus(status, look);
    tellWarnings(status.warnings);
    print("");
  }
  const odd =
    status.differences.length === 1 ? "1 difference" : `${status.differences.length} differences`;
  print(`  exit ${exit}: ${standing(status)}${exit === EXIT.pass ? "" : `, with ${odd}`}`);
  return exit;
}

/** Goes version by version, so that what was done is told also where a later one fails. */
async function move(
  own: OwnDatabase,
  before: MigrationStatus,
  way: Way,
  options: MigrateCommandOptions,
): Promise<ExitCode> {
  const look = lookOf(options);
  const isShown = options.json !== true && options.quiet !== true;
  const done: number[] = [];
  for (const step of stepsOf(before, way)) {
    const started = performance.now();
    const { versions } = await migrateTables(own.db, { ...way, target: step.target }).catch(
      (error: unknown) => {
        throw failed(
          own.failure(error),
          error instanceof QueueError ? null : step,
          done,
          way,
          options,
        );
      },
    );
    done.push(...versions);
    const seconds = (performance.now() - started) / 1000;
    if (isShown) for (const version of versions) tellStep(version, way.direction, seconds, look);
  }
  const { direction, schema } = way;
  const after = await migrationStatus(own.db, schema === undefined ? {} : { schema });
  if (options.json === true) {
    print(JSON.stringify({ action: direction, exit: EXIT.pass, versions: done, ...after }));
    return EXIT.pass;
  }
  if (isShown) {
    if (done.length === 0) print("  nothing to do");
    tellWarnings(after.warnings);
    print("");
  }
  print(`  exit 0: ${standing(after)}`);
  return EXIT.pass;
}

/** The error to end with; what was done before it is told with `--json` too. `begun` is what the server refused in the middle. */
function failed(
  error: unknown,
  begun: Step | null,
  done: readonly number[],
  { direction }: Way,
  { json }: MigrateCommandOptions,
): unknown {
  if (!(error instanceof ServerError)) return error;
  const undone = begun === null ? "" : ` Version ${begun.version} ${direction} was rolled back.`;
  const failure = `${error.message}${undone}`;
  if (json === true) {
    print(JSON.stringify({ action: direction, exit: EXIT.adapter, versions: done, failure }));
  }
  return new ServerError(error.fault, failure);
}

/** A version to make or to take away, and where that ends. */
type Step = Readonly<{ version: number; target: number }>;

/**
 * The steps of the way. Each names where it ends, so that whoever migrates at the same time can not make this go further. Where nothing is
 * left to do there is still a step that goes nowhere, for it checks that the tables are River's.
 */
function stepsOf(status: MigrationStatus, { direction, target }: Way): readonly Step[] {
  const [end, nowhere] = direction === "up" ? [latestVersion, 0] : [0, latestVersion];
  const steps =
    direction === "up"
      ? status.pending
          .filter((version) => version <= (target ?? end))
          .map((version) => ({ version, target: version }))
      : status.applied
          .filter((version) => version > (target ?? end))
          .map((version) => ({ version, target: Math.min(version - 1, latestVersion) }))
          .reverse();
  if (steps.length === 0) return [{ version: 0, target: nowhere }];
  return direction === "down" && target === undefined ? steps.slice(0, 1) : steps;
}
