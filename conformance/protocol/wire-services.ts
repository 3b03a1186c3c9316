import { jsonb } from "../../spec/model/jsonb.ts";
import type { LeaderOp, QueueOp } from "../../spec/model/op.ts";
import type { Leader, Queue } from "../../spec/model/state.ts";
import type { Names, Reply } from "../adapter.ts";
import { excerpt } from "./failure.ts";
import type { Params, Result } from "./messages.ts";
import { instantOf, timestampOf } from "./time.ts";
import type { Blame } from "./wire.ts";

/** The methods on queues and on the leader; each is called like its operation. */
export type ServiceMethod = (QueueOp | LeaderOp)["op"];

/** What to ask an adapter for an operation on queues or on the leader. */
export type ServiceRequest = {
  [M in ServiceMethod]: Readonly<{ method: M; params: Params<M> }>;
}[ServiceMethod];

/** 2000-01-01: the term of a client that was told of none. */
const NO_TERM = -946_771_200_000_000;

/** An operation on queues or on the leader in the protocol's words. */
export function serviceRequest(op: QueueOp | LeaderOp, names: Names): ServiceRequest {
  const now = timestampOf(op.now);
  switch (op.op) {
    case "queue_touch":
    case "queue_pause":
    case "queue_resume":
    case "queue_get":
      return { method: op.op, params: { now, queue: op.queue } };
    case "queue_update": {
      const metadata = op.metadata === undefined ? {} : { metadata: op.metadata };
      return { method: op.op, params: { now, queue: op.queue, ...metadata } };
    }
    case "queue_list":
      return { method: op.op, params: { now, limit: op.limit } };
    case "elect":
      return { method: op.op, params: { now, client: op.client, lease_us: op.lease } };
    case "reelect":
      return { method: op.op, params: { now, ...termOf(op, names), lease_us: op.lease } };
    case "resign":
      return { method: op.op, params: { now, ...termOf(op, names) } };
    case "request_resign":
      return { method: op.op, params: { now } };
  }
}

const termOf = (
  { client, term }: Readonly<{ client: string; term?: number }>,
  names: Names,
): Readonly<{ client: string; elected_at: string }> => ({
  client,
  elected_at: timestampOf(names.termOf(client, term) ?? NO_TERM),
});

/** An answer in the model's words. Throws what `blame` makes for text that is not the JSON or the instant it must be. */
export function serviceReply<M extends ServiceMethod>(
  method: M,
  result: Result<M>,
  blame: Blame,
): Reply {
  if ("queue" in result) {
    return { op: method as "queue_get", queue: queueOf(result.queue, blame) };
  }
  if ("queues" in result) {
    return { op: "queue_list", queues: result.queues.map((row) => queueOf(row, blame)) };
  }
  if ("elected" in result) {
    const { elected, leader } = result;
    return {
      op: method as "elect",
      elected,
      leader: leader === null ? null : leaderOf(leader, blame),
    };
  }
  if ("resigned" in result) return { op: "resign", resigned: result.resigned };
  return { op: method as "queue_pause" };
}

function queueOf(row: Result<"queue_get">["queue"], blame: Blame): Queue {
  const metadata = jsonb(row.metadata);
  if (metadata === null) {
    const what = `returned metadata of queue ${row.name} that are not JSON: ${excerpt(row.metadata)}`;
    throw blame("invalid_message", what);
  }
  return {
    name: row.name,
    createdAt: instantIn(row.created_at, blame),
    metadata,
    pausedAt: row.paused_at === null ? null : instantIn(row.paused_at, blame),
    updatedAt: instantIn(row.updated_at, blame),
  };
}

const leaderOf = (row: NonNullable<Result<"elect">["leader"]>, blame: Blame): Leader => ({
  leaderId: row.leader_id,
  electedAt: instantIn(row.elected_at, blame),
  expiresAt: instantIn(row.expires_at, blame),
});

/** The instant that an adapter wrote. */
export function instantIn(text: string, blame: Blame): number {
  const micros = instantOf(text);
  if (micros === null) throw blame("invalid_message", `must write instants, but wrote ${text}`);
  return micros;
}
