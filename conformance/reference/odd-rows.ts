import fc from "fast-check";
import { holdersOf, holds } from "../../spec/model/key.ts";
import type {
  CancelOp,
  DeleteOp,
  FetchOp,
  FinishOp,
  GetOp,
  Outcome,
  RetryOp,
  ScheduleOp,
  UpdateOp,
} from "../../spec/model/op.ts";
import { EMPTY, JOB_STATES, type Job, type State } from "../../spec/model/state.ts";
import { isFinal } from "../../spec/model/words.ts";

/** An instant up to ten seconds before or after the origin. */
export const oddInstant = fc.integer({ min: -10_000_000, max: 10_000_000 });
/** Metadata as clients of any age and by hand leave it: no object, odd counts, marks. */
export const oddMetadata = fc.constantFrom(
  "{}",
  "[]",
  '"x"',
  "null",
  '{"snoozes": "1e3"}',
  '{"snoozes": 9223372036854775807}',
  '{"cancel_attempted_at": null}',
  '{"river:rescue_count": 2.9, "cancel_attempted_at": 1}',
  '{"river:rescue_count": -99999999999999999999}',
  '{"river:rescue_count": "1"}',
  '{"snoozes": [1], "unique_key_conflict": 1}',
);
const job = (id: number): fc.Arbitrary<Job> =>
  fc
    .record({
      // What runs or waits can be acted upon, so there is more of it.
      state: fc.constantFrom(...JOB_STATES, "running", "running", "scheduled", "available"),
      attempt: fc.constantFrom(0, 1, 1, 2, 2, 3, 32_767),
      maxAttempts: fc.constantFrom(1, 2, 25, 32_767),
      attemptedAt: fc.option(oddInstant, { freq: 6 }),
      createdAt: oddInstant,
      scheduledAt: oddInstant,
      priority: fc.integer({ min: 1, max: 4 }),
      args: fc.constantFrom("{}", "[]", '{"key": "A"}', "1"),
      attemptedBy: fc.array(fc.constantFrom("c1", "c2"), { maxLength: 3 }),
      errors: fc.constantFrom([], [{ other: "null" }]),
      kind: fc.constantFrom("weir", "other", "weir_never", "stranger"),
      metadata: oddMetadata,
      queue: fc.constantFrom("default", "other"),
      tags: fc.constantFrom([], [""], ["a b"]),
      uniqueKey: fc.option(fc.constantFrom("aa", "aa", "aa", "bb"), { freq: 8 }),
      uniqueStates: fc.option(fc.nat(255), { freq: 6 }),
    })
    .map((row) => ({ ...row, id, finalizedAt: isFinal(row.state) ? row.createdAt : null }));

/** Rows that the table lets stand beside each other, up to six: any mask, keys without one, any attempt; no key is held twice. */
export const oddState: fc.Arbitrary<State> = fc
  .constantFrom(1, 2, 3, 4, 6)
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => job(i + 1))))
  .map((rows) => {
    const jobs = new Map<number, Job>();
    for (const row of rows) {
      const isTaken = holdersOf({ ...EMPTY, jobs }, row.uniqueKey ?? "").length > 0;
      if (!holds(row) || !isTaken) jobs.set(row.id, row);
    }
    const held = ({ attempt, attemptedAt }: Job) =>
      attemptedAt === null ? [] : [{ attempt, attemptedAt }];
    return { ...EMPTY, jobs, fetches: new Map([...jobs].map(([id, row]) => [id, held(row)])) };
  });

const good = fc.constantFrom("{}", '{"a":1}', '{"snoozes":7}', '{"a":[1],"a":2}');
const updates = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 5, arbitrary: good },
  { weight: 1, arbitrary: fc.constantFrom("[]", "{", "") },
);
const outcome: fc.Arbitrary<Outcome> = fc
  .tuple(
    fc.constantFrom<Outcome>(
      { kind: "complete" },
      { kind: "error", message: "", retryAt: null },
      { kind: "error", message: "…", retryAt: 6_000_000 },
      { kind: "error", message: "x", retryAt: -1 },
      { kind: "discard", message: "x" },
      { kind: "cancel", message: "x" },
      { kind: "snooze", for: 0 },
      { kind: "snooze", for: 9_000_000 },
      { kind: "snooze", for: -1 },
      { kind: "interrupt" },
    ),
    updates,
  )
  .map(([each, merged]) => (merged === undefined ? each : { ...each, metadata: merged }));
/** The time of an operation. */
export const oddNow = fc.integer({ min: 0, max: 10_000_000 });
/** Any outcome, of a job that may be none, and of any of its fetches. */
export const oddFinish: fc.Arbitrary<FinishOp> = fc.record(
  {
    op: fc.constant("finish" as const),
    now: oddNow,
    job: fc.constantFrom(1, 1, 1, 2, 2, 3, 8),
    fetch: fc.constantFrom(0, 0, 0, 1),
    outcome,
  },
  { requiredKeys: ["op", "now", "job", "outcome"] },
);

/** A fetch of few jobs from one of the queues of `oddState`. */
export const oddFetch: fc.Arbitrary<FetchOp> = fc.record({
  op: fc.constant("fetch"),
  now: oddNow,
  queue: fc.constantFrom("default", "other"),
  limit: fc.nat(4),
  client: fc.constant("c1"),
});

/** A scheduling of few jobs, up to five seconds ahead. */
export const oddSchedule: fc.Arbitrary<ScheduleOp> = fc
  .record({ op: fc.constant("schedule"), now: oddNow, ahead: fc.nat(5_000_000), limit: fc.nat(4) })
  .map(({ ahead, ...rest }) => ({ ...rest, horizon: rest.now + ahead }));

const oddJob = fc.constantFrom(1, 1, 2, 2, 3, 8);

/** A cancel or a retry of one of the jobs of `oddState`, or of none. */
export const oddControl: fc.Arbitrary<CancelOp | RetryOp> = fc.record({
  op: fc.constantFrom("cancel", "retry"),
  now: oddNow,
  job: oddJob,
});

/** A look at a job that may be none. */
export const oddGet: fc.Arbitrary<GetOp> = fc.record({
  op: fc.constant("get"),
  now: oddNow,
  job: oddJob,
});

/** The delete of a job that may be none. */
export const oddDelete: fc.Arbitrary<DeleteOp> = fc.record({
  op: fc.constant("delete"),
  now: oddNow,
  job: oddJob,
});

/** The output of a job that may be none. */
export const oddUpdate: fc.Arbitrary<UpdateOp> = fc.record({
  op: fc.constant("update"),
  now: oddNow,
  job: oddJob,
  output: fc.constantFrom("null", "[1, 2]", '{"a":1,"a":2}', "1e3", "{", ""),
});
