import type { Migration } from "./migration.ts";

/** River's version 6: a job holds its unique key only in the states of its own mask. */
export const migration6: Migration = {
  version: 6,
  up: [
    // As River's: false for a null state, whatever the mask; else null for a null mask.
    `
    create function river_job_state_in_bitmask(bitmask bit(8), state river_job_state)
      returns boolean language sql immutable as $mask$
      select state is not null and get_bit(bitmask, case state
        when 'scheduled' then 0
        when 'running' then 1
        when 'retryable' then 2
        when 'pending' then 3
        when 'discarded' then 4
        when 'completed' then 5
        when 'cancelled' then 6
        when 'available' then 7
      end) = 1
    $mask$`,
    `
    alter table river_job add column if not exists unique_states bit(8)`,
    `
    create unique index if not exists river_job_unique_idx on river_job (unique_key)
      where unique_key is not null
        and unique_states is not null
        and river_job_state_in_bitmask(unique_states, state)`,
    `
    drop index river_job_kind_unique_key_idx`,
  ],
  down: [
    `
    create unique index if not exists river_job_kind_unique_key_idx
      on river_job (kind, unique_key) where unique_key is not null`,
    `
    drop index river_job_unique_idx`,
    `
    alter table river_job drop column unique_states`,
    `
    drop function river_job_state_in_bitmask(bit, river_job_state)`,
  ],
};
