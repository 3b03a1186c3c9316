import type { Migration } from "./migration.ts";

/** River's version 1: the record of migrations itself, which then had no lines. */
export const migration1: Migration = {
  version: 1,
  up: [
    `
    create table river_migration (
      id bigserial primary key,
      created_at timestamptz not null default now(),
      version bigint not null,
      constraint version check (version >= 1)
    )`,
    `
    create unique index river_migration_version_idx on river_migration (version)`,
  ],
  down: [
    `
    drop table river_migration`,
  ],
};
