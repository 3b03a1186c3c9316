import type { Db } from "../../src/db.ts";
import { CHECK_NAMES, CHECKS, type CheckName } from "./check.ts";
import { CLOCK, CONDITIONS, hasMasks, type Limits } from "./counts.ts";
import { GRADED } from "./grade.ts";
import type { Place } from "./snapshot.ts";

/** A row of a list: texts by column; instants are Postgres' texts in UTC. */
export type ListedRow = Readonly<Record<string, string | null>>;

type List = Readonly<{ columns: readonly string[]; sql: string; needsMasks?: true }>;

const GRADED_COLUMNS = ["id", "kind", "queue", "due", "discarded_at", "attempts", "key", "grade"];

// $1: whether the unique index is sound.
const gradedList = (grade: string): List => ({
  columns: GRADED_COLUMNS,
  needsMasks: true,
  sql: `${GRADED}
select id::text as id, kind, queue, scheduled_at::text as due, finalized_at::text as discarded_at,
       attempt::text as attempts, encode(unique_key, 'hex') as key, grade
from graded
where grade = '${grade}'
order by finalized_at, graded.id`,
});

const JOB_COLUMNS = [
  "id",
  "kind",
  "queue",
  "state",
  "due",
  "attempted_at",
  "finalized_at",
  "attempts",
  "max_attempts",
];

const SELECT_JOBS = `
select id::text as id, kind, queue, state::text as state, scheduled_at::text as due,
       attempted_at::text as attempted_at, finalized_at::text as finalized_at,
       attempt::text as attempts, max_attempts::text as max_attempts`;

// $1 now, $2 stuck, $3 late.
const jobList = (condition: string): List => ({
  columns: JOB_COLUMNS,
  sql: `${SELECT_JOBS}
from river_job
${CLOCK}
where ${condition}
order by river_job.id`,
});

const DOUBLES: List = {
  columns: [...JOB_COLUMNS, "key"],
  needsMasks: true,
  sql: `${SELECT_JOBS}, encode(unique_key, 'hex') as key
from (
  select id, kind, queue, state, scheduled_at, attempted_at, finalized_at, attempt, max_attempts, unique_key,
         count(*) over (partition by unique_key) as holders
  from river_job
  where unique_key is not null
    and unique_states is not null
    and river_job_state_in_bitmask(unique_states, state)
) as holding
where holders > 1
order by holding.unique_key, holding.id`,
};

const LISTS = {
  discarded: gradedList("proved"),
  doubles: DOUBLES,
  undated: jobList(CONDITIONS.undated),
  future: jobList(CONDITIONS.future),
  attempts: jobList(CONDITIONS.attempts),
  rivals: gradedList("perhaps"),
  unclear: gradedList("unclear"),
  stuck: jobList(CONDITIONS.stuck),
  late: jobList(CONDITIONS.late),
  legacy: { ...jobList(CONDITIONS.legacy), needsMasks: true },
  metadata: jobList(CONDITIONS.metadata),
} as const satisfies Readonly<Partial<Record<CheckName, List>>>;

/** A check whose jobs can be listed. */
export type ListName = keyof typeof LISTS;

/** The checks whose jobs can be listed. */
export const LIST_NAMES = CHECK_NAMES.filter((name): name is ListName => name in LISTS);

/** The check that is meant by its name, or by its rule where only one has that; null if there is none. */
export function listNamed(text: string): ListName | null {
  const byRule = LIST_NAMES.filter((name) => CHECKS[name].rule === text);
  return (
    LIST_NAMES.find((name) => name === text) ?? (byRule.length === 1 ? byRule[0] : null) ?? null
  );
}

/** The columns of a list, in order. */
export const columnsOf = (name: ListName): readonly string[] => LISTS[name].columns;

const FETCH = `
fetch 1000 from weir_list`;
const CLOSE = `
close weir_list`;

/** Gives the rows of a list in batches, so that only one is in memory. None where the schema has no masks and the list needs them. */
export async function* listJobs(
  tx: Db,
  place: Place,
  name: ListName,
  { now, limits }: Readonly<{ now: string | null; limits: Limits }>,
): AsyncGenerator<readonly ListedRow[], void> {
  const list: List = LISTS[name];
  if (list.needsMasks && !hasMasks(place)) return;
  const isGraded = list.columns === GRADED_COLUMNS;
  const params = isGraded
    ? [place.index === "sound"]
    : name === "doubles"
      ? []
      : [now, limits.stuck, limits.late];
  await tx.query(`declare weir_list no scroll cursor for ${list.sql}`, params);
  for (;;) {
    const { rows } = await tx.query<ListedRow>(FETCH, []);
    if (rows.length === 0) break;
    yield rows;
  }
  await tx.query(CLOSE, []);
}
