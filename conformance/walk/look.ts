import type { Op, OpName } from "../../spec/model/op.ts";
import type { State } from "../../spec/model/state.ts";
import type { Dice } from "./dice.ts";
import type { Place } from "./insert.ts";

/** JSON text, the last two none that can be kept. */
const OUTPUTS: readonly string[] = ['{"y":2}', "null", '"done"', "[1.0, 2]"];
const BAD_OUTPUTS: readonly string[] = ['"\\u0000"', "{"];

const isDrawn = (name: OpName, { scope, swarm }: Place): boolean =>
  swarm.extras.has(name) && scope.can(name);

/** Mostly a job that is there, else one that is gone (a duplicate, or deleted) or never was. */
function drawJob(dice: Dice, { jobs }: State, { nextLabel, swarm }: Place): number | null {
  const gone = Array.from({ length: nextLabel - 1 }, (_, i) => i + 1).filter((id) => !jobs.has(id));
  if (gone.length > 0 && dice.oneIn(swarm.refused ? 2 : 6)) return dice.pick(gone);
  if (swarm.refused && dice.oneIn(6)) return nextLabel;
  return jobs.size === 0 ? null : dice.pick([...jobs.keys()]);
}

/** How the operations on single jobs are drawn that are no part of a job's usual life. */
export const LOOKS = {
  get: {
    weight: ({ jobs }: State, place: Place) => (isDrawn("get", place) && jobs.size > 0 ? 1 : 0),
    draw: (dice: Dice, state: State, place: Place): Op | null => {
      const job = drawJob(dice, state, place);
      return job === null ? null : { op: "get", now: place.now, job };
    },
  },
  delete: {
    weight: ({ jobs }: State, place: Place) => (isDrawn("delete", place) && jobs.size > 0 ? 1 : 0),
    draw: (dice: Dice, state: State, place: Place): Op | null => {
      const job = drawJob(dice, state, place);
      return job === null ? null : { op: "delete", now: place.now, job };
    },
  },
  update: {
    weight: ({ jobs }: State, place: Place) => (isDrawn("update", place) && jobs.size > 0 ? 1 : 0),
    draw: (dice: Dice, state: State, place: Place): Op | null => {
      const job = drawJob(dice, state, place);
      const bad = place.swarm.refused && dice.oneIn(4);
      const output = dice.pick(bad ? BAD_OUTPUTS : OUTPUTS);
      return job === null ? null : { op: "update", now: place.now, job, output };
    },
  },
};
