import fc from "fast-check";
import type { DeleteManyOp, ListOp } from "../../spec/model/op.ts";
import { JOB_STATES } from "../../spec/model/state.ts";
import { oddNow } from "./odd-rows.ts";

const some = <T>(...items: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...items), { maxLength: 3 });
const filter = {
  ids: some(1, 2, 3, 8),
  kinds: some("weir", "other", "none"),
  priorities: some(1, 2, 3, 4),
  queues: some("default", "other"),
  states: some(...JOB_STATES),
};
const order = fc.constantFrom("id", "scheduled_at", "finalized_at", "time", "time");

/** A delete of many, of any filters; seldom one that is refused. */
export const oddDeleteMany: fc.Arbitrary<DeleteManyOp> = fc.record(
  {
    op: fc.constant("delete_many" as const),
    now: oddNow,
    ...filter,
    all: fc.boolean(),
    limit: fc.constantFrom(1, 2, 100, 0),
  },
  { requiredKeys: ["op", "now"] },
);

/** A list of any filters and order, in small pages, from anywhere. */
export const oddList: fc.Arbitrary<ListOp> = fc.record(
  {
    op: fc.constant("list" as const),
    now: oddNow,
    ...filter,
    tagsAll: some("", "a b", "a"),
    tagsAny: some("", "a b", "a"),
    metadata: fc.constantFrom("{}", "[]", '"x"', "null", '{"snoozes": [1]}', "{", "[1]"),
    orderBy: order,
    descending: fc.boolean(),
    limit: fc.constantFrom(1, 1, 2, 3, 0),
    after: fc.oneof(
      fc.record({ job: fc.constantFrom(1, 2, 3, 8) }),
      fc.record({ cursorOf: order }),
    ),
  },
  { requiredKeys: ["op", "now"] },
);
