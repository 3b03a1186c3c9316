import type { EnqueuePeriodicOp, PeriodicJob } from "../../spec/model/op.ts";
import { parseOptions, printOptions } from "./insert.ts";
import { isLabel, type Scanner } from "./scanner.ts";
import { printMicros } from "./time.ts";
import { printName } from "./words.ts";

/** What no entry of a timetable can say of its job. */
const NOT_SAID = ["due", "pending"];

/** The timetable of a look, `#1 since 0s; "@every 7s" named report, unique A; "0 * * * *" nothing`; null if there are no words for it. */
export function printEnqueue({ id, since, jobs }: EnqueuePeriodicOp): string | null {
  const entries = jobs.map(printEntry);
  if (!isLabel(id) || jobs.length === 0 || entries.includes(null)) return null;
  const last = since === null ? "" : ` since ${printMicros(since)}`;
  return ` #${id}${last}; ${entries.join("; ")}`;
}

/** Reads the first label, the last look and the timetable. */
export function parseEnqueue(scanner: Scanner, now: number): EnqueuePeriodicOp {
  const id = scanner.label();
  const since = scanner.take("since") ? scanner.micros() : null;
  const jobs: PeriodicJob[] = [];
  scanner.expect(";");
  do jobs.push(parseEntry(scanner));
  while (scanner.take(";"));
  return { op: "enqueue_periodic", now, id, since, jobs };
}

function printEntry({ schedule, name, onStart, job }: PeriodicJob): string | null {
  const options = job === null ? [" nothing"] : printOptions(job);
  if (options === null) return null;
  const own = [
    ...(onStart === true ? [" on start"] : []),
    ...(name === undefined ? [] : [` named ${printName(name)}`]),
  ];
  return `${printName(schedule)}${[...own, ...options].join(",")}`;
}

function parseEntry(scanner: Scanner): PeriodicJob {
  const schedule = scanner.name();
  const onStart = scanner.take("on");
  if (onStart) scanner.expect("start");
  let isOwed = onStart && scanner.take(",");
  let isOpen = isOwed || !onStart;
  const name = isOpen && scanner.take("named") ? scanner.name() : undefined;
  if (name !== undefined) {
    isOwed = scanner.take(",");
    isOpen = isOwed;
  }
  const said = {
    schedule,
    ...(onStart && ({ onStart } as const)),
    ...(name !== undefined && { name }),
  };
  if (!isOpen) return { ...said, job: {} };
  if (scanner.take("nothing")) return { ...said, job: null };
  return { ...said, job: parseOptions(scanner, NOT_SAID, isOwed) };
}
