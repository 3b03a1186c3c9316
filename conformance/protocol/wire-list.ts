import type { DeleteManyOp, JobFilter, ListOp } from "../../spec/model/op.ts";
import type { Params } from "./messages.ts";
import { timestampOf } from "./time.ts";

type IdOf = (label: number) => number;

function filterOf({ ids, kinds, priorities, queues, states }: JobFilter, idOf: IdOf) {
  return {
    ...(ids !== undefined && { ids: ids.map(idOf) }),
    ...(kinds !== undefined && { kinds: [...kinds] }),
    ...(priorities !== undefined && { priorities: [...priorities] }),
    ...(queues !== undefined && { queues: [...queues] }),
    ...(states !== undefined && { states: [...states] }),
  };
}

/** What to ask an adapter for a delete of many. */
export const deleteManyParams = (op: DeleteManyOp, idOf: IdOf): Params<"delete_many"> => ({
  now: timestampOf(op.now),
  ...filterOf(op, idOf),
  ...(op.all !== undefined && { all: op.all }),
  ...(op.limit !== undefined && { limit: op.limit }),
});

/** What to ask an adapter for the page at a cursor; null is the first page, which may begin after a job. */
export function listParams(op: ListOp, cursor: string | null, idOf: IdOf): Params<"list"> {
  const { tagsAll, tagsAny, metadata, orderBy, descending, limit, after } = op;
  const isAfterJob = cursor === null && after !== undefined && "job" in after;
  return {
    now: timestampOf(op.now),
    ...filterOf(op, idOf),
    ...(tagsAll !== undefined && { tags_all: [...tagsAll] }),
    ...(tagsAny !== undefined && { tags_any: [...tagsAny] }),
    ...(metadata !== undefined && { metadata }),
    ...(orderBy !== undefined && { order_by: orderBy }),
    ...(descending !== undefined && { descending }),
    ...(limit !== undefined && { limit }),
    ...(cursor !== null && { after: cursor }),
    ...(isAfterJob && { after_job: idOf(after.job) }),
  };
}
