import { checkInvariants, type Violation } from "../../spec/invariants.ts";
import type { Law, Model } from "../../spec/model/effect.ts";
import { EMPTY, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { transitionsOf } from "../run/transition.ts";
import { Abstraction } from "./abstraction.ts";
import { checkCall } from "./call.ts";
import { operationsIn } from "./operations.ts";
import { StateTable } from "./table.ts";
import { TICK, type World } from "./world.ts";

/** An edge of the graph: what was done in which state. */
export type Edge = Readonly<{ state: number; op: number }>;

/** The index of the operation that is none: time goes on by one tick. */
export const WAIT = -1;

/** A world, seen to the end, or to the first broken invariant. */
export type Exploration = Readonly<{
  world: World;
  abstraction: Abstraction;
  states: StateTable;
  /** How each state was reached first; the initial state by nothing. */
  parents: Readonly<{ state: Int32Array; op: Int32Array }>;
  /** How many operations were tried, and what came of each was checked. */
  transitions: number;
  /** Operations from the empty queue to the farthest state. */
  depth: number;
  seconds: number;
  /** Every abstract transition with the first edge that showed it, so that the way there is as short as any. */
  abstract: ReadonlyMap<string, Edge>;
  /** For each of them the last edge, in a state as far away as any. */
  latest: ReadonlyMap<string, Edge>;
  /** An edge whose step breaks invariants, as near to the empty queue as any; null where all hold. */
  broken: Readonly<{ edge: Edge; violations: readonly Violation[] }> | null;
}>;

/** Visits every state of a world breadth first, and checks the invariants of state, transition and call on every transition. */
export function explore(world: World, law: Law, model: Model = step): Exploration {
  return new Explorer(world, law, model).run();
}

class Explorer {
  readonly #world: World;
  readonly #law: Law;
  readonly #model: Model;
  readonly #abstraction: Abstraction;
  readonly #states: StateTable;
  readonly #abstract = new Map<string, Edge>();
  readonly #latest = new Map<string, Edge>();
  readonly #started = performance.now();
  #from = new Int32Array(1024);
  #by = new Int32Array(1024);
  #transitions = 0;
  #depth = 0;
  #broken: Exploration["broken"] = null;

  constructor(world: World, law: Law, model: Model) {
    this.#world = world;
    this.#law = remembering(law);
    this.#model = model;
    this.#abstraction = new Abstraction(world, this.#law);
    this.#states = new StateTable(this.#abstraction.width);
  }

  run(): Exploration {
    this.#add(EMPTY, 0, -1, WAIT);
    for (let start = 0; start < this.#states.size && this.#broken === null; this.#depth++) {
      // Waiting is no operation: all that waiting reaches is as near as where it began.
      for (let i = start; i < this.#states.size; i++) {
        this.#add(this.#abstraction.decode(this.#states.at(i)), TICK, i, WAIT);
      }
      const end = this.#states.size;
      for (let i = start; i < end && this.#broken === null; i++) this.#visit(i);
      start = end;
    }
    return {
      world: this.#world,
      abstraction: this.#abstraction,
      states: this.#states,
      parents: { state: this.#from, op: this.#by },
      transitions: this.#transitions,
      depth: this.#depth - 1,
      seconds: (performance.now() - this.#started) / 1000,
      abstract: this.#abstract,
      latest: this.#latest,
      broken: this.#broken,
    };
  }

  #visit(index: number): void {
    const before = this.#abstraction.decode(this.#states.at(index));
    for (const [i, op] of operationsIn(before, this.#world).entries()) {
      const result = this.#model(before, op, this.#law);
      // Beyond the bounds of this world.
      if (result.state.jobs.size > this.#world.jobs) continue;
      this.#transitions += 1;
      const edge = { state: index, op: i };
      for (const transition of transitionsOf(before, result, op)) {
        if (!this.#abstract.has(transition)) this.#abstract.set(transition, edge);
        this.#latest.set(transition, edge);
      }
      const { violations } = checkInvariants(before, result.state, op);
      const all = [...violations, ...checkCall(before, result, op)];
      if (all.length > 0) {
        this.#broken = { edge, violations: all };
        return;
      }
      if (result.state !== before) this.#add(result.state, 0, index, i);
    }
  }

  #add(state: State, now: number, parent: number, op: number): void {
    const index = this.#states.add(this.#abstraction.encode(state, now));
    if (index < 0) return;
    if (index >= this.#from.length) {
      this.#from = doubled(this.#from);
      this.#by = doubled(this.#by);
    }
    this.#from[index] = parent;
    this.#by[index] = op;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** The law with every hash computed once. */
function remembering(law: Law): Law {
  const known = new Map<string, string>();
  const sha256 = (text: string): string => {
    const found = known.get(text) ?? law.sha256(text);
    known.set(text, found);
    return found;
  };
  return { ...law, sha256 };
}
