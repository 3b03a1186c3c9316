import type { Migration } from "./migration.ts";

/** River's version 7: an outbox for notifications, two defaults, and no more tables of clients. */
export const migration7: Migration = {
  version: 7,
  up: [
    `
    create table river_notification (
      id bigserial primary key,
      created_at timestamptz not null default now(),
      payload text not null,
      topic text not null,
      constraint topic_length check (length(topic) > 0 and length(topic) < 128)
    )`,
    `
    create index river_notification_created_at_idx on river_notification (created_at)`,
    `
    create index river_notification_topic_id_idx on river_notification (topic, id)`,
    `
    drop table river_client_queue`,
    `
    drop table river_client`,
    `
    alter table river_job alter column max_attempts set default 25`,
    `
    alter table river_queue alter column updated_at set default current_timestamp`,
  ],
  down: [
    `
    alter table river_queue alter column updated_at drop default`,
    `
    alter table river_job alter column max_attempts drop default`,
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
    `
    drop table river_notification`,
  ],
};
