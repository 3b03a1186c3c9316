import type { Migration } from "./migration.ts";

/** River's version 3: a job without tags has an empty list of them, not null. */
export const migration3: Migration = {
  version: 3,
  up: [
    `
    update river_job set tags = '{}' where tags is null`,
    `
    alter table river_job
      alter column tags set default '{}',
      alter column tags set not null`,
  ],
  down: [
    `
    alter table river_job
      alter column tags drop default,
      alter column tags drop not null`,
  ],
};
