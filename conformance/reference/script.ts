import type { Db } from "../../src/db.ts";

/** Sends several statements in one round trip; the rows of each, in order. */
export type SendScript = (
  sql: string,
) => Promise<readonly Readonly<{ rows: readonly unknown[] }>[]>;

/** The text that runs a statement with its parameters. */
export type Call = (sql: string, params: readonly unknown[]) => Promise<string>;

type Waiting = Readonly<{
  sql: string;
  /** Null: a command, which takes none and is not prepared. */
  params: readonly unknown[] | null;
  resolve: (result: { rows: readonly never[] }) => void;
  reject: (reason: unknown) => void;
}>;

/** A `Db` that keeps statements, with their parameters written in, until `flush` sends them all at once. */
export class Script implements Db {
  readonly #waiting: Waiting[] = [];

  query<Row>(sql: string, params: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }> {
    return this.#keep(sql, params);
  }

  /** Keeps a command, such as `begin`. */
  command(sql: string): void {
    void this.#keep(sql, null);
  }

  #keep<Row>(
    sql: string,
    params: readonly unknown[] | null,
  ): Promise<{ readonly rows: readonly Row[] }> {
    const answer = new Promise<{ readonly rows: readonly Row[] }>((resolve, reject) => {
      this.#waiting.push({ sql, params, resolve, reject });
    });
    // When the script fails, whoever waits for the first statement hears of it; the others need not.
    answer.catch(() => undefined);
    return answer;
  }

  /** Runs what was kept, in order. One failing statement fails them all; what was committed before it stays. */
  async flush(send: SendScript, call: Call): Promise<void> {
    const waiting = this.#waiting.splice(0);
    try {
      const calls: string[] = [];
      for (const { sql, params } of waiting) {
        calls.push(params === null ? sql : await call(sql, params));
      }
      const results = await send(calls.join(";\n"));
      for (const [i, each] of waiting.entries()) {
        each.resolve({ rows: (results[i]?.rows ?? []) as readonly never[] });
      }
    } catch (error) {
      for (const each of waiting) each.reject(error);
    }
  }
}

/** A parameter as a literal of unknown type, which each statement casts itself. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return quoteText(`{${value.map(arrayItem).join(",")}}`);
  return quoteText(String(value));
}

const arrayItem = (item: unknown): string =>
  item === null ? "null" : `"${String(item).replace(/["\\]/g, "\\$&")}"`;

const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
