import type { Database } from "../../src/db.ts";
import { migrate } from "../../src/migrate.ts";
import { cancel } from "../../src/ops/cancel.ts";
import { clean } from "../../src/ops/clean.ts";
import { cleanQueues } from "../../src/ops/clean-queues.ts";
import { deleteJob } from "../../src/ops/delete.ts";
import { deleteMany } from "../../src/ops/delete-many.ts";
import { elect } from "../../src/ops/elect.ts";
import { fetch } from "../../src/ops/fetch.ts";
import { finish } from "../../src/ops/finish.ts";
import { get } from "../../src/ops/get.ts";
import { insert } from "../../src/ops/insert.ts";
import { cursorAfter, list } from "../../src/ops/list.ts";
import { enqueuePeriodic } from "../../src/ops/periodic.ts";
import { queueGet } from "../../src/ops/queue-get.ts";
import { queueList } from "../../src/ops/queue-list.ts";
import { queuePause } from "../../src/ops/queue-pause.ts";
import { queueResume } from "../../src/ops/queue-resume.ts";
import { queueTouch } from "../../src/ops/queue-touch.ts";
import { queueUpdate } from "../../src/ops/queue-update.ts";
import { reelect } from "../../src/ops/reelect.ts";
import { requestResign } from "../../src/ops/request-resign.ts";
import { rescue } from "../../src/ops/rescue.ts";
import { resign } from "../../src/ops/resign.ts";
import { retry } from "../../src/ops/retry.ts";
import { schedule } from "../../src/ops/schedule.ts";
import { update } from "../../src/ops/update.ts";
import type { LiveClient } from "../live/reference-client.ts";
import type { MethodName, Params, Result } from "../protocol/messages.ts";
import {
  micros,
  Refusal,
  toElected,
  toEntry,
  toInsert,
  toOutcome,
  toWire,
  toWireQueue,
} from "./reference-wire.ts";

/** The workers that every adapter has, as far as they have a timeout of their own. */
const TIMEOUTS = { weir_1h: 3_600_000_000n, weir_never: -1n };

let migrated: Promise<unknown> | undefined;

/** What a call works on. */
export type Post = Readonly<{
  /** For single operations. */
  db: Database;
  live: LiveClient;
}>;

/** Each method of the protocol as the reference carries it out. */
export const REFERENCE_METHODS: {
  readonly [M in MethodName]: (params: Params<M>, post: Post) => Promise<Result<M>>;
} = {
  handshake: async ({ nonce }) => ({
    protocol: 1,
    nonce,
    adapter: "reference-process",
    implementation: "weir",
    version: "0.1.0",
    language: "typescript",
    clock: "injected",
    capabilities: {
      insert: "supported",
      operations: "supported",
      control: "supported",
      queue: "supported",
      leader: "supported",
      live: "supported",
    },
  }),
  async reset(_, { db }) {
    migrated ??= migrate(db);
    await migrated;
    for (const table of ["river_job", "river_queue", "river_leader"]) {
      await db.query(`delete from ${table}`, []);
    }
    return {};
  },
  async insert({ now, job }, { db }) {
    const [only] = await insert(db, micros(now), [toInsert(job)]);
    if (only === undefined) throw new Refusal("internal", "one job must be returned, but none was");
    return { job: toWire(only.job), duplicate: only.duplicate };
  },
  async insert_many({ now, jobs }, { db }) {
    const inserted = await insert(db, micros(now), jobs.map(toInsert));
    return { jobs: inserted.map(({ job, duplicate }) => ({ job: toWire(job), duplicate })) };
  },
  async fetch({ now, queue, limit, client }, { db }) {
    const jobs = await fetch(db, micros(now), { queue, limit, client });
    return { jobs: jobs.map(toWire) };
  },
  async finish({ now, id, attempt, attempted_at, outcome }, { db }) {
    const result = {
      id: BigInt(id),
      attempt,
      attemptedAt: micros(attempted_at),
      outcome: toOutcome(outcome),
    };
    const [job] = await finish(db, micros(now), [result]);
    if (job === undefined) throw new Refusal("not_found", `no job has id ${id}`);
    return { job: toWire(job) };
  },
  async schedule({ now, horizon, limit }, { db }) {
    const jobs = await schedule(db, micros(now), { horizon: micros(horizon), limit });
    return { jobs: jobs.map(toWire) };
  },
  async cancel({ now, id }, { db }) {
    return { job: toWire(await cancel(db, micros(now), BigInt(id))) };
  },
  async retry({ now, id }, { db }) {
    return { job: toWire(await retry(db, micros(now), BigInt(id))) };
  },
  queue_touch: async ({ now, queue }, { db }) => ({
    queue: toWireQueue(await queueTouch(db, micros(now), queue)),
  }),
  async queue_pause({ now, queue }, { db }) {
    await queuePause(db, micros(now), queue);
    return {};
  },
  async queue_resume({ now, queue }, { db }) {
    await queueResume(db, micros(now), queue);
    return {};
  },
  queue_update: async ({ now, queue, metadata }, { db }) => {
    const params = metadata === undefined ? {} : { metadata };
    return { queue: toWireQueue(await queueUpdate(db, micros(now), queue, params)) };
  },
  queue_get: async ({ queue }, { db }) => ({ queue: toWireQueue(await queueGet(db, queue)) }),
  queue_list: async ({ limit }, { db }) => ({
    queues: (await queueList(db, limit)).map(toWireQueue),
  }),
  elect: async ({ now, client, lease_us }, { db }) =>
    toElected(await elect(db, micros(now), client, BigInt(lease_us))),
  reelect: async ({ now, client, elected_at, lease_us }, { db }) => {
    const term = { leaderId: client, electedAt: micros(elected_at) };
    return toElected(await reelect(db, micros(now), term, BigInt(lease_us)));
  },
  resign: async ({ client, elected_at }, { db }) => ({
    resigned: await resign(db, { leaderId: client, electedAt: micros(elected_at) }),
  }),
  async request_resign(_, { db }) {
    await requestResign(db);
    return {};
  },
  get: async ({ id }, { db }) => ({ job: toWire(await get(db, BigInt(id))) }),
  delete: async ({ id }, { db }) => ({ job: toWire(await deleteJob(db, BigInt(id))) }),
  async update({ id, output }, { db }) {
    return { job: toWire(await update(db, BigInt(id), { outputText: output })) };
  },
  async delete_many({ now: _, ids, ...params }, { db }) {
    const jobs = await deleteMany(db, { ...params, ...(ids && { ids: ids.map(BigInt) }) });
    return { jobs: jobs.map(toWire) };
  },
  async list({ now: _, ids, tags_all, tags_any, order_by, after, after_job, ...params }, { db }) {
    const asked = {
      ...params,
      ...(ids && { ids: ids.map(BigInt) }),
      ...(tags_all && { tagsAll: tags_all }),
      ...(tags_any && { tagsAny: tags_any }),
      ...(order_by && { orderBy: order_by }),
    };
    const job = after_job === undefined ? null : await get(db, BigInt(after_job));
    const start = after ?? (job === null ? null : cursorAfter(job, asked));
    const { jobs, cursor } = await list(db, { ...asked, after: start });
    return { jobs: jobs.map(toWire), cursor };
  },
  async rescue({ now, after_us, timeout_us, limit }, { db }) {
    const stuck = {
      after: BigInt(after_us),
      timeout: BigInt(timeout_us),
      timeouts: TIMEOUTS,
      limit,
    };
    let count = 0;
    for (let batch = limit; batch >= limit; count += batch)
      batch = await rescue(db, micros(now), stuck);
    return { count };
  },
  clean_queues: async ({ now, after_us, limit }, { db }) => ({
    count: await cleanQueues(db, micros(now), { after: BigInt(after_us), limit }),
  }),
  async clean({ now, cancelled_us, completed_us, discarded_us, limit }, { db }) {
    const kept = {
      cancelled: BigInt(cancelled_us),
      completed: BigInt(completed_us),
      discarded: BigInt(discarded_us),
    };
    return { count: await clean(db, micros(now), { ...kept, limit }) };
  },
  async enqueue_periodic({ now, since, jobs }, { db }) {
    await enqueuePeriodic(
      db,
      micros(now),
      since === undefined ? null : micros(since),
      jobs.map(toEntry),
    );
    return {};
  },
  async start(params, { live }) {
    await live.start(params);
    return {};
  },
  async stop({ hard }, { live }) {
    await live.stop(hard);
    return {};
  },
};
