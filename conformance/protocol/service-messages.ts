import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const now = { now: timestamp };
const queue = { queue: z.string() };
const client = { client: z.string() };
const lease = { lease_us: z.int() };
const none = z.strictObject({});

/** A row of `river_queue` as the implementation returned it. */
export const queueRow = z.strictObject({
  name: z.string(),
  created_at: timestamp,
  metadata: z.string(),
  paused_at: timestamp.nullable(),
  updated_at: timestamp,
});

/** The row of `river_leader` as the implementation returned it. */
export const leaderRow = z.strictObject({
  leader_id: z.string(),
  elected_at: timestamp,
  expires_at: timestamp,
});

const oneQueue = z.strictObject({ queue: queueRow });
const elected = z.strictObject({ elected: z.boolean(), leader: leaderRow.nullable() });

/** The methods on queues and on the leader; `leader` is null where nobody was elected, or the implementation returns no row. */
export const SERVICE_METHODS = {
  queue_touch: { params: z.strictObject({ ...now, ...queue }), result: oneQueue },
  queue_pause: { params: z.strictObject({ ...now, ...queue }), result: none },
  queue_resume: { params: z.strictObject({ ...now, ...queue }), result: none },
  queue_update: {
    params: z.strictObject({ ...now, ...queue, metadata: z.string().optional() }),
    result: oneQueue,
  },
  queue_get: { params: z.strictObject({ ...now, ...queue }), result: oneQueue },
  queue_list: {
    params: z.strictObject({ ...now, limit: z.int() }),
    result: z.strictObject({ queues: z.array(queueRow) }),
  },
  elect: { params: z.strictObject({ ...now, ...client, ...lease }), result: elected },
  reelect: {
    params: z.strictObject({ ...now, ...client, elected_at: timestamp, ...lease }),
    result: elected,
  },
  resign: {
    params: z.strictObject({ ...now, ...client, elected_at: timestamp }),
    result: z.strictObject({ resigned: z.boolean() }),
  },
  request_resign: { params: z.strictObject(now), result: none },
} as const;
