import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Job, State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { type Names, ORIGIN } from "../adapter.ts";
import { compare } from "../compare/compare.ts";
import { observe } from "../database/observe.ts";
import { lawOf } from "../law.ts";
import type { Ground } from "./adapter.ts";
import { pgliteGround, postgresGround } from "./ground.ts";
import { oddDeleteMany, oddList } from "./odd-lists.ts";
import { oddClean, oddCleanQueues, oddRescue } from "./odd-maintenance.ts";
import {
  oddControl,
  oddDelete,
  oddFetch,
  oddFinish,
  oddGet,
  oddSchedule,
  oddState,
  oddUpdate,
} from "./odd-rows.ts";
import { oddLeaderOp, oddQueueOp, oddServices } from "./odd-services.ts";
import { runReference } from "./operations.ts";

const PUT = `
insert into river_job (id, state, attempt, max_attempts, attempted_at, created_at, finalized_at, scheduled_at, priority, args,
  attempted_by, errors, kind, metadata, queue, tags, unique_key, unique_states)
values ($1::text::bigint, $2::text::river_job_state, $3::text::smallint, $4::text::smallint, $5::text::timestamptz,
  $6::text::timestamptz, $7::text::timestamptz, $8::text::timestamptz, $9::text::smallint, $10::text::jsonb, $11::text[],
  $12::text[]::jsonb[], $13::text, $14::text::jsonb, $15::text, $16::text[], decode($17::text, 'hex'), $18::text::bit(8))`;

const timestamp = (at: number | null): string | null =>
  at === null ? null : new Date((at + ORIGIN) / 1000).toISOString().replace("Z", micros(at));
// A Date keeps milliseconds only.
const micros = (at: number): string => `${String((at + ORIGIN) % 1000).padStart(3, "0")}Z`;

const paramsOf = (job: Job): unknown[] => [
  String(job.id),
  job.state,
  String(job.attempt),
  String(job.maxAttempts),
  timestamp(job.attemptedAt),
  timestamp(job.createdAt),
  timestamp(job.finalizedAt),
  timestamp(job.scheduledAt),
  String(job.priority),
  job.args,
  job.attemptedBy,
  job.errors.map(() => "null"),
  job.kind,
  job.metadata,
  job.queue,
  job.tags,
  job.uniqueKey,
  job.uniqueStates === null ? null : job.uniqueStates.toString(2).padStart(8, "0"),
];

const PUT_QUEUE = `
insert into river_queue (name, created_at, metadata, paused_at, updated_at)
values ($1::text, $2::text::timestamptz, $3::text::jsonb, $4::text::timestamptz, $5::text::timestamptz)`;

const PUT_LEADER = `
insert into river_leader (leader_id, elected_at, expires_at)
values ($1::text, $2::text::timestamptz, $3::text::timestamptz)`;

const namesIn = ({ fetches, terms }: State): Names => ({
  idOf: (label) => label,
  heldBy: (label, fetch) => {
    const held = fetches.get(label) ?? [];
    return (fetch === undefined ? held.at(-1) : held[fetch]) ?? null;
  },
  termOf: (client, term) => {
    const told = terms.get(client) ?? [];
    return (term === undefined ? told.at(-1) : told[term]) ?? null;
  },
});

describe.each([
  ["PGlite", () => pgliteGround()],
  ["Postgres", () => postgresGround(inject("postgresUrl"))],
] as const)("on %s", (_, open) => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await open();
  });
  afterAll(() => ground.close());

  /** Where model and reference part in one operation on these rows. */
  async function differences(before: State, op: Op): Promise<readonly unknown[]> {
    await put(before);
    const reply = await runReference(ground.db, op, namesIn(before));
    const seen = await observe(ground.db);
    const jobs = new Map(seen.jobs.map((job) => [job.id, job]));
    const queues = new Map(seen.queues.map((queue) => [queue.name, queue]));
    const labels = new Map([...jobs.keys(), ...before.jobs.keys()].map((id) => [id, id]));
    const observed = { jobs, labels, queues, leader: seen.leader, notifications: null, reply };
    return compare(before, step(before, op, lawOf(NEWEST)), observed);
  }

  async function put({ jobs, queues, leader }: State): Promise<void> {
    await ground.send("truncate river_job, river_queue, river_leader");
    for (const job of jobs.values()) await ground.db.query(PUT, paramsOf(job));
    for (const { name, createdAt, metadata, pausedAt, updatedAt } of queues.values()) {
      const times = [createdAt, pausedAt, updatedAt].map(timestamp);
      await ground.db.query(PUT_QUEUE, [name, times[0], metadata, times[1], times[2]]);
    }
    if (leader !== null) {
      const times = [leader.electedAt, leader.expiresAt].map(timestamp);
      await ground.db.query(PUT_LEADER, [leader.leaderId, ...times]);
    }
    const seen = await observe(ground.db);
    const sorted = [...queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(seen).toEqual({ jobs: [...jobs.values()], queues: sorted, leader });
  }

  test.each([
    ["fetch", oddState, oddFetch],
    ["finish", oddState, oddFinish],
    ["schedule", oddState, oddSchedule],
    ["cancel and retry", oddState, oddControl],
    ["get", oddState, oddGet],
    ["delete", oddState, oddDelete],
    ["update", oddState, oddUpdate],
    ["delete_many", oddState, oddDeleteMany],
    ["list", oddState, oddList],
    ["rescue", oddState, oddRescue],
    ["clean", oddState, oddClean],
    ["clean_queues", oddServices, oddCleanQueues],
    ["queue", oddServices, oddQueueOp],
    ["leader", oddServices, oddLeaderOp],
  ] as const)(
    "%s: model and reference agree on whatever rows the tables permit",
    async (_, state, op) => {
      await fc.assert(
        fc.asyncProperty<[State, Op]>(state, op, async (before, each) => {
          expect(await differences(before, each)).toEqual([]);
        }),
        { numRuns: 150 },
      );
    },
  );
});
