import type { InsertJob, Op } from "../../spec/model/op.ts";
import { runsOf } from "../../spec/model/periodic.ts";
import { ORIGIN } from "../adapter.ts";

/** The jobs that an operation inserts, or would. */
export function insertedBy(op: Op): readonly InsertJob[] {
  if (op.op === "insert") return op.jobs;
  return op.op === "enqueue_periodic" ? runsOf(op, ORIGIN).map(({ job }) => job) : [];
}

/** The labels of these jobs. */
export const labelsOf = (op: Op): readonly number[] => insertedBy(op).map(({ id }) => id);

/** The same steps with their jobs named #1, #2, … in order of insertion. A job that no step inserts gets the next free number. */
export function relabelled(ops: readonly Op[]): readonly Op[] {
  const names = new Map<number, number>();
  const inserted = ops.flatMap(labelsOf);
  for (const label of inserted) names.set(label, names.size + 1);
  const nameOf = (label: number) => {
    const name = names.get(label) ?? names.size + 1;
    names.set(label, name);
    return name;
  };
  return ops.map((op) => {
    if (op.op === "insert") {
      return { ...op, jobs: op.jobs.map((job) => ({ ...job, id: nameOf(job.id) })) };
    }
    if (op.op === "enqueue_periodic") {
      return { ...op, id: nameOf(labelsOf(op)[0] ?? inserted[0] ?? op.id) };
    }
    if ("job" in op) return { ...op, job: nameOf(op.job) };
    const ids = "ids" in op && op.ids !== undefined ? { ids: op.ids.map(nameOf) } : {};
    const { after = null } = op.op === "list" ? op : {};
    const isJob = after !== null && "job" in after;
    return { ...op, ...ids, ...(isJob ? { after: { job: nameOf(after.job) } } : {}) } as Op;
  });
}
