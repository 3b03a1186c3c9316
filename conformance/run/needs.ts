import type { InsertJob, ListOp, Op } from "../../spec/model/op.ts";

const SERVICES: Readonly<Partial<Record<Op["op"], string>>> = {
  queue_touch: "queue",
  queue_pause: "queue",
  queue_resume: "queue",
  queue_update: "queue.update",
  queue_get: "queue",
  queue_list: "queue",
  elect: "leader",
  reelect: "leader",
  resign: "leader",
  request_resign: "leader.request_resign",
};

/** The capabilities without which an implementation cannot be asked to do this. */
export function needsOf(op: Op): readonly string[] {
  const own = SERVICES[op.op] ?? op.op;
  return [own, ...partsOf(op)];
}

function partsOf(op: Op): readonly string[] {
  switch (op.op) {
    case "insert":
      return [...(op.jobs.length > 1 ? ["insert.batch"] : []), ...op.jobs.flatMap(needsOfJob)];
    case "finish":
      return [
        `finish.${op.outcome.kind}`,
        ...(op.outcome.metadata === undefined ? [] : ["finish.metadata"]),
        ...(op.fetch === undefined ? [] : ["finish.late"]),
      ];
    case "schedule":
      return op.horizon === op.now ? [] : ["schedule.horizon"];
    case "list":
      return needsOfList(op);
    case "clean":
      return [op.cancelled, op.completed, op.discarded].includes(-1) ? ["clean.keep"] : [];
    case "enqueue_periodic":
      return op.jobs.flatMap(({ job }) => (job === null ? [] : needsOfJob({ id: 0, ...job })));
    default:
      return [];
  }
}

const needsOfJob = ({ pending, tags, metadata, unique }: InsertJob): readonly string[] => [
  ...(pending === undefined ? [] : ["insert.pending"]),
  ...(tags === undefined ? [] : ["insert.tags"]),
  ...(metadata === undefined ? [] : ["insert.metadata"]),
  ...(unique?.excludeKind === undefined ? [] : ["insert.exclude_kind"]),
];

const needsOfList = ({ ids, priorities, tagsAll, tagsAny, after }: ListOp): readonly string[] => [
  ...(ids === undefined ? [] : ["list.ids"]),
  ...(priorities === undefined ? [] : ["list.priorities"]),
  ...(tagsAll === undefined && tagsAny === undefined ? [] : ["list.tags"]),
  ...(after === undefined ? [] : ["list.cursor"]),
];
