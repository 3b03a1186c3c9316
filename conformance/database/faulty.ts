import type { Database, Db } from "../../src/db.ts";
import { complete } from "../../src/ops/complete.ts";
import { elect } from "../../src/ops/elect.ts";
import { fetch } from "../../src/ops/fetch.ts";
import { finish } from "../../src/ops/finish.ts";
import { insert } from "../../src/ops/insert.ts";
import { list } from "../../src/ops/list.ts";
import { queueTouch } from "../../src/ops/queue-touch.ts";
import { reelect } from "../../src/ops/reelect.ts";
import { resign } from "../../src/ops/resign.ts";

/** The text that an operation sends, which is all that it does before it is answered. */
function textOf(run: (db: Db) => Promise<unknown>): string {
  let text = "";
  const query: Db["query"] = (sql) => {
    text = sql;
    return new Promise<never>(() => {});
  };
  void run({ query });
  return text;
}

const JOB = { kind: "k" } as const;
const UNIQUE = { kind: "k", unique: { byQueue: true } } as const;
const FETCH = { queue: "q", limit: 1, client: "c" } as const;
const TERM = { leaderId: "a", electedAt: 0n };
const RESULT = { id: 1n, attempt: 1, attemptedAt: 0n, outcome: { kind: "complete" } } as const;

/** Statements of the queue by name. */
const TEXTS = {
  fetch: textOf((db) => fetch(db, null, FETCH)),
  finish: textOf((db) => finish(db, null, [RESULT])),
  insert: textOf((db) => insert(db, null, [JOB])),
  list: textOf((db) => list(db)),
  elect: textOf((db) => elect(db, null, "a", 1n)),
  reelect: textOf((db) => reelect(db, null, TERM, 1n)),
  resign: textOf((db) => resign(db, TERM)),
  touch: textOf((db) => queueTouch(db, null, "q")),
} as const;

/** A statement whose weather a test can make. */
export type Statement = keyof typeof TEXTS;

/** Statements of their own, which share the weather of the others: for what is completed with nothing to record, to fetch few, and to insert many and unique jobs. */
const COMPLETE = textOf((db) => complete(db, null, [RESULT]));
const FETCH_FEW = textOf((db) => fetch(db, null, { ...FETCH, expectsFew: true }));
const INSERTS = [[JOB, JOB], [UNIQUE]].map((jobs) => textOf((db) => insert(db, null, jobs)));
const nameOf = new Map<string, Statement>([
  ...Object.entries(TEXTS).map(([name, text]) => [text, name as Statement] as const),
  [COMPLETE, "finish"],
  [FETCH_FEW, "fetch"],
  ...INSERTS.map((text) => [text, "insert"] as const),
]);

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
  const before = new Map<Statement | undefined, Fault>();
  const after = new Map<Statement | undefined, Fault>();
  const set = (faults: typeof before) => (statement: Statement, fault: Fault | null) => {
    if (fault === null) faults.delete(statement);
    else faults.set(statement, fault);
  };
  const query: Database["query"] = async (sql, params) => {
    const statement = nameOf.get(sql);
    await before.get(statement)?.();
    const answer = await db.query<never>(sql, params);
    await after.get(statement)?.();
    return answer;
  };
  return { db: { ...db, query }, before: set(before), after: set(after) };
}

/** As a connection that broke is told by node-postgres. */
export const brokenConnection = (): Error => new Error("Connection terminated unexpectedly");
