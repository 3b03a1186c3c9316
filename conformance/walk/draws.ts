import type { FetchOp, Op, OpName, ScheduleOp } from "../../spec/model/op.ts";
import type { Micros, State } from "../../spec/model/state.ts";
import type { Dice } from "./dice.ts";
import { drawFinish } from "./finish.ts";
import { drawInsert, type Place } from "./insert.ts";
import { LISTS } from "./list.ts";
import { LOOKS } from "./look.ts";
import { cleanDraw, rescueDraw } from "./maintenance.ts";

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
    const limit = dice.oneIn(3) ? dice.int(1, 2) : UNLIMITED;
    return { op: "schedule", now, horizon: isAhead ? now + 5 * SECOND : now, limit };
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
  ...LOOKS,
  ...LISTS,
  rescue: rescueDraw,
  clean: cleanDraw,
};

const ALWAYS: readonly OpName[] = ["insert", "fetch", "finish", "schedule"];

/** The operations that a walk may have or not. */
export const OPTIONAL: readonly OpName[] = (Object.keys(DRAWS) as OpName[]).filter(
  (name) => !ALWAYS.includes(name),
);
