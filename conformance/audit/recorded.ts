import type { Database, Db } from "../../src/db.ts";

/** The database with every statement that is sent to it written down; for tests. */
export function recorded(db: Database, statements: string[]): Database {
  const note = (tx: Db): Db => ({
    query: (sql, params) => {
      statements.push(sql);
      return tx.query(sql, params);
    },
  });
  return { ...db, ...note(db), begin: (run) => db.begin((tx) => run(note(tx))) };
}
