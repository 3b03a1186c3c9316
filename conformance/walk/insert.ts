import { DEFAULT_UNIQUE_STATES } from "../../spec/model/key.ts";
import type { InsertJob, InsertOp, UniqueOptions } from "../../spec/model/op.ts";
import type { Micros } from "../../spec/model/state.ts";
import type { Dice } from "./dice.ts";
import { drawKind } from "./maintenance.ts";
import { drawRefusedJob } from "./refused.ts";
import type { Scope, Swarm } from "./swarm.ts";

/** What a walk knows when it draws the next step. */
export type Place = Readonly<{ now: Micros; nextLabel: number; swarm: Swarm; scope: Scope }>;

/** Args as Go's encoding/json writes them, so that every client encodes the same text; nasty on purpose. */
const NASTY_ARGS: readonly string[] = [
  "{}",
  '{"":1}',
  '{"a.b":1,"a":{"b":1}}',
  '{"b":1,"a":2}',
  '{"a":2,"b":1}',
  '{"a":9007199254740993}',
  '{"a":9007199254740992}',
  '{"a":1.0,"b":-0,"c":1e21}',
  '{"*":1,"@x":2,":1":3,"#":4}',
  '{"\\u003c":"\\u003e\\u0026"}',
  '{"\u{1f600}":1,"\uff5e":2}',
  '{"\u00e9":"\\"\\\\"}',
  '{"a":1,"a":2}',
  '{"a":[1,2,{"b":null}],"A":true}',
];

const TAGS: readonly (readonly string[])[] = [["two", "tag_1"], ["two"], ["tag_1", "two", "one"]];

const METADATA: readonly string[] = [
  '{"a":{"z":1}}',
  '{"a":{"x":1},"b":2}',
  '{"cancel_attempted_at":"2030-01-01T00:00:00Z"}',
  '{"snoozes":2}',
  '{"snoozes":"2.9"}',
  '{"snoozes":true}',
  '{"river:rescue_count":2}',
  '{"river:rescue_count":"7"}',
  '{"snoozes":null,"cancel_attempted_at":1}',
];

/** A call of one job, now and then of several, none, or one that must be refused. */
export function drawInsert(dice: Dice, place: Place): InsertOp {
  const { now, nextLabel, swarm } = place;
  if (swarm.refused && dice.oneIn(4)) {
    const refused = drawRefusedJob(dice, { id: nextLabel }, place.scope);
    if (refused === null || dice.oneIn(12)) return { op: "insert", now, jobs: [] };
    return { op: "insert", now, jobs: [refused] };
  }
  const count = dice.oneIn(5) ? dice.int(2, 3) : 1;
  const jobs = Array.from({ length: count }, (_, i) => drawJob(dice, place, nextLabel + i));
  if (!place.scope.can("insert.batch")) return { op: "insert", now, jobs: jobs.slice(0, 1) };
  const isPlain = count > 1 && !place.scope.edition.masks && !dice.oneIn(8);
  return { op: "insert", now, jobs: isPlain ? jobs.map(({ unique: _, ...job }) => job) : jobs };
}

function drawJob(dice: Dice, place: Place, id: number): InsertJob {
  const { swarm, scope } = place;
  const isUnique = (!swarm.unkeyed || !dice.oneIn(3)) && scope.can("insert.unique");
  const identity = isUnique ? drawUnique(dice, place) : drawPlain(dice, place);
  const due = dice.oneIn(swarm.rivals ? 6 : 3) ? { scheduledAt: drawTime(dice, place) } : {};
  return {
    id,
    ...identity,
    ...due,
    ...(swarm.queues.length > 1 && dice.oneIn(3) ? { queue: dice.pick(swarm.queues) } : {}),
    ...(swarm.priorities.length > 1 && dice.oneIn(2)
      ? { priority: dice.pick(swarm.priorities) }
      : {}),
    ...(!swarm.rivals && dice.oneIn(4) ? { maxAttempts: dice.int(1, 2) } : {}),
    ...(dice.oneIn(12) && scope.can("insert.pending") ? { pending: true } : {}),
    ...(dice.oneIn(swarm.extras.has("list") ? 3 : 10) && scope.can("insert.tags")
      ? { tags: dice.pick(TAGS) }
      : {}),
    ...(dice.oneIn(swarm.metadata ? 3 : 6) && scope.can("insert.metadata")
      ? { metadata: dice.pick(METADATA) }
      : {}),
    ...(swarm.extras.has("rescue") && dice.oneIn(3)
      ? { kind: drawKind(dice, scope) }
      : dice.oneIn(20)
        ? { kind: "other" }
        : {}),
  };
}

/** Args that no worker can decode, now and then, where that matters. */
const drawPlain = (dice: Dice, { swarm }: Place): Pick<InsertJob, "args"> =>
  swarm.extras.has("rescue") && dice.oneIn(3) ? { args: "[1]" } : {};

/** Mostly one of the walk's waits, now and then a neighbour of it, or an instant that has passed. */
function drawTime(dice: Dice, { now, swarm }: Place): Micros {
  if (dice.oneIn(8)) return now - 1_000_000;
  return now + dice.pick(swarm.delays) - (dice.oneIn(6) ? 1 : 0);
}

function drawUnique(dice: Dice, { swarm, scope }: Place): Pick<InsertJob, "args" | "unique"> {
  const mask = dice.pick(swarm.masks);
  const states = mask === null ? {} : { byState: mask };
  if (!swarm.nasty || dice.oneIn(2)) {
    return {
      args: JSON.stringify({ key: dice.pick(swarm.keys) }),
      unique: { byArgs: true, ...states },
    };
  }
  const byPeriod = dice.pick([1_000_000, 30_000_000, 900_000_000, 3_600_000_000]);
  const unique = dice.pick<UniqueOptions>([
    { byArgs: true },
    { byQueue: true },
    { byPeriod },
    { byArgs: true, byPeriod },
    { byArgs: true, byQueue: true, ...(scope.can("insert.exclude_kind") && { excludeKind: true }) },
    { byPeriod, byQueue: true },
    // Unique by the kind alone.
    { byState: mask ?? DEFAULT_UNIQUE_STATES },
  ]);
  // A period of the insertion time is drawn only where the implementation can be told the time.
  const { byPeriod: _, ...timeless } = unique;
  const isTimed = scope.can("insert.period");
  return {
    args: dice.pick(NASTY_ARGS),
    unique: { ...(isTimed ? unique : { ...timeless, byArgs: true }), ...states },
  };
}
