import type pg from "pg";
import type { Db, Ear } from "../db.ts";
import { quoteIdentifier } from "./identifier.ts";
import { loadPackage } from "./load.ts";

/** How to see that a connection is dead though nobody said so. */
export interface Pulse {
  /** So often the server is asked. */
  readonly everyMs: number;
  /** So long it may take to answer. */
  readonly withinMs: number;
}

const PULSE: Pulse = { everyMs: 30_000, withinMs: 10_000 };
/** So long the server may take to close a connection that is ended. */
const GOODBYE_MS = 1_000;

/**
 * Listens on a connection of its own, not one of the pool's, whose size is what the work needs. Rejects where the server cannot be reached or
 * does not let it listen, and nothing is left behind then.
 */
export async function listen(
  config: Readonly<{ password?: unknown }>,
  topics: readonly string[],
  ear: Ear,
  pulse: Pulse = PULSE,
): Promise<() => Promise<void>> {
  const client = await newClient(config as pg.ClientConfig);
  let isListening = false;
  let timer: NodeJS.Timeout | undefined;
  const end = async () => {
    isListening = false;
    clearTimeout(timer);
    await close(client);
  };
  // What breaks while it begins, rejects; an error that nobody hears would end the process.
  const lose = (error: unknown) => {
    if (!isListening) return;
    void end();
    ear.lost(error);
  };
  client.on("error", lose);
  client.on("end", () => lose(new Error("The connection that listens must stay, but was closed.")));
  const beat = () => {
    timer = setTimeout(async () => {
      await answers(client, pulse.withinMs).catch(lose);
      if (isListening) beat();
    }, pulse.everyMs);
  };
  try {
    await client.connect();
    const schema = await schemaOf(client);
    client.on("notification", ({ channel, payload }) => {
      const topic = topics.find((each) => channel === `${schema}.${each}`);
      if (topic !== undefined && isListening) ear.hear(topic, payload ?? "");
    });
    const channels = topics.map((topic) => quoteIdentifier(`${schema}.${topic}`));
    await client.query(channels.map((channel) => `listen ${channel}`).join(";"));
  } catch (error) {
    await end();
    throw error;
  }
  isListening = true;
  beat();
  return end;
}

async function newClient(config: pg.ClientConfig): Promise<pg.Client> {
  const { default: pg } = await loadPackage("pg", () => import("pg"));
  // A pool hides its password from whoever copies its options.
  const { password } = config;
  return new pg.Client({ ...config, ...(password !== undefined && { password }), keepAlive: true });
}

async function schemaOf(client: Db): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(
    "select current_schema()::text as schema",
    [],
  );
  return rows[0]?.schema ?? "";
}

/** Rejects where the server does not answer in time. */
async function answers(client: pg.Client, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`The connection that listens must answer within ${withinMs} ms.`);
    timer = setTimeout(() => reject(error), withinMs);
  });
  try {
    await Promise.race([client.query("select"), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends it politely, or, where the server does not hear that, by force. Never rejects. */
async function close(client: pg.Client): Promise<void> {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  const timer = setTimeout(() => connection.stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => {});
  clearTimeout(timer);
}
