import type { LeaderOp, QueueOp } from "../../spec/model/op.ts";
import type { Leader, Queue } from "../../spec/model/state.ts";
import type { Db } from "../../src/db.ts";
import type { Leader as QueueLeader } from "../../src/leader.ts";
import { elect } from "../../src/ops/elect.ts";
import { queueGet } from "../../src/ops/queue-get.ts";
import { queueList } from "../../src/ops/queue-list.ts";
import { queuePause } from "../../src/ops/queue-pause.ts";
import { queueResume } from "../../src/ops/queue-resume.ts";
import { queueTouch } from "../../src/ops/queue-touch.ts";
import { queueUpdate } from "../../src/ops/queue-update.ts";
import { reelect, type Term } from "../../src/ops/reelect.ts";
import { requestResign } from "../../src/ops/request-resign.ts";
import { resign } from "../../src/ops/resign.ts";
import type { Queue as QueueOfWeir } from "../../src/queue.ts";
import { type Names, ORIGIN, type Reply } from "../adapter.ts";

const micros = (at: number): bigint => BigInt(at) + BigInt(ORIGIN);
const sinceOrigin = (at: bigint): number => Number(at - BigInt(ORIGIN));

/** Runs an operation on the rows of queues. */
export async function runQueueOp(db: Db, op: QueueOp): Promise<Reply> {
  const now = micros(op.now);
  switch (op.op) {
    case "queue_touch":
      return { op: op.op, queue: queueOf(await queueTouch(db, now, op.queue)) };
    case "queue_pause":
      await queuePause(db, now, op.queue);
      return { op: op.op };
    case "queue_resume":
      await queueResume(db, now, op.queue);
      return { op: op.op };
    case "queue_update": {
      const params = op.metadata === undefined ? {} : { metadata: op.metadata };
      return { op: op.op, queue: queueOf(await queueUpdate(db, now, op.queue, params)) };
    }
    case "queue_get":
      return { op: op.op, queue: queueOf(await queueGet(db, op.queue)) };
    case "queue_list":
      return { op: op.op, queues: (await queueList(db, op.limit)).map(queueOf) };
  }
}

/** Runs an operation on the leader. */
export async function runLeaderOp(db: Db, op: LeaderOp, names: Names): Promise<Reply> {
  const now = micros(op.now);
  switch (op.op) {
    case "elect":
      return elected(op.op, await elect(db, now, op.client, BigInt(op.lease)));
    case "reelect":
      return elected(op.op, await reelect(db, now, termOf(op, names), BigInt(op.lease)));
    case "resign":
      return { op: op.op, resigned: await resign(db, termOf(op, names)) };
    case "request_resign":
      await requestResign(db);
      return { op: op.op };
  }
}

/** Where a client was told of no term: an instant at which nobody was elected, 2000-01-01. */
export const NO_TERM = -946_771_200_000_000;

const termOf = (
  { client, term }: Readonly<{ client: string; term?: number }>,
  names: Names,
): Term => ({ leaderId: client, electedAt: micros(names.termOf(client, term) ?? NO_TERM) });

const elected = (op: "elect" | "reelect", leader: QueueLeader | null): Reply => ({
  op,
  elected: leader !== null,
  leader: leader === null ? null : leaderOf(leader),
});

const leaderOf = ({ leaderId, electedAt, expiresAt }: QueueLeader): Leader => ({
  leaderId,
  electedAt: sinceOrigin(electedAt),
  expiresAt: sinceOrigin(expiresAt),
});

const queueOf = ({ name, createdAt, metadataText, pausedAt, updatedAt }: QueueOfWeir): Queue => ({
  name,
  createdAt: sinceOrigin(createdAt),
  metadata: metadataText,
  pausedAt: pausedAt === null ? null : sinceOrigin(pausedAt),
  updatedAt: sinceOrigin(updatedAt),
});
