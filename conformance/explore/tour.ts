import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { State } from "../../spec/model/state.ts";
import { traitsOf } from "../run/transition.ts";
import type { Scope } from "../walk/swarm.ts";
import { type Edge, type Exploration, explore } from "./explore.ts";
import { operationsIn } from "./operations.ts";
import { edgeOf, pathTo } from "./path.ts";
import { narrow, type World } from "./world.ts";
import { WORLDS } from "./worlds.ts";

/** A state that can be reached, one operation there, and a way to both from an empty queue. */
export type Injection = Readonly<{ before: State; op: Op; path: () => readonly Op[] }>;

/** What the exploration of small worlds asks of an implementation. */
export type Tour = Readonly<{
  /** Every abstract transition of these worlds: what there is to reach. */
  transitions: ReadonlySet<string>;
  /** How many worlds these are. */
  worlds: number;
  /** Sequences that together show them all, each as short as the transition at its end allows. */
  paths: readonly (readonly Op[])[];
  /** States to be written as rows: for each abstract transition the last one found that shows it, and some from all over. */
  injections: readonly Injection[];
}>;

/** How many states of each world are injected beside those of the abstract transitions. */
const SPREAD = 60;

/** Explores the worlds that are small enough, as far as an implementation can be asked. */
export function tourOf(law: Law, scope: Scope, worlds: readonly World[] = WORLDS): Tour {
  const found = worlds
    .filter((world) => world.tour)
    .map((world) => explore(narrow(world, scope), law));
  const ways = new Map<string, () => readonly Op[]>();
  for (const each of found) {
    for (const [transition, edge] of each.abstract) {
      if (!ways.has(transition)) ways.set(transition, () => pathTo(each, edge, law));
    }
  }
  return {
    transitions: new Set(ways.keys()),
    worlds: found.length,
    paths: coverAll(ways, law),
    injections: found.flatMap((each) => injectionsOf(each, law)),
  };
}

/** The ways that are needed: the longest first, and none whose end another has shown. */
function coverAll(
  ways: ReadonlyMap<string, () => readonly Op[]>,
  law: Law,
): readonly (readonly Op[])[] {
  const all = [...ways].map(([transition, way]) => ({ transition, path: way() }));
  all.sort((a, b) => b.path.length - a.path.length);
  const shown = new Set<string>();
  return all.flatMap(({ transition, path }) => {
    if (shown.has(transition)) return [];
    for (const each of traitsOf(path, law).transitions) shown.add(each);
    return [path];
  });
}

function injectionsOf(found: Exploration, law: Law): readonly Injection[] {
  const { world, states, abstraction } = found;
  const edges: Edge[] = [...found.latest.values()];
  const stride = Math.max(1, Math.floor(states.size / SPREAD));
  for (let state = 0; state < states.size; state += stride) {
    const plain = abstraction.decode(states.at(state));
    const count = operationsIn(plain, world).length;
    edges.push({ state, op: (state * 7) % count });
  }
  return edges.map((edge) => ({ ...edgeOf(found, edge), path: () => pathTo(found, edge, law) }));
}
