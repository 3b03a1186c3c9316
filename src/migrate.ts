import type { Database, Db } from "./db.ts";
import { QueueError } from "./errors.ts";
import { migrations } from "./migrations/main.ts";
import type { Migration } from "./migrations/migration.ts";
import { otherLines, recordDown, recordUp } from "./migrations/record.ts";
import { enterSchema, latestVersion, look, type MigrationStatus } from "./migrations/status.ts";
import type { Survey } from "./migrations/survey.ts";

/** Up makes the tables that a version has, down takes them and their rows away. */
export type MigrationDirection = "up" | "down";

/** Which way to migrate, and how far. */
export interface MigrateOptions {
  readonly direction: MigrationDirection;
  /** The version to end at. By default up goes to the latest, and down, for safety, one step; down to 0 removes everything. */
  readonly target?: number;
  /** Where River's tables are or shall be; by default the database's own schema, else the first in the search_path. */
  readonly schema?: string;
}

/** What `migrate` did. */
export interface MigrationResult {
  /** The versions migrated up or down, in the order it was done; empty if nothing was left to do. */
  readonly versions: readonly number[];
  readonly warnings: readonly string[];
}

/**
 * Migrates River's tables version by version, each in a transaction of its own with its record, just as River's own migrator
 * (v0.51.1) does, so that either goes on from where the other stopped. Concurrent calls wait for one another. Throws a `QueueError`,
 * and changes nothing further, if the schema is missing, is not River's, or may not be changed.
 */
export async function migrate(
  db: Database,
  options: MigrateOptions = { direction: "up" },
): Promise<MigrationResult> {
  checkTarget(options.target);
  const versions: number[] = [];
  for (;;) {
    const step = await db.begin((tx) => migrateStep(tx, options, versions.length, db.schema));
    if (step.version === null) return { versions, warnings: step.warnings };
    versions.push(step.version);
  }
}

/** Reads where the schema stands, and changes nothing; throws only if there is no such schema. */
export async function migrationStatus(
  db: Database,
  options: { readonly schema?: string } = {},
): Promise<MigrationStatus> {
  return db.begin(async (tx) => {
    await enterSchema(tx, options.schema ?? db.schema);
    return (await look(tx)).status;
  });
}

function checkTarget(target: number | undefined): void {
  if (target === undefined) return;
  if (Number.isInteger(target) && target >= 0 && target <= latestVersion) return;
  throw new QueueError(
    "migration_target_invalid",
    `target must be a version from 0 to ${latestVersion}, but is ${target}.`,
  );
}

// Says so itself, because a transaction that sees as of its start would, once it has waited, not see what it waited for.
const SEE_COMMITTED = `
set transaction isolation level read committed`;

const LOCK = `
select pg_advisory_xact_lock(hashtextextended('river_migration ' || current_schema(), 0))`;

async function migrateStep(
  tx: Db,
  options: MigrateOptions,
  done: number,
  ownSchema: string | null,
): Promise<{ version: number | null; warnings: readonly string[] }> {
  await tx.query(SEE_COMMITTED, []);
  await enterSchema(tx, options.schema ?? ownSchema);
  await tx.query(LOCK, []);
  const { found, status } = await look(tx);
  refuseForeign(status);
  const next = plan(options, status, done);
  if (next === undefined) return { version: null, warnings: status.warnings };
  refuseUnwritable(found);
  if (options.direction === "down") await refuseIrreversible(tx, found, next, status);
  for (const statement of next[options.direction]) await tx.query(statement, []);
  await (options.direction === "up" ? recordUp : recordDown)(tx, found, next.version);
  return { version: next.version, warnings: status.warnings };
}

function refuseForeign(status: MigrationStatus): void {
  if (status.differences.length === 0) return;
  const list = status.differences.join(" ");
  if (status.unknown.length > 0) {
    throw new QueueError(
      "migration_unknown",
      `river_migration must not be past version ${latestVersion}, but has version ${status.unknown.join(", ")}, and that differs in what the queue needs. Update Weir. ${list}`,
    );
  }
  throw new QueueError(
    "database_foreign",
    `Schema ${status.schema} must hold River's tables as river_migration records them, but does not. Name another schema, or bring tables and record together. ${list}`,
  );
}

/** The next version to migrate; undefined when there is none. */
function plan(
  options: MigrateOptions,
  status: MigrationStatus,
  done: number,
): Migration | undefined {
  const { direction, target } = options;
  if (direction === "up") {
    const next = status.pending.find((version) => version <= (target ?? latestVersion));
    return migrations.find(({ version }) => version === next);
  }
  if (target === undefined && done > 0) return undefined;
  const next = status.applied.filter((version) => version > (target ?? 0)).at(-1);
  if (next !== undefined && next > latestVersion) {
    throw new QueueError(
      "migration_unknown",
      `river_migration must not be past version ${latestVersion} to migrate down, but has version ${next}. Update Weir, or migrate down with River.`,
    );
  }
  return migrations.find(({ version }) => version === next);
}

function refuseUnwritable(found: Survey): void {
  const why = found.readOnly
    ? "transactions there are read-only. Connect to the primary, or unset default_transaction_read_only"
    : !found.mayCreate
      ? `the role may not create in schema ${found.schema}. Grant create on it`
      : found.notOwned.length > 0
        ? `another role owns ${found.notOwned.join(", ")}. Migrate as that role`
        : null;
  if (why === null) return;
  throw new QueueError("database_not_writable", `Database must be writable, but ${why}.`);
}

/** Version 5 gave migrations their lines; going back behind it would lose those of every line but main. */
async function refuseIrreversible(
  tx: Db,
  found: Survey,
  next: Migration,
  status: MigrationStatus,
): Promise<void> {
  if (next.version > 5) return;
  const lines = await otherLines(tx, found);
  if (lines.length === 0) return;
  throw new QueueError(
    "migration_irreversible",
    `river_migration in schema ${status.schema} must hold no line but main to migrate down from version ${next.version}, but holds ${lines.join(", ")}. Migrate those down first.`,
  );
}
