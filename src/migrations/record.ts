import type { Db } from "../db.ts";
import type { Survey } from "./survey.ts";

/** The version whose up makes `river_migration`, and whose down drops it, so that it records itself only on the way up. */
const TABLE_ADDED = 1;
/** The version that gives `river_migration` its column `line`; before it, every row is of the line `main`. */
const LINE_ADDED = 5;

const APPLIED = `
select version::text as version
from river_migration
where line = 'main'
order by river_migration.version`;

const APPLIED_BEFORE_LINES = `
select version::text as version
from river_migration
order by river_migration.version`;

/** The versions of the line `main` that are recorded, ascending; none if there is no record yet. */
export async function applied(db: Db, found: Survey): Promise<number[]> {
  if (!found.columns.has("river_migration.version")) return [];
  const statement = hasLines(found) ? APPLIED : APPLIED_BEFORE_LINES;
  const { rows } = await db.query<{ version: string }>(statement, []);
  return rows.map((row) => Number(row.version));
}

const OTHER_LINES = `
select distinct line
from river_migration
where line <> 'main'
order by line`;

/** The other lines that are recorded, by name: those of River Pro or of an extension. */
export async function otherLines(db: Db, found: Survey): Promise<string[]> {
  if (!hasLines(found)) return [];
  const { rows } = await db.query<{ line: string }>(OTHER_LINES, []);
  return rows.map((row) => row.line);
}

function hasLines(found: Survey): boolean {
  return found.columns.has("river_migration.line");
}

const RECORD = `
insert into river_migration (line, version)
values ('main', $1)`;

const RECORD_BEFORE_LINES = `
insert into river_migration (version)
values ($1)`;

/** Records a version just migrated up, as River's migrator does; `found` is from before it. created_at is the database's now. */
export async function recordUp(db: Db, found: Survey, version: number): Promise<void> {
  const lines = version === LINE_ADDED || hasLines(found);
  await db.query(lines ? RECORD : RECORD_BEFORE_LINES, [version]);
}

const ERASE = `
delete from river_migration
where line = 'main' and version = $1`;

const ERASE_BEFORE_LINES = `
delete from river_migration
where version = $1`;

/** Erases the record of a version just migrated down, as River's migrator does; `found` is from before it. */
export async function recordDown(db: Db, found: Survey, version: number): Promise<void> {
  if (version === TABLE_ADDED) return;
  const lines = version !== LINE_ADDED && hasLines(found);
  await db.query(lines ? ERASE : ERASE_BEFORE_LINES, [version]);
}
