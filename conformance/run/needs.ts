import type { Law, Step } from "../../spec/model/effect.ts";
import type { InsertJob, ListOp, Op } from "../../spec/model/op.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { About } from "../adapter.ts";

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

/** The rules of a result that comes when its attempt has ended. */
const LATE: readonly RuleId[] = ["FIN-15", "FIN-16", "FIN-18", "DEL-9"];

/** Whether a step would tell of an attempt that has ended, as far as an implementation went, to one that cannot be told so. A walk is drawn before it is run: where the implementation chose a later retry, the attempt that was to be ended never began. */
export const isBeyond = ({ capabilities }: About, op: Op, expected: Step): boolean =>
  isLate(op, expected) && isUnsupported(capabilities["finish.late"]);

const isLate = (op: Op, { effects }: Step): boolean =>
  op.op === "finish" && effects.some(({ rule }) => LATE.includes(rule));

const isUnsupported = (support: About["capabilities"][string] | undefined): boolean =>
  typeof support === "object" && "unsupported" in support;

/** The capabilities that steps need, done one after the other on an empty queue. */
export function needsOfAll(ops: readonly Op[], law: Law): ReadonlySet<string> {
  const needs = new Set<string>();
  let state = EMPTY;
  for (const op of ops) {
    const done = step(state, op, law);
    for (const need of needsOf(op)) needs.add(need);
    if (isLate(op, done)) needs.add("finish.late");
    state = done.state;
  }
  return needs;
}

function needsOf(op: Op): readonly string[] {
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
