import { CompiledQuery } from "kysely";
import type { Db } from "../db.ts";

/** A Kysely or a transaction of one on Postgres or PGlite, whatever its tables are. */
export interface KyselyExecutor {
  withoutPlugins(): {
    executeQuery(query: CompiledQuery): Promise<{ readonly rows: unknown[] }>;
  };
}

/**
 * A Kysely or its transaction as the queue's database: what is done with it is committed and rolled back with that transaction. For dialects
 * whose driver is node-postgres or PGlite. Plugins, which might rename columns, do not see the queue's statements.
 */
export function kyselyDb(executor: KyselyExecutor): Db {
  const plain = executor.withoutPlugins();
  return {
    query: async <Row>(text: string, params: unknown[]) => {
      const { rows } = await plain.executeQuery(CompiledQuery.raw(text, params));
      return { rows: rows as Row[] };
    },
  };
}
