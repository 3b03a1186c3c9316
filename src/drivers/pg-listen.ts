import type { Db, Ear } from "../db.ts";
import { quoteIdentifier } from "./identifier.ts";
import { loadPackage } from "./load.ts";

/**
 * Listens on a connection of its own, not one of the pool's, whose size is what the work needs. Rejects where the server cannot be reached or
 * does not let it listen, and nothing is left behind then.
 */
export async function listen(
  config: object,
  topics: readonly string[],
  ear: Ear,
): Promise<() => Promise<void>> {
  const { default: pg } = await loadPackage("pg", () => import("pg"));
  const client = new pg.Client({ ...config, keepAlive: true });
  let isOver = false;
  const lose = (error: unknown) => {
    if (isOver) return;
    isOver = true;
    ear.lost(error);
  };
  const end = async () => {
    isOver = true;
    await client.end().catch(() => {});
  };
  // Heard until the end: an error that nobody hears would end the process.
  client.on("error", lose);
  client.on("end", () => lose(new Error("The connection that listens must stay, but was closed.")));
  try {
    await client.connect();
    const schema = await schemaOf(client);
    client.on("notification", ({ channel, payload }) => {
      const topic = topics.find((each) => channel === `${schema}.${each}`);
      if (topic !== undefined && !isOver) ear.hear(topic, payload ?? "");
    });
    for (const topic of topics)
      await client.query(`listen ${quoteIdentifier(`${schema}.${topic}`)}`);
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}

async function schemaOf(client: Db): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(
    "select current_schema()::text as schema",
    [],
  );
  return rows[0]?.schema ?? "";
}
