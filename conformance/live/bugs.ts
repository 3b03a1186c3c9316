import type { RuleId } from "../../spec/rules.generated.ts";
import type { Database, Db } from "../../src/db.ts";
import type { Edit, StatementLabel } from "../bugs/bug.ts";

/** The text of each statement of the reference. */
export type Statements = ReadonlyMap<StatementLabel, string>;

/** A bug that property `live` must find in the reference's live client: edits of its statements, or a wrapped database. */
export type LiveBug = Readonly<{
  name: string;
  /** Where it really happened; `invented` where a rule has no such story. */
  origin: string;
  what: string;
  /** The rules that a finding may name for the bug to count as found. */
  breaks: readonly RuleId[];
  edits: readonly Edit[];
  wrap?: (db: Database, statements: Statements) => Database;
}>;

type Send = Db["query"];

/** The rules of an outcome: which of them is owed depends on what was lost. */
const OUTCOMES: readonly RuleId[] = [
  "FIN-1",
  "FIN-2",
  "FIN-3",
  "FIN-4",
  "FIN-5",
  "FIN-6",
  "FIN-7",
  "FIN-8",
  "FIN-12",
];
const FINISH = "src/ops/finish.ts";
const COMPLETE = "src/ops/complete.ts";

/** A fetch has two texts, which differ in a line at their end; no other statement begins as they do. */
const isOf = (label: StatementLabel, sql: string, statements: Statements): boolean => {
  const beginning = statements.get(label)?.slice(0, 200);
  return beginning !== undefined && sql.startsWith(beginning);
};

/** The database of a client whose statements of one kind go another way. */
const sending =
  (label: StatementLabel, way: () => (send: Send, ...args: Parameters<Send>) => ReturnType<Send>) =>
  (db: Database, statements: Statements): Database => {
    const other = way();
    const send = (to: Db): Send => {
      const plain = to.query.bind(to) as Send;
      // Rows are what the caller says they are, here as there.
      return ((sql: string, params: unknown[]) =>
        isOf(label, sql, statements) ? other(plain, sql, params) : plain(sql, params)) as Send;
    };
    return { ...db, query: send(db) };
  };

/** A broken connection is taken for a statement that did all that it was asked to. */
const dropped = (label: StatementLabel) =>
  sending(label, () => async (send, sql, params) => {
    try {
      return await send(sql, params);
    } catch {
      const ids = String(params[1]).split(",");
      return { rows: label === COMPLETE ? [{ count: String(ids.length) } as never] : [] };
    }
  });

/** Every seeded bug of live clients. */
export const LIVE_BUGS: readonly LiveBug[] = [
  {
    name: "live-fetch-unlocked",
    origin: "invented",
    what: "Rows are chosen without a lock, so that two clients fetch the same job.",
    breaks: ["FET-1", "INV-5"],
    edits: [
      {
        statement: "src/ops/fetch.ts",
        find: "limit $3::int\n  for update\n  skip locked",
        replace: "limit $3::int",
      },
    ],
  },
  {
    name: "live-fetch-hands-out-twice",
    origin: "invented",
    what: "One job of each fetch is handed to two workers.",
    breaks: ["FET-5"],
    edits: [],
    wrap: sending("src/ops/fetch.ts", () => async (send, sql, params) => {
      const { rows } = await send(sql, params);
      return { rows: [...rows, ...rows.slice(0, 1)] };
    }),
  },
  {
    name: "live-finish-dropped",
    origin: "invented",
    what: "Every third batch of results is taken for written before it is sent.",
    breaks: OUTCOMES,
    edits: [],
    wrap: sending(FINISH, () => {
      let calls = 0;
      return async (send, sql, params) => {
        calls += 1;
        return calls % 3 === 0 ? { rows: [] } : send(sql, params);
      };
    }),
  },
  {
    name: "live-finish-lost-with-connection",
    origin: "invented",
    what: "A batch of results is dropped when its connection breaks.",
    breaks: OUTCOMES,
    edits: [],
    wrap: (db, statements) => dropped(FINISH)(dropped(COMPLETE)(db, statements), statements),
  },
  {
    name: "live-finish-unfenced",
    origin: "River to this day (0.51.1)",
    what: "The late result of an attempt that was rescued ends the next one.",
    breaks: ["FIN-16"],
    edits: [
      {
        statement: FINISH,
        find: "coalesce(job.attempt = of_attempt and job.attempted_at = of_attempted_at, false) as is_fetch",
        replace: "true as is_fetch",
      },
    ],
  },
  {
    name: "live-rescue-endless",
    origin: "invented",
    what: "What is stuck is rescued whatever attempts it has left.",
    breaks: ["RSC-8", "INV-5"],
    edits: [
      {
        statement: "src/ops/rescue.ts",
        find: "when attempt < max_attempts then 'retryable'",
        replace: "when attempt < 32767 then 'retryable'",
      },
    ],
  },
  {
    name: "live-transaction-apart",
    origin: "invented",
    what: "What a worker does in its transaction is committed at once, and apart from the completion.",
    breaks: ["FIN-1"],
    edits: [],
    wrap: (db) => ({ ...db, begin: (run) => run(db) }),
  },
  {
    name: "live-pause-unheard",
    origin: "invented",
    what: "Nobody listens to pauses.",
    breaks: ["PAU-10"],
    edits: [],
    wrap: (db) => ({
      ...db,
      listen: (topics, ear) => {
        const hear = (topic: string, payload: string) => {
          if (!payload.includes('"pause"')) ear.hear(topic, payload);
        };
        const heard = { hear, lost: (error: unknown) => ear.lost(error) };
        if (db.listen === undefined) throw new Error("A server must be listened to.");
        return db.listen(topics, heard);
      },
    }),
  },
];

/** The client's database with the bug between them. */
export function infected(db: Database, { edits, wrap }: LiveBug, statements: Statements): Database {
  const wrapped = wrap?.(db, statements) ?? db;
  const edited = (sql: string): string =>
    edits.reduce(
      (text, { statement, find, replace }) =>
        isOf(statement, sql, statements) ? text.replace(find, replace) : text,
      sql,
    );
  return { ...wrapped, query: (sql, params) => wrapped.query(edited(sql), params) };
}
