import type { Migration } from "./migration.ts";

/** River's version 8: a repair of SQLite's; on Postgres nothing but the record that it was done. */
export const migration8: Migration = { version: 8, up: [], down: [] };
