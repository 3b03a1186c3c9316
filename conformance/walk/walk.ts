import { Arbitrary, type Random, type Stream, sample, Value } from "fast-check";
import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Micros, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { labelsOf } from "../run/labels.ts";
import { Dice } from "./dice.ts";
import { DRAWS, OPTIONAL } from "./draws.ts";
import { drawInsert, type Place } from "./insert.ts";
import { deadlines } from "./maintenance.ts";
import { smaller } from "./shrink.ts";
import { drawSwarm, type Scope, type Swarm } from "./swarm.ts";

const SECOND: Micros = 1_000_000;
/** One is just beyond the cooldown of INS-30. */
const JUMPS: readonly Micros[] = [
  1,
  100_001,
  SECOND,
  6 * SECOND,
  3600 * SECOND,
  25 * 3600 * SECOND,
  8 * 86_400 * SECOND,
];

/** A random walk of the model: at each step one of the operations that can do something now, as plain JSON. */
export function walk(dice: Dice, law: Law, scope: Scope): readonly Op[] {
  const swarm = drawSwarm(dice, scope, OPTIONAL);
  const ops: Op[] = [];
  let state = EMPTY;
  let now: Micros = 0;
  let nextLabel = 1;
  while (ops.length < swarm.steps) {
    now = advance(dice, state, now, swarm);
    const op = drawOp(dice, state, { now, nextLabel, swarm, scope });
    nextLabel += labelsOf(op).length;
    ops.push(op);
    state = step(state, op, law).state;
  }
  return ops;
}

/** Time stands still, moves to an instant at which something is due or just before it, or jumps. */
function advance(dice: Dice, state: State, now: Micros, swarm: Swarm): Micros {
  if (dice.oneIn(2)) return now;
  const lease = state.leader === null ? [] : [state.leader.expiresAt, state.leader.expiresAt + 1];
  const due = [...state.jobs.values()].map((job) => job.scheduledAt);
  const late = swarm.extras.has("rescue") ? deadlines(state, now) : [];
  const coming = [...due, ...lease, ...late].filter((at) => at > now);
  if (coming.length > 0 && !dice.oneIn(5)) {
    const at = dice.pick(coming);
    return dice.oneIn(6) ? Math.max(now, at - 1) : at;
  }
  return now + (dice.oneIn(4) ? dice.pick(JUMPS) : dice.pick(swarm.delays));
}

function drawOp(dice: Dice, state: State, place: Place): Op {
  const draw = dice.weighted(
    Object.values(DRAWS).map((each) => [each.weight(state, place), each.draw] as const),
  );
  return draw(dice, state, place) ?? drawInsert(dice, place);
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
