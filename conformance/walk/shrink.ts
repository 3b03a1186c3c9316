import { Arbitrary, array, type Random, Stream, Value } from "fast-check";
import type { FinishOp, InsertJob, InsertOp, Op } from "../../spec/model/op.ts";

/** Simpler forms of one operation, the simplest first: options dropped, jobs of a call left out, numbers made plain. */
class SimplerOp extends Arbitrary<Op> {
  generate(_random: Random): Value<Op> {
    throw new Error("Operations are walked, not drawn one by one.");
  }

  canShrinkWithoutContext(_value: unknown): _value is Op {
    return true;
  }

  shrink(op: Op): Stream<Value<Op>> {
    return Stream.of(...simpler(op).map((each) => new Value<Op>(each, undefined)));
  }
}

const SEQUENCES = array(new SimplerOp(), { maxLength: 1000, size: "max" });

/** Smaller sequences to try, by fast-check's array shrinker over the plain operations; labels keep pointing at the same jobs. */
export const smaller = (ops: readonly Op[]): Stream<readonly Op[]> =>
  SEQUENCES.shrink([...ops], undefined)
    .map((value): readonly Op[] => value.value)
    .join(Stream.of(...earlier(ops)));

/** The same steps with one of them at the time of the step before it. */
function earlier(ops: readonly Op[]): (readonly Op[])[] {
  return ops.flatMap((op, i) => {
    const at = ops[i - 1]?.now ?? 0;
    if (op.now === at) return [];
    const horizon = op.op === "schedule" ? { horizon: at + op.horizon - op.now } : {};
    return [ops.with(i, { ...op, now: at, ...horizon } as Op)];
  });
}

function simpler(op: Op): Op[] {
  switch (op.op) {
    case "insert":
      return simplerInsert(op);
    case "fetch":
      return op.client === "c1" ? [] : [{ ...op, client: "c1" }];
    case "finish":
      return simplerFinish(op);
    case "schedule":
      return op.horizon === op.now ? [] : [{ ...op, horizon: op.now }];
  }
}

function simplerInsert(op: InsertOp): Op[] {
  const fewer = op.jobs.length < 2 ? [] : op.jobs.map((job) => ({ ...op, jobs: op.jobs.filter((each) => each !== job) }));
  const plainer = op.jobs.flatMap((job) =>
    simplerJob(job).map((each) => ({
      ...op,
      jobs: op.jobs.map((other) => (other === job ? each : other)),
    })),
  );
  return [...fewer, ...plainer];
}

const OPTIONS = [
  "unique",
  "scheduledAt",
  "priority",
  "queue",
  "maxAttempts",
  "pending",
  "tags",
  "metadata",
  "kind",
  "args",
] as const satisfies readonly (keyof InsertJob)[];

function simplerJob(job: InsertJob): InsertJob[] {
  const dropped = OPTIONS.filter((option) => job[option] !== undefined).map((option) => {
    const { [option]: _, ...rest } = job;
    return rest;
  });
  if (job.unique === undefined) return dropped;
  const { byState, ...unique } = job.unique;
  return byState === undefined ? dropped : [...dropped, { ...job, unique }];
}

function simplerFinish(op: FinishOp): Op[] {
  const { outcome } = op;
  if (outcome.metadata === undefined) return [];
  const { metadata: _, ...plain } = outcome;
  return [{ ...op, outcome: plain }];
}
