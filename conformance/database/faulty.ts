import type { Database } from "../../src/db.ts";

/** Statements of the queue, told apart by a word that only they have. */
const MARKS = {
  fetch: "fetched as (",
  finish: "finished as (",
  insert: "insert into river_job",
  list: ") as listed",
  elect: "insert into river_leader",
  reelect: "update river_leader",
  resign: "delete from river_leader",
  touch: "insert into river_queue",
} as const;

/** A statement whose weather a test can make. */
export type Statement = keyof typeof MARKS;

type Fault = () => Promise<void> | void;

/** A database with faults. What a fault throws is what the caller gets; one that never resolves holds the statement up. */
export interface Faulty {
  readonly db: Database;
  /** Before the statement is sent, until told otherwise. */
  before(statement: Statement, fault: Fault | null): void;
  /** After it was done: its answer is lost if this throws. */
  after(statement: Statement, fault: Fault | null): void;
}

/** The same database through a wire that can be made to fail. */
export function faulty(db: Database): Faulty {
  const before = new Map<string, Fault>();
  const after = new Map<string, Fault>();
  const set = (faults: Map<string, Fault>) => (statement: Statement, fault: Fault | null) => {
    if (fault === null) faults.delete(MARKS[statement]);
    else faults.set(MARKS[statement], fault);
  };
  const suffer = async (faults: Map<string, Fault>, sql: string) => {
    for (const [mark, fault] of faults) if (sql.includes(mark)) await fault();
  };
  const query: Database["query"] = async (sql, params) => {
    await suffer(before, sql);
    const answer = await db.query<never>(sql, params);
    await suffer(after, sql);
    return answer;
  };
  return { db: { ...db, query }, before: set(before), after: set(after) };
}

/** As a connection that broke is told by node-postgres. */
export const brokenConnection = (): Error => new Error("Connection terminated unexpectedly");
