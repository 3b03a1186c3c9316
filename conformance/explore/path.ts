import type { Law, Model } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { type Edge, type Exploration, WAIT } from "./explore.ts";
import { operationsIn, placeOp } from "./operations.ts";
import { TICK } from "./world.ts";

/** An edge as it was found: the plain state before it, and its operation there. */
export function edgeOf(found: Exploration, edge: Edge): Readonly<{ before: State; op: Op }> {
  const before = found.abstraction.decode(found.states.at(edge.state));
  const op = operationsIn(before, found.world)[edge.op];
  if (op === undefined) throw new Error(`An edge must have an operation, but ${edge.op} is none.`);
  return { before, op };
}

/** The operations from the empty queue up to and including an edge, with jobs, keys and times as in any sequence. */
export function pathTo(
  found: Exploration,
  edge: Edge,
  law: Law,
  model: Model = step,
): readonly Op[] {
  const edges: Edge[] = [edge];
  for (let { state } = edge; state > 0; ) {
    const parent = found.parents.state[state] ?? 0;
    edges.unshift({ state: parent, op: found.parents.op[state] ?? WAIT });
    state = parent;
  }
  const walker = new Walker(found, law, model);
  return edges.flatMap((each) => walker.go(each));
}

/** Goes along edges of plain states, and keeps what their jobs, keys and instants are called in the story that comes of it. */
class Walker {
  readonly #found: Exploration;
  readonly #law: Law;
  readonly #model: Model;
  #now = 0;
  #labels: readonly number[] = [];
  #letters: ReadonlyMap<string, string> = new Map();
  #nextLabel = 1;
  #story: State = EMPTY;

  constructor(found: Exploration, law: Law, model: Model) {
    this.#found = found;
    this.#law = law;
    this.#model = model;
  }

  go(edge: Edge): readonly Op[] {
    const { abstraction, states, world } = this.#found;
    const before = abstraction.decode(states.at(edge.state));
    if (edge.op === WAIT) {
      this.#now += TICK;
      this.#follow(abstraction.rename(before, TICK), before.jobs.size);
      return [];
    }
    const { op } = edgeOf(this.#found, edge);
    const placed = placeOp(op, {
      now: this.#now,
      label: (label) => this.#labels[label - 1] ?? this.#nextLabel + label - before.jobs.size - 1,
      letter: (letter) => this.#letterOf(letter),
      forgotten: (label) => this.#forgotten(label, before),
      forgottenTerms: (client) =>
        (this.#story.terms.get(client)?.length ?? 0) - (before.terms.get(client)?.length ?? 0),
    });
    const after = this.#model(before, op, this.#law).state;
    this.#story = this.#model(this.#story, placed, this.#law).state;
    if (after.jobs.size <= world.jobs) this.#follow(abstraction.rename(after, 0), before.jobs.size);
    if (op.op === "insert") this.#nextLabel += op.jobs.length;
    return [placed];
  }

  /** A plain state keeps only the last fetches of each job. */
  #forgotten(label: number, before: State): number {
    const plain = this.#labels.indexOf(label) + 1;
    const known = before.fetches.get(plain)?.length ?? 0;
    return (this.#story.fetches.get(label)?.length ?? 0) - known;
  }

  #letterOf(letter: string): string {
    const own = this.#letters.get(letter);
    if (own !== undefined) return own;
    const taken = new Set(this.#letters.values());
    return this.#found.world.keys.find((each) => !taken.has(each)) ?? letter;
  }

  #follow(
    { labels, keys }: Readonly<{ labels: readonly number[]; keys: ReadonlyMap<string, string> }>,
    known: number,
  ): void {
    const old = this.#labels;
    this.#labels = labels.map((label) => old[label - 1] ?? this.#nextLabel + label - known - 1);
    this.#letters = new Map([...keys].map(([from, to]) => [to, this.#letterOf(from)]));
  }
}
