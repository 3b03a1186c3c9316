import { describe, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { lawOf } from "../law.ts";
import { NO_PAINT } from "../report/screen.ts";
import { transitionsOf } from "../run/transition.ts";
import { type Exploration, explore, WAIT } from "./explore.ts";
import { MUTANTS } from "./mutants.ts";
import { pathTo } from "./path.ts";
import { printBroken } from "./report.ts";
import { ALL, boundsOf, TICK, type World } from "./world.ts";
import { WORLDS } from "./worlds.ts";

const law = lawOf(NEWEST);
const worldNamed = (name: string): World => {
  const world = WORLDS.find((each) => each.name === name);
  if (world === undefined) throw new Error(`There must be a world ${name}, but there is none.`);
  return world;
};

const TINY: World = {
  ...worldNamed("refused"),
  name: "tiny",
  refused: false,
  delays: [],
  maxAttempts: [1],
  outcomes: ["complete"],
  updates: [null],
  limits: [ALL],
  operations: ["insert", "fetch", "finish"],
};

describe("a world counted by hand", () => {
  test("one job that can be inserted, fetched and completed", () => {
    // Empty: insert, fetch. Available now: fetch. Available since: fetch. Running: fetch, finish. Completed: fetch.
    const { states, transitions, depth, broken } = explore(TINY, law);
    expect({ states: states.size, transitions, depth, broken }).toEqual({
      states: 5,
      transitions: 7,
      depth: 3,
      broken: null,
    });
  });

  test("with a failed attempt that is tried again after five seconds", () => {
    // Two attempts. Waiting for the second attempt there are: due in 5 s, due now, due since; then running again,
    // completed or discarded. Running the first time: fetch, complete, error. The second time: the same.
    const world: World = {
      ...TINY,
      delays: [TICK],
      maxAttempts: [2],
      outcomes: ["complete", "error"],
    };
    const { states, transitions, depth } = explore(world, law);
    // Inserted for later, a job is scheduled in 5 s, now, or since then, and nobody schedules it.
    expect(states.size).toBe(1 + 2 + 3 + 1 + 1 + 3 + 1 + 2);
    expect(transitions).toBe(3 + 2 + 3 + 3 + 1 + 3 + 3 + 2);
    expect(depth).toBe(5);
  });
});

/** The state to which the first operations to it lead, told as a story. */
function arrive(found: Exploration, state: number): readonly Op[] {
  let at = state;
  while (at > 0 && found.parents.op[at] === WAIT) at = found.parents.state[at] ?? 0;
  if (at === 0) return [];
  const edge = { state: found.parents.state[at] ?? 0, op: found.parents.op[at] ?? 0 };
  return pathTo(found, edge, law);
}

test.for([
  "solo",
  "late",
  "refused",
  "rivals",
  "batch",
  "queues",
  "deleted",
  "paused",
  "leader",
  "control",
  "control rivals",
])("in world %s stories and their plain states go the same way", (name) => {
  const found = explore(worldNamed(name), law);
  for (let i = 1; i < found.states.size; i += 3) {
    const ops = arrive(found, i);
    let state = EMPTY;
    for (const op of ops) state = step(state, op, law).state;
    const arrived = [...found.abstraction.encode(state, ops.at(-1)?.now ?? 0)];
    let at = i;
    while (at > 0 && found.parents.op[at] === WAIT) at = found.parents.state[at] ?? 0;
    expect(arrived).toEqual([...found.states.at(at)]);
  }
});

test.for(WORLDS.filter((world) => world.tour).map(({ name }) => name))(
  "in world %s no invariant breaks, and the way to every abstract transition shows it",
  (name) => {
    const found = explore(worldNamed(name), law);
    expect(found.broken).toBeNull();
    for (const [transition, edge] of found.abstract) {
      const ops = pathTo(found, edge, law);
      let last: ReadonlySet<string> = new Set();
      let state = EMPTY;
      for (const op of ops) {
        const next = step(state, op, law);
        last = transitionsOf(state, next, op);
        state = next.state;
      }
      expect(last).toContain(transition);
    }
  },
);

describe("mutants that break an invariant", () => {
  const SHORTEST = [
    ["schedule-self-conflict", "rivals", "INV-2", 2],
    ["schedule-blocked-promoted", "rivals", "INV-1", 5],
    ["finish-undated", "refused", "INV-4", 3],
    ["fetch-early", "refused", "INV-7", 3],
    ["fetch-counts-twice", "refused", "INV-5", 2],
    ["finish-error-forgotten", "solo", "INV-6", 3],
    ["cancel-unmarked", "control", "INV-8", 3],
    ["cancel-keeps-bit", "control rivals", "INV-1", 5],
    ["retry-takes-key", "control rivals", "INV-1", 4],
    ["retry-keeps-finalized", "control", "INV-4", 3],
    ["finish-late-counts", "late", "INV-3", 4],
  ] as const;

  test.for(SHORTEST)("%s in %s: %s after %i steps", ([name, world, rule, steps]) => {
    const model = MUTANTS.find((mutant) => mutant.name === name)?.model ?? step;
    const found = explore(worldNamed(world), law, model);
    expect(found.broken?.violations.map((violation) => violation.rule)).toContain(rule);
    if (found.broken === null) return;
    const ops = pathTo(found, found.broken.edge, law, model);
    expect(ops.length).toBe(steps);
    const screen = printBroken(ops, law, model, [], { ascii: true, paint: NO_PAINT });
    expect(screen.join("\n")).toContain(rule);
  });
});

test("bounds are told in words", () => {
  expect(boundsOf(worldNamed("rivals"))).toBe("2 jobs, 1 key, 6 masks, max 2");
});
