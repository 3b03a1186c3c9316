import type { Migration } from "./migration.ts";

/** River's version 5: migrations have lines, jobs a unique key, and clients tables that no release ever used (until version 7). */
export const migration5: Migration = {
  version: 5,
  up: [
    // Made anew, not altered, so that the columns stand in River's order; the constraints' names are what that gives.
    `
    alter table river_migration rename to river_migration_old`,
    `
    create table river_migration (
      line text not null,
      version bigint not null,
      created_at timestamptz not null default now(),
      constraint line_length check (char_length(line) > 0 and char_length(line) < 128),
      constraint version_gte_1 check (version >= 1),
      primary key (line, version)
    )`,
    `
    insert into river_migration (line, version, created_at)
    select 'main', version, created_at from river_migration_old`,
    `
    drop table river_migration_old`,
    // "if not exists" here and in version 6: River tells owners of large tables to build these ahead, concurrently.
    `
    alter table river_job add column if not exists unique_key bytea`,
    `
    create unique index if not exists river_job_kind_unique_key_idx
      on river_job (kind, unique_key) where unique_key is not null`,
    `
    create unlogged table river_client (
      id text primary key,
      created_at timestamptz not null default now(),
      metadata jsonb not null default '{}',
      paused_at timestamptz,
      updated_at timestamptz not null,
      constraint name_length check (char_length(id) > 0 and char_length(id) < 128)
    )`,
    `
    create unlogged table river_client_queue (
      river_client_id text not null references river_client on delete cascade,
      name text not null,
      created_at timestamptz not null default now(),
      max_workers bigint not null default 0,
      metadata jsonb not null default '{}',
      num_jobs_completed bigint not null default 0,
      num_jobs_running bigint not null default 0,
      updated_at timestamptz not null,
      constraint name_length check (char_length(name) > 0 and char_length(name) < 128),
      constraint num_jobs_completed_zero_or_positive check (num_jobs_completed >= 0),
      constraint num_jobs_running_zero_or_positive check (num_jobs_running >= 0),
      primary key (river_client_id, name)
    )`,
  ],
  down: [
    `
    drop table river_client_queue`,
    `
    drop table river_client`,
    `
    alter table river_job drop column unique_key`,
    `
    alter table river_migration rename to river_migration_old`,
    `
    create table river_migration (
      id bigserial primary key,
      created_at timestamptz not null default now(),
      version bigint not null,
      constraint version check (version >= 1)
    )`,
    `
    create unique index on river_migration (version)`,
    `
    insert into river_migration (created_at, version)
    select created_at, version from river_migration_old order by version`,
    `
    drop table river_migration_old`,
  ],
};
