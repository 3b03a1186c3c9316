import { Arbitrary, array, type Random, Stream, Value } from "fast-check";
import type {
  DeleteManyOp,
  FinishOp,
  InsertJob,
  InsertOp,
  ListOp,
  Op,
  UniqueOptions,
} from "../../spec/model/op.ts";
import { simplerEnqueue } from "./periodic.ts";
import { simplerService } from "./services.ts";
import {
  instantsOfMaintenance,
  retimedMaintenance,
  simplerMaintenance,
} from "./shrink-maintenance.ts";

/** The limit that a schedule has where none is meant, as the notation leaves it out. */
const ALL = 10_000;

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
    .join(Stream.of(...earlier(ops), ...plainTimes(ops)));

const SECOND = 1_000_000;

/** The same steps with waits of whole, small numbers of seconds, in the same order and with the same ties. */
function plainTimes(ops: readonly Op[]): (readonly Op[])[] {
  const instants = [...new Set([0, ...ops.flatMap(instantsOf)])].sort((a, b) => a - b);
  return [30, 10].flatMap((long) =>
    [SECOND, null].flatMap((short) => {
      const plain = new Map<number, number>();
      let at = 0;
      for (const [i, instant] of instants.entries()) {
        const gap = instant - (instants[i - 1] ?? instant);
        at += gap > 5 * SECOND ? long * SECOND : gap === 0 ? 0 : (short ?? gap);
        plain.set(instant, at);
      }
      const origin = plain.get(0) ?? 0;
      const moved = ops.map((op) => retimed(op, (instant) => (plain.get(instant) ?? at) - origin));
      return JSON.stringify(moved) === JSON.stringify(ops) ? [] : [moved];
    }),
  );
}

function instantsOf(op: Op): number[] {
  switch (op.op) {
    case "insert":
      return [op.now, ...op.jobs.flatMap(({ scheduledAt }) => scheduledAt ?? [])];
    case "schedule":
      return [op.now, op.horizon];
    case "rescue":
    case "clean":
    case "clean_queues":
      return instantsOfMaintenance(op);
    case "enqueue_periodic":
      return [op.now, ...(op.since === null ? [] : [op.since])];
    case "finish": {
      const { outcome } = op;
      if (outcome.kind === "snooze") return [op.now, op.now + outcome.for];
      return outcome.kind === "error" && outcome.retryAt !== null
        ? [op.now, outcome.retryAt]
        : [op.now];
    }
    default:
      return [op.now];
  }
}

function retimed(op: Op, move: (instant: number) => number): Op {
  const now = move(op.now);
  switch (op.op) {
    case "insert": {
      const jobs = op.jobs.map((job) =>
        job.scheduledAt === undefined ? job : { ...job, scheduledAt: move(job.scheduledAt) },
      );
      return { ...op, now, jobs };
    }
    case "schedule":
      return { ...op, now, horizon: move(op.horizon) };
    case "rescue":
    case "clean":
    case "clean_queues":
      return retimedMaintenance(op, move);
    case "enqueue_periodic":
      return { ...op, now, since: op.since === null ? null : move(op.since) };
    case "finish": {
      const { outcome } = op;
      if (outcome.kind === "snooze") {
        return { ...op, now, outcome: { ...outcome, for: move(op.now + outcome.for) - now } };
      }
      if (outcome.kind !== "error" || outcome.retryAt === null) return { ...op, now };
      return { ...op, now, outcome: { ...outcome, retryAt: move(outcome.retryAt) } };
    }
    default:
      return { ...op, now };
  }
}

/** The steps without those that insert any other job or ask something of it. */
export const ofJobs = (ops: readonly Op[], labels: ReadonlySet<number>): readonly Op[] =>
  ops.flatMap((op): readonly Op[] => {
    if ("job" in op) return labels.has(op.job) ? [op] : [];
    if (op.op !== "insert" || op.jobs.length === 0) return [op];
    const jobs = op.jobs.filter((job) => labels.has(job.id));
    return jobs.length === 0 ? [] : [{ ...op, jobs }];
  });

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
      return [
        ...(op.client === "c1" ? [] : [{ ...op, client: "c1" }]),
        ...(op.limit === 1 ? [] : [{ ...op, limit: 1 }]),
      ];
    case "finish":
      return simplerFinish(op);
    case "enqueue_periodic":
      return simplerEnqueue(op);
    case "cancel":
    case "retry":
      return [];
    case "schedule":
      return [
        ...(op.horizon === op.now ? [] : [{ ...op, horizon: op.now }]),
        ...(op.limit === ALL ? [] : [{ ...op, limit: ALL }]),
        ...(op.limit === ALL || op.limit === 1 ? [] : [{ ...op, limit: 1 }]),
      ];
    case "update":
      return op.output === "1" ? [] : [{ ...op, output: "1" }];
    case "get":
    case "delete":
      return [];
    case "delete_many":
    case "list":
      return simplerList(op);
    case "rescue":
    case "clean":
    case "clean_queues":
      return simplerMaintenance(op);
    default:
      return simplerService(op);
  }
}

const DROPPED = [
  "ids",
  "kinds",
  "priorities",
  "queues",
  "states",
  "tagsAll",
  "tagsAny",
  "metadata",
  "orderBy",
  "descending",
  "after",
  "limit",
] as const satisfies readonly (keyof DeleteManyOp | keyof ListOp)[];

/** Without one of the filters, or with fewer of its values. */
function simplerList(op: DeleteManyOp | ListOp): Op[] {
  const members: Readonly<Record<string, unknown>> = op;
  return DROPPED.flatMap((name): Op[] => {
    const { [name]: value, ...rest } = members;
    if (value === undefined) return [];
    const values: readonly unknown[] = Array.isArray(value) && value.length > 1 ? value : [];
    const fewer = values.map((each) => values.filter((other) => other !== each));
    return [rest as Op, ...fewer.map((left) => ({ ...op, [name]: left }) as Op)];
  });
}

function simplerInsert(op: InsertOp): Op[] {
  const fewer =
    op.jobs.length < 2
      ? []
      : op.jobs.map((job) => ({ ...op, jobs: op.jobs.filter((each) => each !== job) }));
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

/** What a key may have beside the args. */
const PARTS = [
  "byPeriod",
  "byQueue",
  "excludeKind",
] as const satisfies readonly (keyof UniqueOptions)[];

function simplerJob(job: InsertJob): InsertJob[] {
  // Args by which a job is unique are its key's name.
  const isNamed = job.unique?.byArgs === true && job.args === '{"key":"A"}';
  const options = isNamed ? OPTIONS.filter((option) => option !== "args") : OPTIONS;
  const dropped = options
    .filter((option) => job[option] !== undefined)
    .map((option) => {
      const { [option]: _, ...rest } = job;
      return rest;
    });
  if (job.unique === undefined) return dropped;
  const { byState, ...unique } = job.unique;
  const plain: InsertJob = { ...job, args: '{"key":"A"}', unique: { byArgs: true } };
  const isPlain = job.args === plain.args && JSON.stringify(unique) === '{"byArgs":true}';
  const looser = PARTS.filter((part) => unique[part] !== undefined).map((part) => {
    const { [part]: _, ...rest } = unique;
    return { ...job, unique: { ...rest, ...(byState === undefined ? {} : { byState }) } };
  });
  return [
    ...dropped,
    ...(byState === undefined ? [] : [{ ...job, unique }]),
    ...(isPlain
      ? []
      : [
          plain,
          ...(byState === undefined ? [] : [{ ...plain, unique: { byArgs: true, byState } }]),
        ]),
    ...looser,
  ];
}

function simplerFinish(op: FinishOp): Op[] {
  const { outcome } = op;
  if (outcome.metadata === undefined) return [];
  const { metadata: _, ...plain } = outcome;
  return [{ ...op, outcome: plain }];
}
