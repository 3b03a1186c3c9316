import type { MigrationDirection } from "../../src/migrate.ts";
import { latestVersion, type MigrationStatus } from "../../src/migrations/status.ts";
import type { Look } from "../report/finding.ts";
import { wrap } from "../report/screen.ts";
import { print } from "./terminal.ts";

/** What each version of River's line `main` makes on the way up, and takes away on the way down. */
export const WORK: Readonly<Record<number, Readonly<Record<MigrationDirection, string>>>> = {
  1: {
    up: "makes table river_migration",
    down: "drops table river_migration",
  },
  2: {
    up: "makes tables river_job and river_leader, type river_job_state, a trigger on river_job and its function river_job_notify",
    down: "drops river_job with every job in it, river_leader, type river_job_state, function river_job_notify",
  },
  3: {
    up: "river_job.tags is {} where it was null, and may not be null",
    down: "river_job.tags may be null",
  },
  4: {
    up: "makes table river_queue; adds state pending; river_job.args and metadata may not be null; drops river_job's trigger and its function",
    down: "drops river_queue with every queue in it; river_job.args and metadata may be null; makes river_job's trigger and its function; state pending stays",
  },
  5: {
    up: "adds river_job.unique_key and an index of it; river_migration has lines; makes tables river_client and river_client_queue",
    down: "drops river_job.unique_key with every key in it, river_client, river_client_queue; river_migration has no lines",
  },
  6: {
    up: "adds river_job.unique_states, a unique index and function river_job_state_in_bitmask; drops the index of version 5",
    down: "drops river_job.unique_states with every mask in it, its index and function river_job_state_in_bitmask; makes the index of version 5",
  },
  7: {
    up: "makes table river_notification; river_job.max_attempts and river_queue.updated_at have defaults; drops river_client and river_client_queue",
    down: "drops river_notification with all that is in it; no more defaults of max_attempts and updated_at; makes river_client and river_client_queue",
  },
  8: {
    up: "nothing but the record that it was done: it mends SQLite",
    down: "nothing but the record",
  },
};

const LABEL = 12;
const WIDTH = 86;

/** Prints where the migration begins. */
export function tellStart(shown: string, status: MigrationStatus, { ascii }: Look): void {
  const dot = ascii ? "-" : "·";
  print("", `  ${shown}`, `  schema ${status.schema} ${dot} ${standing(status)}`, "");
}

/** Prints a version that was migrated just now, and what that did. */
export function tellStep(
  version: number,
  direction: MigrationDirection,
  seconds: number,
  { ascii, paint }: Look,
): void {
  const mark = ascii ? "ok" : "✓";
  const took = seconds >= 1 ? ` (${seconds.toFixed(0)} s)` : "";
  const text = `${WORK[version]?.[direction] ?? "done"}${took}`;
  block(`${paint.green(mark)} ${version} ${direction}`, `${mark} ${version} ${direction}`, text);
}

/** Prints every version, whether it is there, and what is odd. */
export function tellStatus(status: MigrationStatus, { ascii, paint }: Look): void {
  const [yes, no, bad] = ascii ? ["ok", "-", "x"] : ["✓", "○", "✗"];
  for (const version of [...status.applied, ...status.pending].sort((a, b) => a - b)) {
    const isThere = status.applied.includes(version);
    const mark = isThere ? yes : no;
    const said = WORK[version]?.up ?? "not known to this release of Weir";
    const text = isThere ? said : `to come: ${said}`;
    block(`${isThere ? paint.green(mark) : mark} ${version}`, `${mark} ${version}`, text);
  }
  for (const text of status.differences) block(paint.red(bad), bad, text);
}

/** Prints what a user should know, if there is anything. */
export function tellWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) block("note", "note", warning);
}

/** `at version 3 of 8`, as one would say it. */
export function standing({ applied, pending }: MigrationStatus): string {
  const at = Math.max(0, ...applied);
  if (applied.length === 0) return "nothing of River's is recorded";
  if (pending.length === 0) return `at version ${at}${at > latestVersion ? "" : ", the latest"}`;
  const missing = pending.filter((version) => version < at);
  const gap = missing.length === 0 ? "" : `, without ${missing.join(", ")}`;
  return `at version ${at} of ${latestVersion}${gap}`;
}

/** A label, and to its right a text in lines; `plain` is the label without colours. */
function block(label: string, plain: string, text: string): void {
  const [first = "", ...rest] = wrap(text, WIDTH - LABEL);
  print(`  ${label}${" ".repeat(Math.max(1, LABEL - 2 - [...plain].length))}${first}`);
  for (const line of rest) print(`${" ".repeat(LABEL)}${line}`);
}
