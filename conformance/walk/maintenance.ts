import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import { isOddlyMarked } from "../../spec/model/rescue.ts";
import type { Job, Micros, State } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";
import { NEVER, WORKERS } from "../../spec/model/workers.ts";
import type { Dice } from "./dice.ts";
import type { Draw } from "./draws.ts";
import type { Scope } from "./swarm.ts";

const SECOND: Micros = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A batch of the services' own size: all there is. */
const UNLIMITED = 10_000;

const running = ({ jobs }: State): readonly Job[] =>
  [...jobs.values()].filter((job) => job.state === "running");

/** How long until a running job's own timeout has passed; null where it has none, or it has. */
function timeLeft({ kind, attemptedAt }: Job, now: Micros): Micros | null {
  const timeout = WORKERS[kind] ?? NEVER;
  const left = (attemptedAt ?? now) + timeout - now;
  return timeout < 0 || left <= 0 ? null : left;
}

/** The instants at which the timeouts of running jobs have passed. */
export const deadlines = (state: State, now: Micros): readonly Micros[] =>
  running(state).flatMap((job) => {
    const left = timeLeft(job, now);
    return left === null ? [] : [now + left];
  });

/**
 * Whether every implementation fares alike with this job: it has a worker, no odd mark, and is not at the limit of its timeout, which a
 * client that reads its own clock cannot tell.
 */
const isPlain = (job: Job, now: Micros, scope: Scope): boolean =>
  (Object.hasOwn(WORKERS, job.kind) || scope.can("rescue.unknown_kind")) &&
  (!isOddlyMarked(job) || scope.can("rescue.any_mark")) &&
  ((timeLeft(job, now) ?? MINUTE) > SECOND || scope.can("rescue.exact"));

/** A pass of the rescuer, mostly with some job just stuck or timed out, or not quite. */
export const rescueDraw: Draw = {
  weight: (state, { now, scope, swarm }) => {
    if (!scope.can("rescue") || !swarm.extras.has("rescue")) return 0;
    // What must be refused and was not may be odd in any way.
    if (swarm.refused && !scope.can("rescue.any_mark")) return 0;
    const jobs = running(state);
    return jobs.length > 0 && jobs.every((job) => isPlain(job, now, scope)) ? 3 + jobs.length : 0;
  },
  draw: (dice, state, { now }): RescueOp => {
    const ages = running(state).map((job) => now - (job.attemptedAt ?? now));
    const after = drawAfter(dice, ages);
    return {
      op: "rescue",
      now,
      after,
      // River's client takes no timeout that is longer.
      timeout: dice.oneIn(4) ? NEVER : Math.min(after, MINUTE),
      limit: dice.pick([1, 1, 2, UNLIMITED]),
    };
  },
};

function drawAfter(dice: Dice, ages: readonly Micros[]): Micros {
  if (dice.oneIn(3)) return dice.pick([SECOND, 30 * SECOND, HOUR]);
  return Math.max(1, dice.pick(ages) - (dice.oneIn(3) ? 0 : 1));
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
      limit: scope.can("clean.limit") ? dice.pick([1, 2, UNLIMITED]) : UNLIMITED,
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

/** One batch of the queue cleaner, mostly with some queue just old enough, or not quite. */
export const cleanQueuesDraw: Draw = {
  weight: ({ queues }, { scope, swarm }) => {
    if (swarm.services === null || !scope.can("clean_queues") || queues.size === 0) return 0;
    const isPaused = [...queues.values()].some(({ pausedAt }) => pausedAt !== null);
    return isPaused && !scope.can("clean_queues.paused") ? 0 : 2;
  },
  draw: (dice, { queues }, { now, scope }): CleanQueuesOp => {
    const ages = [...queues.values()].map(({ updatedAt }) => now - updatedAt);
    const after = dice.oneIn(4) ? DAY : Math.max(1, dice.pick(ages) - (dice.oneIn(3) ? 0 : 1));
    const limit = scope.can("clean_queues.limit") ? dice.pick([1, 1, UNLIMITED]) : UNLIMITED;
    return { op: "clean_queues", now, after, limit };
  },
};
