import { expect, test } from "vitest";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import type { Job } from "../job.ts";
import { fetch } from "./fetch.ts";
import { type FinishParams, finish, type Outcome } from "./finish.ts";
import { type InsertParams, insert } from "./insert.ts";

const NOW = 1_893_456_000_000_001n;
const LATER = NOW + 1_000_000n;
const SECOND = 1_000_000n;

const of = (job: Job, outcome: Outcome): FinishParams => ({
  id: job.id,
  attempt: job.attempt,
  attemptedAt: job.attemptedAt ?? 0n,
  outcome,
});

onBoth((subject) => {
  const run = async (more: Partial<InsertParams> = {}): Promise<Job> => {
    await insert(subject.db, NOW, [{ kind: "k", ...more }]);
    const [job] = await fetch(subject.db, NOW, { queue: "default", limit: 1, client: "c" });
    if (job === undefined) throw new Error("A job must have been fetched.");
    return job;
  };
  const end = async (job: Job, outcome: Outcome, jitter = 0): Promise<Job | undefined> =>
    (await finish(subject.db, LATER, [of(job, outcome)], { jitter }))[0];
  const running = {
    state: "running",
    attempt: 1,
    attempted_at: "2030-01-01T00:00:00.000001Z",
  } as const;
  const put = (id: number, more: object) => putRow(subject, { id, ...running, ...more });
  const held = (id: number, outcome: Outcome): FinishParams => ({
    id: BigInt(id),
    attempt: 1,
    attemptedAt: NOW,
    outcome,
  });
  const error = (retryAt: bigint | null = null): Outcome => ({
    kind: "error",
    message: "e",
    retryAt,
  });
  const recorded = { at: NOW, attempt: 1, error: "e", trace: "" };

  test("complete", async () => {
    const job = await run();
    const want = { ...job, state: "completed", finalizedAt: LATER, metadataText: '{"a": 1}' };
    expect(await end(job, { kind: "complete", metadata: '{"a":1}' })).toEqual(want);
  });

  test.each([
    ["available", 0n],
    ["available", 5n * SECOND],
    ["retryable", 5n * SECOND + 1n],
  ])("error with attempts left becomes %s if the retry is %s µs away", async (state, delay) => {
    const job = await run();
    const scheduledAt = LATER + delay;
    const ended = await end(job, error(scheduledAt));
    expect(ended).toEqual({ ...job, state, scheduledAt, errors: [recorded] });
  });

  test.each([
    ["available", 0n, 1n],
    ["available", 5n * SECOND, 5n * SECOND],
    ["retryable", 60n * SECOND, 60n * SECOND],
  ])("a retry is counted from the write: %s in %s µs", async (state, retryIn, delay) => {
    const job = await run();
    const outcome: Outcome = { kind: "error", message: "e", retryAt: null, retryIn };
    const ended = await end(job, outcome);
    expect(ended).toEqual({ ...job, state, scheduledAt: LATER + delay, errors: [recorded] });
  });

  test("the last error discards", async () => {
    const job = await run({ maxAttempts: 1 });
    const ended = await end(job, { kind: "error", message: 'e\n"é', trace: "t", retryAt: LATER });
    const errors = [{ ...recorded, error: 'e\n"é', trace: "t" }];
    expect(ended).toEqual({ ...job, state: "discarded", finalizedAt: LATER, errors });
  });

  test("an error's element is River's", async () => {
    await run();
    await put(7, { attempted_at: "2030-01-01T00:00:10Z", errors: [{ old: 1 }] });
    await finish(subject.db, LATER, [
      held(1, error()),
      { ...held(7, error()), attemptedAt: NOW + 9_999_999n },
    ]);
    const { rows } = await subject.db.query<{ errors: string }>(
      "select to_json(errors::text[])::text as errors from river_job order by id",
      [],
    );
    const element = (at: string) => `{"at": "${at}", "error": "e", "trace": "", "attempt": 1}`;
    expect(rows.map(({ errors }) => JSON.parse(errors))).toEqual([
      [element("2030-01-01T00:00:00.000001Z")],
      ['{"old": 1}', element("2030-01-01T00:00:10Z")],
    ]);
  });

  test("discard and cancel are final", async () => {
    const first = await run();
    const second = await run();
    expect(await end(first, { kind: "discard", message: "no" })).toEqual({
      ...first,
      state: "discarded",
      finalizedAt: LATER,
      errors: [{ ...recorded, error: "no" }],
    });
    expect(await end(second, { kind: "cancel", message: "no" })).toEqual({
      ...second,
      state: "cancelled",
      finalizedAt: LATER,
      errors: [{ ...recorded, error: "JobCancelError: no" }],
    });
  });

  test.each([
    ["available", 0n],
    ["available", 5n * SECOND],
    ["scheduled", 5n * SECOND + 1n],
    ["scheduled", 9_223_372_036_854_775n],
  ])("snooze becomes %s after %s µs, and gives the attempt back", async (state, forMicros) => {
    const job = await run({ metadata: '{"a":1,"b":2}' });
    expect(await end(job, { kind: "snooze", forMicros, metadata: '{"b":3,"snoozes":9}' })).toEqual({
      ...job,
      state,
      attempt: 0,
      scheduledAt: LATER + forMicros,
      metadataText: '{"a": 1, "b": 3, "snoozes": 1}',
    });
  });

  test("interrupt gives the job back at once", async () => {
    const job = await run();
    const want = { ...job, state: "available", attempt: 0, scheduledAt: LATER };
    expect(await end(job, { kind: "interrupt" })).toEqual(want);
    await put(9, { attempt: 0 });
    const [ended] = await finish(subject.db, LATER, [
      { ...held(9, { kind: "interrupt" }), attempt: 0 },
    ]);
    expect(ended).toMatchObject({ state: "available", attempt: 0 });
  });

  test.each<[string, Outcome, object]>([
    ["error", error(), { errors: [recorded] }],
    [
      "snooze",
      { kind: "snooze", forMicros: 1n },
      { errors: [], metadataText: '{"snoozes": 1, "cancel_attempted_at": "x"}' },
    ],
    [
      "interrupt",
      { kind: "interrupt", metadata: '{"a":1}' },
      { errors: [], metadataText: '{"a": 1, "cancel_attempted_at": "x"}' },
    ],
  ])("%s of a job that shall be cancelled cancels it", async (_, outcome, more) => {
    const job = await run({ metadata: '{"cancel_attempted_at":"x"}' });
    const ended = await end(job, outcome);
    expect(ended).toEqual({ ...job, state: "cancelled", finalizedAt: LATER, ...more });
  });

  test("a request to cancel does not matter where the job ends anyway", async () => {
    const job = await run({ metadata: '{"cancel_attempted_at":"x"}', maxAttempts: 1 });
    expect(await end(job, error())).toMatchObject({ state: "discarded" });
    const updates = await run();
    const outcome: Outcome = { ...error(LATER), metadata: '{"cancel_attempted_at":1}' };
    expect(await end(updates, outcome)).toMatchObject({ state: "available" });
  });

  test("another fetch, though its number is the same: nothing changes", async () => {
    const job = await run();
    const snoozed = await end(job, { kind: "snooze", forMicros: 0n });
    const [again] = await fetch(subject.db, LATER, { queue: "default", limit: 1, client: "c" });
    expect(again).toMatchObject({ id: job.id, attempt: 1, state: "running" });
    expect(snoozed?.attempt).toBe(0);
    expect(await end(job, { kind: "complete", metadata: '{"a":1}' })).toEqual(again);
    expect(await end(job, error())).toEqual(again);
  });

  test("the same fetch, no longer running: only metadata is merged", async () => {
    const job = await run();
    const done = await end(job, { kind: "complete" });
    const merged = await end(job, { kind: "discard", message: "x", metadata: '{"a":1}' });
    expect(merged).toEqual({ ...done, metadataText: '{"a": 1}' });
    const counted = await end(job, { kind: "snooze", forMicros: 1n });
    expect(counted).toEqual({ ...done, metadataText: '{"a": 1, "snoozes": 1}' });
    expect(await end(job, error())).toEqual(counted);
  });

  test("a batch answers in its order, without what is gone", async () => {
    const jobs = [await run(), await run(), await run()];
    await subject.db.query("delete from river_job where id = 2", []);
    const results = jobs.map((job) => of(job, { kind: "complete" })).reverse();
    const ended = await finish(subject.db, LATER, results);
    expect(ended.map(({ id }) => id)).toEqual([3n, 1n]);
    expect(await finish(subject.db, LATER, [])).toEqual([]);
  });

  test.each([
    [0, 0, 1n * SECOND],
    [0, 1, 1_100_000n],
    [1, -1, 14_400_000n],
    [7, 0.5, 4_300_800_000n],
    [308, 0, 9_116_621_361n * SECOND],
    [308, 1, 9_223_372_036_854_775n],
    [309, -1, 9_223_372_036_854_775n],
    [400, 0, 9_223_372_036_854_775n],
  ])("after %s errors, with jitter %s, the retry is %s µs away", async (count, jitter, delay) => {
    const errors = Array.from({ length: count }, () => ({ any: 1 }));
    await put(1, { errors });
    await put(2, { errors });
    const ended = await finish(subject.db, LATER, [held(1, error()), held(2, error(LATER - 1n))], {
      jitter,
    });
    expect(ended.map(({ scheduledAt }) => scheduledAt - LATER)).toEqual([delay, delay]);
  });

  test("the jitter is random, and at most a tenth either way", async () => {
    const ids = Array.from({ length: 50 }, (_, at) => at + 1);
    for (const id of ids) await put(id, { errors: [{}] });
    const ended = await finish(
      subject.db,
      LATER,
      ids.map((id) => held(id, error())),
    );
    const delays = ended.map(({ scheduledAt }) => Number(scheduledAt - LATER));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(14_400_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(17_600_000);
    expect(new Set(delays).size).toBeGreaterThan(40);
  });

  test.each<[string, FinishParams[], number?]>([
    ["an id twice", [held(1, { kind: "complete" }), held(1, { kind: "interrupt" })]],
    ["a negative snooze", [held(1, { kind: "snooze", forMicros: -1n })]],
    ["a snooze too long", [held(1, { kind: "snooze", forMicros: 2n ** 63n })]],
    ["metadata that is no object", [held(1, { kind: "complete", metadata: "[]" })]],
    [
      "metadata that jsonb cannot hold",
      [held(1, { kind: "complete", metadata: '{"a":"\\u0000"}' })],
    ],
    ["NUL in a message", [held(1, { kind: "cancel", message: "\0" })]],
    [
      "half a pair in a trace",
      [held(1, { kind: "error", message: "", trace: "\udc00", retryAt: null })],
    ],
    ["an id too large", [{ ...held(1, { kind: "complete" }), id: 2n ** 63n }]],
    ["a retry past all years", [held(1, error(10n ** 18n))]],
    ["too much jitter", [held(1, error())], 1.1],
  ])("%s is refused, and nothing done", async (_, results, jitter) => {
    await put(1, {});
    const call = finish(subject.db, LATER, results, { jitter: jitter ?? null });
    await expect(call).rejects.toMatchObject({ name: "QueueError", code: "invalid" });
    const { rows } = await subject.db.query("select state::text from river_job", []);
    expect(rows).toEqual([{ state: "running" }]);
  });
});
