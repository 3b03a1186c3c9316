import type { CleanOp, CleanQueuesOp, RescueOp } from "../../spec/model/op.ts";
import type { Micros } from "../../spec/model/state.ts";
import type { Scanner } from "./scanner.ts";
import { printMicros, printNumber } from "./time.ts";

/** How River's client is set up unless told otherwise: what the words leave out. */
const HOUR: Micros = 3_600_000_000;
const MINUTE: Micros = 60_000_000;
const LIMIT = 10_000;
const RETENTION = { cancelled: 24 * HOUR, completed: 24 * HOUR, discarded: 7 * 24 * HOUR };
const FINALS = ["cancelled", "completed", "discarded"] as const;

/** `never` where nothing ends it. */
const printDuration = (duration: Micros): string =>
  duration === -1 ? "never" : printMicros(duration);
const parseDuration = (scanner: Scanner): Micros => (scanner.take("never") ? -1 : scanner.micros());
const printLimit = (limit: number): string => (limit === LIMIT ? "" : ` ${printNumber(limit)}`);

/** ` 2 after 30s timeout never`, each left out where it is River's default: batches of 10,000, an hour, a minute. */
export function printRescue({ limit, after, timeout }: RescueOp): string {
  const stuck = after === HOUR ? "" : ` after ${printMicros(after)}`;
  const client = timeout === MINUTE ? "" : ` timeout ${printDuration(timeout)}`;
  return `${printLimit(limit)}${stuck}${client}`;
}

/** Reads what `printRescue` prints. */
export function parseRescue(scanner: Scanner, now: Micros): RescueOp {
  const limit = scanner.takeNumber() ?? LIMIT;
  const after = scanner.take("after") ? scanner.micros() : HOUR;
  const timeout = scanner.take("timeout") ? parseDuration(scanner) : MINUTE;
  return { op: "rescue", now, after, timeout, limit };
}

/** ` 1 cancelled 1h discarded never`, each left out where it is River's default: 10,000 jobs, a day, discarded ones a week. */
export function printClean(op: CleanOp): string {
  const kept = FINALS.filter((state) => op[state] !== RETENTION[state]);
  return (
    printLimit(op.limit) + kept.map((state) => ` ${state} ${printDuration(op[state])}`).join("")
  );
}

/** Reads what `printClean` prints. */
export function parseClean(scanner: Scanner, now: Micros): CleanOp {
  const limit = scanner.takeNumber() ?? LIMIT;
  const kept: Record<(typeof FINALS)[number], Micros> = { ...RETENTION };
  for (const state of FINALS) if (scanner.take(state)) kept[state] = parseDuration(scanner);
  return { op: "clean", now, ...kept, limit };
}

/** ` 1 after 1h`, each left out where it is River's default: 10,000 rows, a day. */
export function printCleanQueues({ limit, after }: CleanQueuesOp): string {
  return `${printLimit(limit)}${after === 24 * HOUR ? "" : ` after ${printMicros(after)}`}`;
}

/** Reads what `printCleanQueues` prints. */
export function parseCleanQueues(scanner: Scanner, now: Micros): CleanQueuesOp {
  const limit = scanner.takeNumber() ?? LIMIT;
  const after = scanner.take("after") ? scanner.micros() : 24 * HOUR;
  return { op: "clean_queues", now, after, limit };
}
