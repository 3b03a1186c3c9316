import type { Db } from "../db.ts";
import { QueueError } from "../errors.ts";
import { differences } from "./differences.ts";
import { migrations } from "./main.ts";
import { applied } from "./record.ts";
import { type Survey, survey } from "./survey.ts";

/** Where a schema stands on River's line `main`. */
export interface MigrationStatus {
  readonly schema: string;
  /** Recorded versions, ascending, those that this release does not know included. */
  readonly applied: readonly number[];
  /** Versions that `migrate` up would apply, ascending. */
  readonly pending: readonly number[];
  /** Recorded versions that are newer than this release. */
  readonly unknown: readonly number[];
  /** In what the schema is not what its recorded versions make, a sentence each; `migrate` refuses if there are any. */
  readonly differences: readonly string[];
  /** Of every unknown version, that it is one. */
  readonly warnings: readonly string[];
}

/** The latest version of the line `main` that this release knows. */
export const latestVersion = migrations.length;

// Without a schema the path stays as it is: to set it to null would reset it, and so migrate where nobody asked to.
const ENTER = `
select set_config(
  'search_path',
  coalesce(quote_ident(coalesce($1, current_schema())), current_setting('search_path')),
  true
) as searched`;

const HERE = `
select current_schema()::text as schema`;

/** Until the transaction ends, nothing but `schema` is seen; null keeps the first of the search_path. Throws if there is no such schema. */
export async function enterSchema(tx: Db, schema: string | null): Promise<void> {
  const entered = await tx.query<{ searched: string }>(ENTER, [schema]);
  const here = await tx.query<{ schema: string | null }>(HERE, []);
  if ((here.rows[0]?.schema ?? null) !== null) return;
  const name = entered.rows[0]?.searched;
  throw new QueueError(
    "schema_missing",
    schema === null
      ? "search_path must hold a schema that exists, but does not. Name one in the option schema."
      : `schema must exist, but there is none named ${name}. Create it: create schema ${name}.`,
  );
}

/** Reads what the entered schema holds, and compares it with what its record says. */
export async function look(tx: Db): Promise<{ found: Survey; status: MigrationStatus }> {
  const found = await survey(tx);
  const recorded = await applied(tx, found);
  const unknown = recorded.filter((version) => version > latestVersion);
  const known = recorded.filter((version) => version <= latestVersion);
  const status = {
    schema: found.schema,
    applied: recorded,
    pending: migrations.map(({ version }) => version).filter((version) => !known.includes(version)),
    unknown,
    differences: differences(found, Math.max(0, ...known), unknown.length > 0),
    warnings: unknown.map(
      (version) =>
        `river_migration must not be past version ${latestVersion}, but has version ${version}. All that the queue needs is still there; update Weir all the same.`,
    ),
  };
  return { found, status };
}
