import type { DeleteManyOp, JobFilter, ListOp, ListOrder, Op } from "../../spec/model/op.ts";
import { JOB_STATES, type JobState, type State } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";
import type { Dice } from "./dice.ts";
import type { Place } from "./insert.ts";

const WITHIN: readonly string[] = [
  '{"a":{"x":1}}',
  '{"a":{}}',
  '{"b":2}',
  "{}",
  '{"snoozes":2.0}',
  "[]",
];
const LIMITS: readonly number[] = [1, 1, 2, 3];
const BAD_LIMITS: readonly number[] = [0, -1, 10_001];
const TAGS: readonly (readonly string[])[] = [["two"], ["two", "tag_1"], ["tag_1", "Two"]];

/** Beyond this a list has too many pages to be worth following. */
const MOST_JOBS = 14;

/** States, mostly some in which there are jobs, each once. */
function drawStates(dice: Dice, { jobs }: State, from: readonly JobState[]): readonly JobState[] {
  const present = [...jobs.values()].map((job) => job.state).filter((each) => from.includes(each));
  const pick = () => (present.length > 0 && !dice.oneIn(4) ? dice.pick(present) : dice.pick(from));
  return [...new Set(Array.from({ length: dice.int(1, 3) }, pick))];
}

/** Mostly begun with a state whose time the other states lack: there the order is hardest. */
function drawTimedStates(dice: Dice, state: State): readonly JobState[] {
  const states = drawStates(dice, state, JOB_STATES);
  if (dice.oneIn(3)) return states;
  const first = dice.pick<JobState>(["running", "running", "completed", "cancelled"]);
  return [...new Set([first, ...states])];
}

function drawFilter(dice: Dice, { jobs }: State, { nextLabel, swarm }: Place): JobFilter {
  const ids = [...jobs.keys()];
  return {
    ...(dice.oneIn(5) && ids.length > 0 ? { ids: [dice.pick(ids), dice.int(1, nextLabel)] } : {}),
    ...(dice.oneIn(8) ? { kinds: [dice.pick(["weir", "other"])] } : {}),
    ...(dice.oneIn(6) ? { priorities: dice.pick([[1], [2, 4], [1, 4]]) } : {}),
    ...(dice.oneIn(6) ? { queues: [dice.pick(swarm.queues)] } : {}),
  };
}

function drawDeleteMany(dice: Dice, state: State, place: Place): DeleteManyOp {
  const { swarm, now } = place;
  const op = { op: "delete_many", now } as const;
  if (swarm.refused && dice.oneIn(3)) {
    return dice.pick<DeleteManyOp>([
      op,
      { ...op, all: true, limit: dice.pick(BAD_LIMITS) },
      { ...op, all: true, kinds: ["weir"] },
    ]);
  }
  const limit = dice.oneIn(2) ? { limit: dice.pick(LIMITS) } : {};
  const states = dice.oneIn(4) ? { states: drawStates(dice, state, JOB_STATES) } : {};
  const some = { ...drawFilter(dice, state, place), ...states };
  return { ...op, ...(Object.keys(some).length > 0 ? some : { all: true }), ...limit };
}

function drawList(dice: Dice, state: State, place: Place): ListOp {
  const { swarm, scope, now } = place;
  if (swarm.refused && dice.oneIn(4)) return drawRefused(dice, state, place);
  const orderBy = dice.pick<ListOrder>(["id", "scheduled_at", "finalized_at", "time", "time"]);
  const from = orderBy === "finalized_at" ? JOB_STATES.filter(isFinal) : JOB_STATES;
  const { ids, priorities, ...filter } = dice.oneIn(3) ? drawFilter(dice, state, place) : {};
  const isTagged = () => dice.oneIn(6) && scope.can("list.tags");
  const states = () =>
    orderBy === "time" ? drawTimedStates(dice, state) : drawStates(dice, state, from);
  const isStated = orderBy === "time" ? !dice.oneIn(5) : dice.oneIn(4);
  const op: ListOp = {
    op: "list",
    now,
    ...filter,
    ...(ids !== undefined && scope.can("list.ids") ? { ids } : {}),
    ...(priorities !== undefined && scope.can("list.priorities") ? { priorities } : {}),
    ...(isStated ? { states: states() } : {}),
    ...(isTagged() ? { tagsAll: dice.pick(TAGS) } : {}),
    ...(isTagged() ? { tagsAny: dice.pick(TAGS) } : {}),
    ...(dice.oneIn(6) ? { metadata: dice.pick(WITHIN) } : {}),
    ...(orderBy === "id" ? {} : { orderBy }),
    ...(dice.oneIn(2) ? { descending: true } : {}),
    ...(dice.oneIn(3) || state.jobs.size > MOST_JOBS ? {} : { limit: dice.pick(LIMITS) }),
  };
  return dice.oneIn(6) ? startedLate(dice, state, op) : op;
}

/** A list that must be refused: its limit, states, metadata or cursor. */
function drawRefused(dice: Dice, { jobs }: State, { now, nextLabel, scope }: Place): ListOp {
  const op = { op: "list", now } as const;
  const foreign: readonly ListOp[] = [
    { ...op, orderBy: "scheduled_at", after: { cursorOf: "id" } },
    { ...op, after: { cursorOf: "time" } },
    { ...op, orderBy: "time", states: ["running"], after: { cursorOf: "time" } },
  ];
  return dice.pick<ListOp>([
    { ...op, limit: dice.pick(BAD_LIMITS) },
    {
      ...op,
      orderBy: "finalized_at",
      states: dice.pick([["running"], ["completed", "available"]]),
    },
    { ...op, metadata: dice.pick(["{", '{"a":"\\u0000"}', "x"]) },
    { ...op, after: { job: nextLabel } },
    ...(scope.can("list.cursor") && jobs.size > 0 ? foreign : []),
  ]);
}

/** With a place at which to begin: after one of the jobs in its states. */
function startedLate(dice: Dice, { jobs }: State, op: ListOp): ListOp {
  const { states = [], orderBy } = op;
  const fits = (each: JobState) =>
    states.length > 0 ? states.includes(each) : orderBy !== "finalized_at" || isFinal(each);
  const able = [...jobs.values()].filter((job) => fits(job.state)).map((job) => job.id);
  return able.length === 0 ? op : { ...op, after: { job: dice.pick(able) } };
}

/** How the operations on many jobs are drawn. */
export const LISTS = {
  delete_many: {
    weight: ({ jobs }: State, { scope, swarm }: Place) =>
      swarm.extras.has("delete_many") && scope.can("delete_many") && jobs.size > 0 ? 1 : 0,
    draw: (dice: Dice, state: State, place: Place): Op => drawDeleteMany(dice, state, place),
  },
  list: {
    weight: ({ jobs }: State, { scope, swarm }: Place) =>
      swarm.extras.has("list") && scope.can("list") && jobs.size > 0 ? 2 : 0,
    draw: (dice: Dice, state: State, place: Place): Op => drawList(dice, state, place),
  },
};
