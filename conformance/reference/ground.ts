import type { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { postgres } from "../../src/drivers/pg.ts";
import { migrate } from "../../src/migrate.ts";
import { Ear } from "../database/ear.ts";
import { openPgliteInstance } from "../database/pglite.ts";
import { createScratch } from "../database/scratch.ts";
import type { Ground } from "./adapter.ts";
import { preparing } from "./prepared.ts";
import type { SendScript } from "./script.ts";

/** A PGlite in this process, thrown away on close; `own` is one with River's tables that the caller asks other things beside. */
export async function pgliteGround(own?: PGlite): Promise<Ground> {
  const instance = own ?? (await openPgliteInstance());
  await instance.exec("set plan_cache_mode = force_generic_plan");
  const { rows } = await instance.query<{ version: string }>("show server_version");
  const ear = await Ear.open((sql) => instance.exec(sql));
  instance.onNotification((channel, payload) => ear.hear(channel, payload));
  return {
    ...preparing((sql) => instance.exec(sql)),
    ear,
    name: `PGlite ${rows[0]?.version ?? ""} (in this process)`.replace("  ", " "),
    close: () => instance.close(),
  };
}

/** A database (or schema) of the suite's own on a real server, dropped on close. */
export async function postgresGround(serverUrl: string): Promise<Ground> {
  const scratch = await createScratch(serverUrl);
  const client = new pg.Client({ connectionString: scratch.url });
  const send: SendScript = async (sql) => {
    const results: unknown = await client.query(sql);
    return (Array.isArray(results) ? results : [results]) as never;
  };
  let ear: Ear;
  try {
    const db = postgres(scratch.url);
    await migrate(db).finally(() => db.close());
    await client.connect();
    // Nobody needs what is in here after a crash.
    await client.query("set synchronous_commit to off");
    ear = await Ear.open(send);
  } catch (error) {
    await client.end().catch(() => undefined);
    await scratch.drop();
    throw error;
  }
  client.on("notification", ({ channel, payload }) => ear.hear(channel, payload ?? ""));
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  return {
    ...preparing(send),
    ear,
    name: `Postgres ${rows[0]?.server_version.split(" ")[0] ?? ""}`,
    close: async () => {
      await client.end();
      await scratch.drop();
    },
  };
}
