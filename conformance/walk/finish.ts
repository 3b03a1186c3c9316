import type { FinishOp, Outcome } from "../../spec/model/op.ts";
import type { Micros, State } from "../../spec/model/state.ts";
import type { Dice } from "./dice.ts";
import type { Place } from "./insert.ts";

const UPDATES: readonly string[] = [
  '{"a":2}',
  '{"b":{"y":1}}',
  '{"a":{"y":3}}',
  '{"a":null}',
  '{"snoozes":9}',
  "{}",
];

/** The end of a running attempt; now and then a late, repeated or impossible one. */
export function drawFinish(dice: Dice, state: State, place: Place): FinishOp | null {
  const running = [...state.jobs.values()].filter((job) => job.state === "running");
  const fetched = [...state.fetches.keys()].filter((id) => state.jobs.has(id));
  const gone = [...state.fetches.keys()].filter((id) => !state.jobs.has(id));
  const isOdd = place.swarm.late && dice.oneIn(gone.length > 0 ? 4 : 8);
  const candidates = isOdd ? [...state.jobs.keys(), ...gone] : running.map((job) => job.id);
  const from = candidates.length > 0 ? candidates : place.swarm.late ? fetched : [];
  if (from.length === 0) return null;
  const job = dice.pick(from);
  const fetches = state.fetches.get(job) ?? [];
  const isLate = place.swarm.late && fetches.length > 1 && dice.oneIn(3);
  return {
    op: "finish",
    now: place.now,
    job,
    ...(isLate ? { fetch: dice.int(0, fetches.length - 1) } : {}),
    outcome: drawOutcome(dice, place),
  };
}

function drawOutcome(dice: Dice, place: Place): Outcome {
  const { scope, swarm } = place;
  const can = (kind: string) => (scope.can(`finish.${kind}`) ? 1 : 0);
  const kind = dice.weighted<Outcome["kind"]>([
    [4 * can("complete"), "complete"],
    [(swarm.rivals ? 24 : 8) * can("error"), "error"],
    [can("discard"), "discard"],
    [2 * can("cancel"), "cancel"],
    [swarm.snooze ? 3 * can("snooze") : 0, "snooze"],
    [scope.edition.interrupt ? can("interrupt") : 0, "interrupt"],
  ]);
  const metadata =
    swarm.metadata && dice.oneIn(3) ? { metadata: drawUpdates(dice, swarm.refused) } : {};
  switch (kind) {
    case "error":
      return { kind, message: "boom", retryAt: drawRetry(dice, place), ...metadata };
    case "discard":
    case "cancel":
      return { kind, message: "boom", ...metadata };
    case "snooze":
      return { kind, for: drawSnooze(dice, place), ...metadata };
    default:
      return { kind, ...metadata };
  }
}

const drawUpdates = (dice: Dice, refused: boolean): string =>
  refused && dice.oneIn(3) ? "[1]" : dice.pick(UPDATES);

function drawRetry(dice: Dice, { now, swarm, scope }: Place): Micros | null {
  if (dice.oneIn(12) && scope.can("finish.retry_policy")) return null;
  if (dice.oneIn(15) && scope.can("finish.past")) return now - 1_000_000;
  return now + dice.pick(swarm.delays);
}

function drawSnooze(dice: Dice, { swarm, scope }: Place): Micros {
  if (swarm.refused && dice.oneIn(4)) return dice.pick([-1, -10_000_000]);
  const duration = dice.pick(swarm.delays);
  // A client that reads its own clock cannot be told apart from the limit to the microsecond.
  return duration === 5_000_001 && !scope.can("finish.exact") ? 6_000_000 : duration;
}
