import { Arbitrary, type Random, type Stream, sample, Value } from "fast-check";
import type { Law } from "../../spec/model/effect.ts";
import type { FetchOp, Op, ScheduleOp } from "../../spec/model/op.ts";
import { EMPTY, type Job, type Micros, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { Dice } from "./dice.ts";
import { drawFinish } from "./finish.ts";
import { drawInsert, type Place } from "./insert.ts";
import { smaller } from "./shrink.ts";
import { drawSwarm, type Scope, type Swarm } from "./swarm.ts";

/** The limit that stands for "all" where no limit is meant. */
export const UNLIMITED = 10_000;

const SECOND: Micros = 1_000_000;
const JUMPS: readonly Micros[] = [
  1,
  SECOND,
  6 * SECOND,
  3600 * SECOND,
  25 * 3600 * SECOND,
  8 * 86_400 * SECOND,
];

/** A random walk of the model: at each step one of the operations that can do something now, as plain JSON. */
export function walk(dice: Dice, law: Law, scope: Scope): readonly Op[] {
  const swarm = drawSwarm(dice, scope);
  const ops: Op[] = [];
  let state = EMPTY;
  let now: Micros = 0;
  let nextLabel = 1;
  while (ops.length < swarm.steps) {
    now = advance(dice, state, now, swarm);
    const op = drawOp(dice, state, { now, nextLabel, swarm, scope });
    if (op.op === "insert") nextLabel += op.jobs.length;
    ops.push(op);
    state = step(state, op, law).state;
  }
  return ops;
}

/** Time stands still, moves to an instant at which something is due or just before it, or jumps. */
function advance(dice: Dice, state: State, now: Micros, swarm: Swarm): Micros {
  if (dice.oneIn(2)) return now;
  const coming = [...state.jobs.values()].map((job) => job.scheduledAt).filter((at) => at > now);
  if (coming.length > 0 && !dice.oneIn(5)) {
    const at = dice.pick(coming);
    return dice.oneIn(6) ? Math.max(now, at - 1) : at;
  }
  return now + (dice.oneIn(4) ? dice.pick(JUMPS) : dice.pick(swarm.delays));
}

function drawOp(dice: Dice, state: State, place: Place): Op {
  const jobs = [...state.jobs.values()];
  const has = (...states: string[]) => jobs.some((job) => states.includes(job.state));
  const { scope, swarm } = place;
  const can = (name: string) => scope.can(name);
  const isFull = jobs.length >= 12;
  const kind = dice.weighted([
    [isFull ? 1 : 5, "insert"],
    [can("fetch") ? (has("available") ? 5 : swarm.refused ? 1 : 0) : 0, "fetch"],
    [can("finish") ? (has("running") ? 6 : swarm.late ? 1 : 0) : 0, "finish"],
    [can("schedule") ? scheduleWeight(jobs, place) : 0, "schedule"],
  ]);
  switch (kind) {
    case "fetch":
      return drawFetch(dice, place);
    case "finish":
      return drawFinish(dice, state, place) ?? drawInsert(dice, place);
    case "schedule":
      return drawSchedule(dice, place);
    default:
      return drawInsert(dice, place);
  }
}

/** Rivals are worth scheduling together; a schedule that comes earlier would part them. */
function scheduleWeight(jobs: readonly Job[], { now, swarm }: Place): number {
  const waiting = jobs.filter((job) => job.state === "scheduled" || job.state === "retryable");
  if (waiting.length === 0) return swarm.refused ? 1 : 0;
  if (!swarm.rivals) return 5;
  return waiting.filter((job) => job.scheduledAt <= now).length > 1 ? 8 : 1;
}

const drawLimit = (dice: Dice): number => dice.pick([1, 1, 2, UNLIMITED]);

const drawFetch = (dice: Dice, { now, swarm }: Place): FetchOp => ({
  op: "fetch",
  now,
  queue: dice.pick(swarm.queues),
  limit: drawLimit(dice),
  client: dice.oneIn(4) ? "c2" : "c1",
});

function drawSchedule(dice: Dice, { now, scope }: Place): ScheduleOp {
  const isAhead = dice.oneIn(4) && scope.can("schedule.horizon");
  const limit = dice.oneIn(3) ? dice.int(1, 2) : UNLIMITED;
  return { op: "schedule", now, horizon: isAhead ? now + 5 * SECOND : now, limit };
}

/** Walks as a fast-check arbitrary, shrunk as plain arrays of operations. */
export class Walks extends Arbitrary<readonly Op[]> {
  readonly #law: Law;
  readonly #scope: Scope;

  constructor(law: Law, scope: Scope) {
    super();
    this.#law = law;
    this.#scope = scope;
  }

  generate(random: Random): Value<readonly Op[]> {
    return new Value(walk(new Dice(random), this.#law, this.#scope), undefined);
  }

  canShrinkWithoutContext(_value: unknown): _value is readonly Op[] {
    return true;
  }

  shrink(ops: readonly Op[]): Stream<Value<readonly Op[]>> {
    return smaller(ops).map((each) => new Value(each, undefined));
  }
}

const CHUNK = 50;

/** The walks of a seed, one after another without end. */
export function* walksOf(seed: number, law: Law, scope: Scope): Generator<readonly Op[], never> {
  const walks = new Walks(law, scope);
  for (let chunk = 0; ; chunk++) {
    // Neighbouring seeds are far apart: fast-check mixes them.
    yield* sample(walks, { seed: (seed * 10_007 + chunk) | 0, numRuns: CHUNK });
  }
}
