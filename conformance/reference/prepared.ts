import type { Db } from "../../src/db.ts";
import { type Call, literal, type SendScript } from "./script.ts";

/** Statements that a session has prepared, by their text. Never thrown away: a bug's edit is one text more. */
export class Prepared {
  readonly #names = new Map<string, Promise<string>>();
  readonly #send: SendScript;

  constructor(send: SendScript) {
    this.#send = send;
  }

  /** The statement as one that needs no planning any more, its parameters written in. Rejects with the database's error if it cannot be prepared. */
  async call(sql: string, params: readonly unknown[]): Promise<string> {
    let name = this.#names.get(sql);
    if (name === undefined) {
      name = this.#prepare(sql, `weir_${this.#names.size}`);
      this.#names.set(sql, name);
    }
    const values = params.length === 0 ? "" : `(${params.map(literal).join(", ")})`;
    return `execute ${await name}${values}`;
  }

  async #prepare(sql: string, name: string): Promise<string> {
    await this.#send(`prepare ${name} as ${sql}`);
    return name;
  }
}

/** A session whose statements are planned once each: in PGlite, planning and the extended protocol cost more than running. */
export function preparing(send: SendScript): Readonly<{ db: Db; send: SendScript; call: Call }> {
  const prepared = new Prepared(send);
  const call: Call = (sql, params) => prepared.call(sql, params);
  const query = async <Row>(sql: string, params: readonly unknown[]) => {
    const [result] = await send(await call(sql, params));
    return { rows: (result?.rows ?? []) as readonly Row[] };
  };
  return { db: { query }, send, call };
}
