import fc from "fast-check";
import type { LeaderOp, QueueOp } from "../../spec/model/op.ts";
import { EMPTY, type Leader, type Queue, type State } from "../../spec/model/state.ts";
import { oddInstant, oddMetadata, oddNow } from "./odd-rows.ts";

const name = fc.constantFrom("default", "other", "", "No-name", "*", "ä");
const client = fc.constantFrom("c1", "c1", "c2", "ä".repeat(127));

const queue: fc.Arbitrary<Queue> = fc.record({
  name,
  createdAt: oddInstant,
  metadata: oddMetadata,
  pausedAt: fc.option(oddInstant),
  updatedAt: oddInstant,
});
const leader: fc.Arbitrary<Leader> = fc.record({
  leaderId: client,
  electedAt: oddInstant,
  expiresAt: oddInstant,
});

/** Queues and a leader that the tables permit: any name, any metadata, a lease that ended before it began, clients told of any terms. */
export const oddServices: fc.Arbitrary<State> = fc
  .tuple(
    fc.array(queue, { maxLength: 4 }),
    fc.option(leader, { freq: 5 }),
    fc.array(fc.tuple(client, fc.array(oddInstant, { maxLength: 2 })), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([queues, leads, told, isTold]) => {
    const terms = new Map(told);
    if (isTold && leads !== null) {
      terms.set(leads.leaderId, [...(terms.get(leads.leaderId) ?? []), leads.electedAt]);
    }
    return {
      ...EMPTY,
      queues: new Map(queues.map((each) => [each.name, each])),
      leader: leads,
      terms,
    };
  });

const ofQueue = fc.record({
  op: fc.constantFrom("queue_touch", "queue_pause", "queue_resume", "queue_get"),
  now: oddNow,
  queue: name,
});
const update = fc.record(
  {
    op: fc.constant("queue_update"),
    now: oddNow,
    queue: name,
    metadata: fc.oneof(oddMetadata, fc.constantFrom("{", '{"a":"\\u0000"}')),
  },
  { requiredKeys: ["op", "now", "queue"] },
);
const list = fc.record({ op: fc.constant("queue_list"), now: oddNow, limit: fc.nat(5) });

/** Any operation on queues. */
export const oddQueueOp = fc.oneof(ofQueue, update, list) as fc.Arbitrary<QueueOp>;

const lease = fc.constantFrom(15_000_000, 1, 0, -1);
const anyClient = fc.oneof(client, fc.constantFrom("", "c".repeat(128)));
const term = { term: fc.nat(2) };

/** Any operation on the leader, in any term. */
export const oddLeaderOp = fc.oneof(
  fc.record({ op: fc.constant("elect"), now: oddNow, client: anyClient, lease }),
  fc.record(
    { op: fc.constant("reelect"), now: oddNow, client: anyClient, lease, ...term },
    { requiredKeys: ["op", "now", "client", "lease"] },
  ),
  fc.record(
    { op: fc.constant("resign"), now: oddNow, client, ...term },
    { requiredKeys: ["op", "now", "client"] },
  ),
  fc.record({ op: fc.constant("request_resign"), now: oddNow }),
) as fc.Arbitrary<LeaderOp>;
