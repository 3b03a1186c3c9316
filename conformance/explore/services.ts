import type { LeaderOp, Op, QueueOp, ReelectOp, ResignOp } from "../../spec/model/op.ts";
import type { State } from "../../spec/model/state.ts";
import type { Chapter, Places } from "./operations.ts";
import { TICK, type World } from "./world.ts";

type Of<All extends Op, Name extends All["op"]> = Extract<All, { op: Name }>;

/** An operation of the queues: on each, on all, and on one that is not there. */
const onEachQueue = <Name extends QueueOp["op"]>(
  ops: (queue: string) => readonly Of<QueueOp, Name>[],
): Chapter<Of<QueueOp, Name>> => ({
  list: (_, { queues }) => [...queues, "*", "missing"].flatMap(ops),
  place,
});

const place = <O extends Op>(op: O, { now }: Places): O => ({ ...op, now });

/** An operation of each client in its latest term, and in the one before it. */
const inEachTerm = <O extends ReelectOp | ResignOp>(
  ofClient: (client: string, term?: number) => O,
): Chapter<O> => ({
  list: ({ terms }: State, { clients }: World) =>
    clients.flatMap((client) => {
      const known = terms.get(client)?.length ?? 0;
      return known > 1 ? [ofClient(client), ofClient(client, 0)] : [ofClient(client)];
    }),
  place: (op, { now, forgottenTerms }) => ({
    ...op,
    now,
    ...(op.term === undefined ? {} : { term: op.term + forgottenTerms(op.client) }),
  }),
});

const inTerm = (term: number | undefined) => (term === undefined ? {} : { term });

/** The chapters of the operations on queues and on the leader. */
export const SERVICE_OPERATIONS = {
  queue_touch: onEachQueue<"queue_touch">((queue) =>
    queue === "*" || queue === "missing" ? [] : [{ op: "queue_touch", now: 0, queue }],
  ),
  queue_pause: onEachQueue<"queue_pause">((queue) => [{ op: "queue_pause", now: 0, queue }]),
  queue_resume: onEachQueue<"queue_resume">((queue) => [{ op: "queue_resume", now: 0, queue }]),
  queue_update: onEachQueue<"queue_update">((queue) => [
    { op: "queue_update", now: 0, queue },
    { op: "queue_update", now: 0, queue, metadata: '{"a": 1}' },
  ]),
  queue_get: onEachQueue<"queue_get">((queue) => [{ op: "queue_get", now: 0, queue }]),
  queue_list: {
    list: (_: State, { limits }: World) =>
      limits.map((limit) => ({ op: "queue_list", now: 0, limit }) as const),
    place: place<Of<QueueOp, "queue_list">>,
  },
  elect: {
    list: (_: State, { clients }: World) =>
      clients.map((client) => ({ op: "elect", now: 0, client, lease: TICK }) as const),
    place: place<Of<LeaderOp, "elect">>,
  },
  reelect: inEachTerm<ReelectOp>((client, term) => ({
    op: "reelect",
    now: 0,
    client,
    lease: 2 * TICK,
    ...inTerm(term),
  })),
  resign: inEachTerm<ResignOp>((client, term) => ({
    op: "resign",
    now: 0,
    client,
    ...inTerm(term),
  })),
  request_resign: {
    list: () => [{ op: "request_resign", now: 0 }] as const,
    place: place<Of<LeaderOp, "request_resign">>,
  },
};
