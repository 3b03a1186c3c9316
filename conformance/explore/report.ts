import { checkInvariants } from "../../spec/invariants.ts";
import type { Law, Model } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { type Look, printFinding } from "../report/finding.ts";
import type { Divergence } from "../run/sequence.ts";
import { checkCall } from "./call.ts";
import type { Exploration } from "./explore.ts";
import { pathTo } from "./path.ts";
import { boundsOf } from "./world.ts";

/** What is left of an exploration when its states are gone: plain data, as one thread tells another. */
export type Explored = Readonly<{
  world: string;
  about: string;
  bounds: string;
  states: number;
  transitions: number;
  /** Operations from the empty queue to the farthest state. */
  depth: number;
  seconds: number;
  /** The abstract transitions that occur. */
  abstract: readonly string[];
  /** The shortest steps to a broken invariant; null where all hold. */
  story: readonly Op[] | null;
}>;

/** An exploration as plain data. */
export function summarise(found: Exploration, law: Law, model: Model): Explored {
  const { world, states, transitions, depth, seconds, abstract, broken } = found;
  return {
    world: world.name,
    about: world.about,
    bounds: boundsOf(world),
    states: states.size,
    transitions,
    depth,
    seconds,
    abstract: [...abstract.keys()],
    story: broken === null ? null : pathTo(found, broken.edge, law, model),
  };
}

/** A story that breaks an invariant, as `weir check` shows a difference. */
export function printBroken(
  ops: readonly Op[],
  law: Law,
  model: Model,
  notes: readonly (readonly [string, string])[],
  look: Look,
): readonly string[] {
  const { before, op, result, violations } = lastStep(ops, law, model);
  const differences = violations.map(({ rule, job, because }) => ({
    rule,
    job,
    column: null,
    expected: "kept",
    got: "broken",
    because,
  }));
  const divergence: Divergence = {
    at: ops.length - 1,
    op,
    signature: "",
    differences,
    violations,
    before,
    expected: result,
    observed: result.state.jobs,
    services: result.state,
    reply: { op: "fetch", jobs: [] },
  };
  return printFinding({ ops, divergence, law, model, notes }, look);
}

function lastStep(ops: readonly Op[], law: Law, model: Model) {
  let before = EMPTY;
  for (const op of ops.slice(0, -1)) before = model(before, op, law).state;
  const op = ops.at(-1);
  if (op === undefined) throw new Error("A story must have a step, but has none.");
  const result = model(before, op, law);
  const { violations } = checkInvariants(before, result.state, op);
  return { before, op, result, violations: [...violations, ...checkCall(before, result, op)] };
}
