import { expect, test } from "vitest";
import { onBoth, putRow, type Subject } from "../../conformance/database/on-both.ts";
import { QueueError } from "../errors.ts";
import { fetch } from "./fetch.ts";
import { finish } from "./finish.ts";
import { type RescueParams, rescue } from "./rescue.ts";

const NOW = 1_893_456_000_000_000n;
const HOUR = 3_600_000_000n;
const START = "2030-01-01T00:00:00Z";
const STUCK: RescueParams = {
  after: HOUR,
  timeouts: { long: 5n * HOUR, endless: -1n },
  timeout: 60_000_000n,
  limit: 10,
};

const put = (subject: Subject, id: number, more: object = {}) =>
  putRow(subject, { id, state: "running", attempt: 1, attempted_at: START, ...more });

async function rows({ db }: Subject) {
  const { rows } = await db.query<{ id: string; state: string; at: string; metadata: string }>(
    `select id::text, state::text, extract(epoch from scheduled_at)::bigint::text as at, metadata::text
     from river_job order by river_job.id`,
    [],
  );
  return rows.map(({ id, state, at, metadata }) => `${id} ${state} ${at} ${metadata}`);
}

onBoth((subject) => {
  const run = (now: bigint, params: Partial<RescueParams> = {}) =>
    rescue(subject.db, now, { ...STUCK, ...params }, { jitter: 0 });

  test("what is stuck is cancelled, tried again or discarded", async () => {
    await put(subject, 1);
    await put(subject, 2, { max_attempts: 1, kind: "nobody_works_it" });
    await put(subject, 3, { metadata: { cancel_attempted_at: "x" }, kind: "endless" });
    expect(await run(NOW + HOUR)).toBe(0);
    expect(await run(NOW + HOUR + 1n)).toBe(3);
    expect(await run(NOW + HOUR + 1n)).toBe(0);
    expect(await rows(subject)).toEqual([
      '1 retryable 1893459601 {"river:rescue_count": 1}',
      '2 discarded 1893456000 {"river:rescue_count": 1}',
      '3 cancelled 1893456000 {"river:rescue_count": 1, "cancel_attempted_at": "x"}',
    ]);
  });

  test("timeouts are the kind's, else the client's, and take no place of the limit", async () => {
    await put(subject, 1, { kind: "endless" });
    await put(subject, 2, { kind: "long" });
    await put(subject, 3);
    await put(subject, 4, { kind: "endless", args: [1] });
    expect(await run(NOW + 2n * HOUR, { limit: 1 })).toBe(1);
    expect(await run(NOW + 2n * HOUR, { timeout: -1n })).toBe(1);
    expect(await run(NOW + 5n * HOUR - 1n)).toBe(0);
    expect(await run(NOW + 5n * HOUR)).toBe(1);
    const states = (await rows(subject)).map((row) => row.split(" ")[1]);
    expect(states).toEqual(["running", "retryable", "retryable", "retryable"]);
  });

  test("the late result of a rescued attempt changes nothing but the metadata", async () => {
    await putRow(subject, { id: 1 });
    const [job] = await fetch(subject.db, NOW, { queue: "default", limit: 1, client: "c" });
    if (job?.attemptedAt == null) throw new Error("There must be a job.");
    await run(NOW + 2n * HOUR);
    const { id, attempt, attemptedAt } = job;
    const outcome = { kind: "complete", metadata: '{"late": true}' } as const;
    const late = { id, attempt, attemptedAt, outcome };
    const [after] = await finish(subject.db, NOW + 3n * HOUR, [late]);
    expect(after).toMatchObject({
      state: "retryable",
      metadataText: '{"late": true, "river:rescue_count": 1}',
      errors: [{ at: NOW + 2n * HOUR, attempt: 1, error: "Stuck job rescued by JobRescuer" }],
    });
  });

  test("a key is given up and given way, and nothing fails", async () => {
    const key = { unique_key: `\\x${"ab".repeat(32)}` };
    await put(subject, 1, { ...key, unique_states: "00100010" });
    await put(subject, 2, { ...key, unique_states: "00100010", max_attempts: 1 });
    await put(subject, 3, { ...key, unique_states: "00100010" });
    await put(subject, 4);
    expect(await run(NOW + 2n * HOUR)).toBe(4);
    const states = (await rows(subject)).map((row) => row.split(" ")[1]);
    expect(states).toEqual(["retryable", "discarded", "discarded", "retryable"]);
  });

  test("of two passes at once each job is rescued by one", async () => {
    for (let id = 1; id <= 6; id++) await put(subject, id, { max_attempts: 1 });
    const counts = await Promise.all([run(NOW + 2n * HOUR), run(NOW + 2n * HOUR)]);
    expect(counts[0] + counts[1]).toBe(6);
    const { rows: found } = await subject.db.query<{ errors: string }>(
      "select distinct cardinality(errors)::text as errors from river_job",
      [],
    );
    expect(found).toEqual([{ errors: "1" }]);
  });

  test.each<[string, Partial<RescueParams>]>([
    ["after", { after: 0n }],
    ["timeout", { timeout: -2n }],
    ["limit", { limit: 0 }],
    ["timeouts.k", { timeouts: { k: 9_223_372_036_854_776n } }],
    ["timeouts", { timeouts: { "\0": 1n } }],
  ])("%s out of range is refused", async (field, params) => {
    const error = await run(NOW, params).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: "invalid", field });
  });

  test("without a time it is the database's", async () => {
    await put(subject, 1);
    await put(subject, 2, { attempted_at: "2020-01-01T00:00:00Z" });
    expect(await rescue(subject.db, null, STUCK)).toBe(1);
  });
});
