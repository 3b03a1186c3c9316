import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import type { Micros } from "../../spec/model/state.ts";

const HOUR: Micros = 3_600_000_000;
const ALL = 10_000;
const RETENTIONS = {
  cancelled: 24 * HOUR,
  completed: 24 * HOUR,
  discarded: 7 * 24 * HOUR,
} as const;

type MaintenanceOp = RescueOp | CleanOp | CleanQueuesOp;

/** A rescue or clean with one parameter as River has it by default. */
export function simplerMaintenance(op: MaintenanceOp): MaintenanceOp[] {
  const plain =
    op.op === "rescue"
      ? { limit: ALL, after: HOUR, timeout: HOUR / 60 }
      : op.op === "clean"
        ? { limit: ALL, ...RETENTIONS }
        : { limit: ALL, after: 24 * HOUR };
  return Object.entries(plain).flatMap(([name, value]) =>
    op[name as keyof typeof op] === value ? [] : [{ ...op, [name]: value }],
  );
}

/** The instants that the durations of a rescue or clean reach back to, and its own. */
export const instantsOfMaintenance = (op: MaintenanceOp): number[] => [
  op.now,
  ...durationsOf(op).map(([, duration]) => op.now - duration),
];

/** The same rescue or clean with every instant moved. */
export function retimedMaintenance<O extends MaintenanceOp>(
  op: O,
  move: (instant: number) => number,
): O {
  const now = move(op.now);
  const durations = durationsOf(op).map(
    ([name, duration]) => [name, Math.max(1, now - move(op.now - duration))] as const,
  );
  return { ...op, now, ...Object.fromEntries(durations) };
}

/** A duration of −1 is for ever, and reaches back to nothing. */
function durationsOf(op: MaintenanceOp): (readonly [name: string, duration: Micros])[] {
  const all =
    op.op === "rescue"
      ? { after: op.after, timeout: op.timeout }
      : op.op === "clean"
        ? { cancelled: op.cancelled, completed: op.completed, discarded: op.discarded }
        : { after: op.after };
  return Object.entries(all).filter(([, duration]) => duration >= 0);
}
