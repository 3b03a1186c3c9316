import pg from "pg";
import type { Notification } from "../../spec/model/state.ts";
import { Ear, markStep } from "./ear.ts";

/** A session of Weir's own that does nothing but listen to what others send. */
export class Listener {
  readonly #client: pg.Client;
  readonly #ear: Ear;
  #looks = 0;

  private constructor(client: pg.Client, ear: Ear) {
    this.#client = client;
    this.#ear = ear;
  }

  /** Listens on River's channels in the schema that the URL leads to. */
  static async open(url: string): Promise<Listener> {
    const client = new pg.Client({ connectionString: url });
    // A connection that breaks also rejects the next look.
    client.on("error", () => {});
    await client.connect();
    const ear = await Ear.open(async (sql) => {
      const results: unknown = await client.query(sql);
      return (Array.isArray(results) ? results : [results]) as never;
    });
    client.on("notification", ({ channel, payload }) => ear.hear(channel, payload ?? ""));
    return new Listener(client, ear);
  }

  /** All that was committed since the last look, in order: Postgres delivers our own message after all before it. */
  async take(): Promise<readonly Notification[]> {
    this.#looks += 1;
    await this.#client.query(markStep(this.#looks));
    return this.#ear.take();
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}
