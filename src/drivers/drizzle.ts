import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../db.ts";

/** A database or a transaction of drizzle's on node-postgres or PGlite. */
export interface DrizzleExecutor {
  execute(query: SQL): PromiseLike<{ readonly rows: unknown[] }>;
}

/**
 * A drizzle database or transaction as the queue's: what is done with it is committed and rolled back with that transaction. For drizzle on
 * node-postgres and on PGlite. Errors are the database's own, not drizzle's about them.
 */
export function drizzleDb(executor: DrizzleExecutor): Db {
  return {
    query: async <Row>(text: string, params: unknown[]) => {
      try {
        const { rows } = await executor.execute(numbered(text, params));
        return { rows: rows as Row[] };
      } catch (error) {
        throw unwrapped(error);
      }
    },
  };
}

/** The error under the one in which drizzle wraps it, which not every version exports. */
function unwrapped(error: unknown): unknown {
  const { cause, query } = (error ?? {}) as { cause?: unknown; query?: unknown };
  return typeof query === "string" && cause instanceof Error ? cause : error;
}

/**
 * Drizzle numbers parameters anew where they stand in its text. A statement that names $1 twice would have two then, of which Postgres may not
 * know the type of one; so the text stays as it is, and drizzle finds the parameters in a comment at the end, once each and in order.
 */
function numbered(text: string, params: readonly unknown[]): SQL {
  if (params.length === 0) return sql.raw(text);
  const inOrder = sql.join(params.map((param) => sql.param(param)));
  return sql`${sql.raw(text)}\n/* ${inOrder} */`;
}
