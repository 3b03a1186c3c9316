import type { CleanOp, RescueOp } from "../../spec/model/op.ts";
import type { Job, Micros, State } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";
import { NEVER, WORKERS } from "../../spec/model/workers.ts";
import type { Dice } from "./dice.ts";
import type { Draw } from "./draws.ts";
import type { Place } from "./insert.ts";
import type { Scope } from "./swarm.ts";

const SECOND: Micros = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A batch of the services' own size: all there is. */
export const UNLIMITED = 10_000;

const running = ({ jobs }: State): readonly Job[] =>
  [...jobs.values()].filter((job) => job.state === "running");

/** What the implementation under test has no worker for, and how such jobs fare, is not everywhere the same. */
const isKnown = ({ kind }: Job, scope: Scope): boolean =>
  Object.hasOwn(WORKERS, kind) || scope.can("rescue.unknown_kind");

/** A pass of the rescuer, mostly with some job just stuck or timed out, or not quite. */
export const rescueDraw: Draw = {
  weight: (state, { scope, swarm }) => {
    if (!scope.can("rescue") || !swarm.extras.has("rescue")) return 0;
    const jobs = running(state);
    return jobs.length > 0 && jobs.every((job) => isKnown(job, scope)) ? 3 + jobs.length : 0;
  },
  draw: (dice, state, place): RescueOp => {
    const { now } = place;
    const ages = running(state).map((job) => now - (job.attemptedAt ?? now));
    return {
      op: "rescue",
      now,
      after: drawAfter(dice, ages),
      timeout: drawTimeout(dice, ages, place),
      limit: dice.pick([1, 1, 2, UNLIMITED]),
    };
  },
};

function drawAfter(dice: Dice, ages: readonly Micros[]): Micros {
  if (dice.oneIn(3)) return dice.pick([SECOND, 30 * SECOND, HOUR]);
  return Math.max(1, dice.pick(ages) - (dice.oneIn(3) ? 0 : 1));
}

function drawTimeout(dice: Dice, ages: readonly Micros[], { scope }: Place): Micros {
  if (dice.oneIn(5)) return NEVER;
  if (!dice.oneIn(3)) return SECOND;
  // A client that reads its own clock cannot be told apart from the limit to the microsecond.
  const late = dice.oneIn(2) ? (scope.can("rescue.exact") ? 1 : MINUTE) : 0;
  return Math.max(1, dice.pick(ages) + late);
}

/** One batch of the cleaner, mostly with some job just past its retention, or not quite. */
export const cleanDraw: Draw = {
  weight: (state, { scope, swarm }) =>
    scope.can("clean") && swarm.extras.has("clean") && finals(state).length > 0 ? 3 : 0,
  draw: (dice, state, { now, scope }): CleanOp => {
    const ages = finals(state).map((job) => now - (job.finalizedAt ?? now));
    const kept = () => drawRetention(dice, ages, scope);
    return {
      op: "clean",
      now,
      cancelled: kept(),
      completed: kept(),
      discarded: kept(),
      limit: dice.pick([1, 2, UNLIMITED]),
    };
  },
};

const finals = ({ jobs }: State): readonly Job[] =>
  [...jobs.values()].filter((job) => isFinal(job.state));

function drawRetention(dice: Dice, ages: readonly Micros[], scope: Scope): Micros {
  if (dice.oneIn(4) && scope.can("clean.keep")) return NEVER;
  if (dice.oneIn(4)) return dice.pick([SECOND, DAY, 7 * DAY]);
  return Math.max(1, dice.pick(ages) - (dice.oneIn(3) ? 0 : 1));
}

/** The kind of a job to insert in a walk with rescues: with a timeout of its own, without one, or of nobody. */
export const drawKind = (dice: Dice, scope: Scope): string =>
  dice.pick(["weir_1h", "weir_never", ...(scope.can("rescue.unknown_kind") ? ["stranger"] : [])]);
