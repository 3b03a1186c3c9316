import { rivalsOf } from "../../spec/model/key.ts";
import type { CancelOp, FetchOp, Op, OpName, RetryOp, ScheduleOp } from "../../spec/model/op.ts";
import type { Job, Micros, State } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";
import type { Dice } from "./dice.ts";
import { drawFinish } from "./finish.ts";
import { drawInsert, type Place } from "./insert.ts";
import { LISTS } from "./list.ts";
import { LOOKS } from "./look.ts";
import { cleanDraw, cleanQueuesDraw, rescueDraw } from "./maintenance.ts";
import { drawEnqueue } from "./periodic.ts";
import { SERVICE_DRAWS } from "./services.ts";

/** How one operation is drawn. */
export type Draw = Readonly<{
  /** How likely it is here, beside the others; 0 where it cannot be asked, or could do nothing. */
  weight: (state: State, place: Place) => number;
  /** Null where there is nothing to draw after all. */
  draw: (dice: Dice, state: State, place: Place) => Op | null;
}>;

/** The limit that stands for "all" where no limit is meant. */
export const UNLIMITED = 10_000;

const SECOND: Micros = 1_000_000;

const has = (state: State, ...states: readonly string[]): boolean =>
  [...state.jobs.values()].some((job) => states.includes(job.state));

const fetch: Draw = {
  weight: (state, { scope, swarm }) =>
    scope.can("fetch") ? (has(state, "available") ? 5 : swarm.refused ? 1 : 0) : 0,
  draw: (dice, _, { now, swarm }): FetchOp => ({
    op: "fetch",
    now,
    queue: dice.pick(swarm.queues),
    limit: dice.pick([1, 1, 2, UNLIMITED]),
    client: dice.oneIn(4) ? "c2" : "c1",
  }),
};

const finish: Draw = {
  weight: (state, { scope, swarm }) =>
    scope.can("finish") ? (has(state, "running") ? 6 : swarm.late ? 1 : 0) : 0,
  draw: drawFinish,
};

/** Rivals are worth scheduling together; a schedule that comes earlier would part them. */
const schedule: Draw = {
  weight: ({ jobs }, { now, scope, swarm }) => {
    if (!scope.can("schedule")) return 0;
    const waiting = [...jobs.values()].filter(
      (job) => job.state === "scheduled" || job.state === "retryable",
    );
    if (waiting.length === 0) return swarm.refused ? 1 : 0;
    if (!swarm.rivals) return 5;
    return waiting.filter((job) => job.scheduledAt <= now).length > 1 ? 8 : 1;
  },
  draw: (dice, _, { now, scope }): ScheduleOp => {
    const isAhead = dice.oneIn(4) && scope.can("schedule.horizon");
    const limit = dice.oneIn(3) && scope.can("schedule.limit") ? dice.int(1, 2) : UNLIMITED;
    return { op: "schedule", now, horizon: isAhead ? now + 5 * SECOND : now, limit };
  },
};

/** Most often a job with which something happens, now and then any other, or none. */
function drawJob(
  dice: Dice,
  { jobs }: State,
  { nextLabel, swarm }: Place,
  isApt: (job: Job) => boolean,
): number | null {
  if (swarm.refused && dice.oneIn(12)) return nextLabel + 1;
  const all = [...jobs.values()];
  const apt = all.filter(isApt);
  const from = apt.length > 0 && !dice.oneIn(8) ? apt : all;
  return from.length === 0 ? null : dice.pick(from).id;
}

/** Waiting while others hold or want its key: to cancel it is rare, as most jobs that are not final hold their keys themselves. */
const contestedIn = (state: State): readonly Job[] =>
  [...state.jobs.values()].filter(
    (each) => !isFinal(each.state) && rivalsOf(state, each).length > 0,
  );

const cancel: Draw = {
  weight: (state, { scope, swarm }) => {
    if (!swarm.extras.has("cancel") || !scope.can("cancel") || state.jobs.size === 0) return 0;
    return contestedIn(state).length > 0 ? 4 : 2;
  },
  draw: (dice, state, place): CancelOp | null => {
    const contested = contestedIn(state);
    const isContest = contested.length > 0 && dice.oneIn(2);
    const isApt = isContest
      ? (each: Job) => contested.includes(each)
      : (each: Job) => !isFinal(each.state);
    const job = drawJob(dice, state, place, isApt);
    return job === null ? null : { op: "cancel", now: place.now, job };
  },
};

/** Available this very instant, and once asked to end: whether it waits already shows only by its mark. */
const isMarked = ({ metadata, scheduledAt, state }: Job, now: Micros): boolean =>
  state === "available" && scheduledAt === now && metadata.includes("cancel_attempted_at");

const retry: Draw = {
  weight: (state, { now, scope, swarm }) => {
    if (!swarm.extras.has("retry") || !scope.can("retry") || state.jobs.size === 0) return 0;
    if (has(state, "cancelled", "completed", "discarded")) return 3;
    return [...state.jobs.values()].some((each) => isMarked(each, now)) ? 3 : 1;
  },
  draw: (dice, state, place): RetryOp | null => {
    const isOdd = (each: Job) => isMarked(each, place.now);
    const isContest = dice.oneIn(2) && [...state.jobs.values()].some(isOdd);
    const job = drawJob(dice, state, place, isContest ? isOdd : (each) => isFinal(each.state));
    return job === null ? null : { op: "retry", now: place.now, job };
  },
};

/** How each operation is drawn. A new operation is one entry here; it looks at `swarm.extras` unless every walk shall have it. */
export const DRAWS: Readonly<{ [N in OpName]: Draw }> = {
  insert: {
    weight: ({ jobs }) => (jobs.size >= 12 ? 1 : 5),
    draw: (dice, _, place) => drawInsert(dice, place),
  },
  fetch,
  finish,
  schedule,
  cancel,
  retry,
  ...LOOKS,
  ...LISTS,
  rescue: rescueDraw,
  clean: cleanDraw,
  enqueue_periodic: {
    weight: (_, { scope, swarm }) =>
      scope.can("enqueue_periodic") && swarm.extras.has("enqueue_periodic") ? 3 : 0,
    draw: drawEnqueue,
  },
  clean_queues: cleanQueuesDraw,
  ...SERVICE_DRAWS,
};

const SERVICES = Object.keys(SERVICE_DRAWS) as OpName[];
const ALWAYS: readonly OpName[] = ["insert", "fetch", "finish", "schedule", ...SERVICES];

/** The operations that a walk may have or not. */
export const OPTIONAL: readonly OpName[] = (Object.keys(DRAWS) as OpName[]).filter(
  (name) => !ALWAYS.includes(name),
);
