import type { Migration } from "./migration.ts";

/** River's version 4: queues, the state `pending`, finalized_at set exactly in the final states, and no more trigger. */
export const migration4: Migration = {
  version: 4,
  up: [
    `
    update river_job
    set args = coalesce(args, '{}'), metadata = coalesce(metadata, '{}')
    where args is null or metadata is null`,
    `
    alter table river_job
      alter column args set not null,
      alter column metadata set default '{}',
      alter column metadata set not null`,
    `
    alter type river_job_state add value if not exists 'pending' after 'discarded'`,
    `
    alter table river_job
      drop constraint finalized_or_finalized_at_null,
      add constraint finalized_or_finalized_at_null check (
        (finalized_at is null and state not in ('cancelled', 'completed', 'discarded'))
        or (finalized_at is not null and state in ('cancelled', 'completed', 'discarded'))
      )`,
    `
    drop trigger river_notify on river_job`,
    `
    drop function river_job_notify()`,
    `
    create table river_queue (
      name text primary key,
      created_at timestamptz not null default now(),
      metadata jsonb not null default '{}',
      paused_at timestamptz,
      updated_at timestamptz not null
    )`,
    `
    alter table river_leader
      alter column name set default 'default',
      drop constraint name_length,
      add constraint name_length check (name = 'default')`,
  ],
  // The enum keeps 'pending': Postgres cannot take a value away.
  down: [
    `
    alter table river_leader
      alter column name drop default,
      drop constraint name_length,
      add constraint name_length check (char_length(name) > 0 and char_length(name) < 128)`,
    `
    drop table river_queue`,
    `
    alter table river_job
      alter column args drop not null,
      alter column metadata drop default,
      alter column metadata drop not null,
      drop constraint finalized_or_finalized_at_null,
      add constraint finalized_or_finalized_at_null check (
        (state in ('cancelled', 'completed', 'discarded') and finalized_at is not null)
        or finalized_at is null
      )`,
    `
    create function river_job_notify() returns trigger language plpgsql as $notify$
    begin
      if new.state = 'available' then
        perform pg_notify('river_insert', json_build_object('queue', new.queue)::text);
      end if;
      return null;
    end
    $notify$`,
    `
    create trigger river_notify after insert on river_job
      for each row execute function river_job_notify()`,
  ],
};
