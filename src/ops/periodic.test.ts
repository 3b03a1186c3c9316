import { expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import { insert } from "./insert.ts";
import { enqueuePeriodic, type PeriodicJob } from "./periodic.ts";

const SECOND = 1_000_000n;
/** 2030-01-01T00:00:00Z. */
const START = 1_893_456_000n * SECOND;

const entry = (schedule: string, over: Partial<PeriodicJob> = {}): PeriodicJob => ({
  schedule,
  construct: () => ({ kind: "report" }),
  ...over,
});

onBoth((subject) => {
  const ticksOf = async () => {
    const { rows } = await subject.db.query<{ at: string }>(
      "select extract(epoch from scheduled_at)::bigint - $1::bigint as at from river_job order by id",
      [String(START / SECOND)],
    );
    return rows.map(({ at }) => Number(at));
  };

  test("a late leader gives every run that it missed, each its own constructor's", async () => {
    const ticks: bigint[] = [];
    const counted = entry("@every 7s", {
      construct: (tick) => {
        ticks.push(tick);
        return { kind: "report", args: { nth: ticks.length } };
      },
    });
    const done = await enqueuePeriodic(subject.db, START + 20n * SECOND, START, [counted]);
    expect(ticks).toEqual([START + 7n * SECOND, START + 14n * SECOND]);
    expect(done.map(({ job }) => job.argsText)).toEqual(['{"nth": 1}', '{"nth": 2}']);
    expect(done.map(({ job }) => job.state)).toEqual(["available", "available"]);
    expect(await ticksOf()).toEqual([7, 14]);
  });

  test("a leader that begins runs only what runs on start, at now", async () => {
    const timetable = [entry("@every 1s", { runOnStart: true, id: "first" }), entry("@every 1s")];
    const [only, ...rest] = await enqueuePeriodic(subject.db, START, null, timetable);
    expect(rest).toEqual([]);
    expect(JSON.parse(only?.job.metadataText ?? "")).toEqual({
      periodic: true,
      "river:periodic_job_id": "first",
    });
    expect(await ticksOf()).toEqual([0]);
  });

  test("two leaders that overlap give one job of an id and tick, and two where there is no id", async () => {
    const timetable = [entry("* * * * *", { id: "named" }), entry("* * * * *")];
    await enqueuePeriodic(subject.db, START + 61n * SECOND, START, timetable);
    await enqueuePeriodic(subject.db, START + 121n * SECOND, START, timetable);
    expect((await ticksOf()).sort((a, b) => a - b)).toEqual([60, 60, 60, 120, 120]);
  });

  test("a run that meets a holder of its key is its duplicate, and drops no other run", async () => {
    const unique = { byQueue: true };
    await insert(subject.db, START, [{ kind: "report", unique }]);
    const timetable = [
      entry("@every 7s", { construct: () => ({ kind: "report", unique }) }),
      entry("@every 8s"),
    ];
    const done = await enqueuePeriodic(subject.db, START + 10n * SECOND, START, timetable);
    expect(done.map(({ duplicate }) => duplicate)).toEqual([true, false]);
    expect(await ticksOf()).toEqual([0, 8]);
  });

  test("metadata of the job's own stays; what is no object is refused, and nothing is inserted", async () => {
    const own = (metadata: string) =>
      entry("@every 7s", { construct: () => ({ kind: "report", metadata }) });
    const now = START + 8n * SECOND;
    const [first] = await enqueuePeriodic(subject.db, now, START, [
      own(' {"a": 1, "periodic": 0} '),
    ]);
    expect(JSON.parse(first?.job.metadataText ?? "")).toEqual({ a: 1, periodic: true });
    const refused = enqueuePeriodic(subject.db, now, START, [entry("@every 7s"), own("[]")]);
    await expect(refused).rejects.toMatchObject({ code: "invalid" });
    expect(await ticksOf()).toEqual([7]);
  });

  test("nothing due, nothing to do, or a schedule that never comes: nothing is asked of the database", async () => {
    const timetable = [
      entry("@every 1h"),
      entry("0 0 30 2 *"),
      entry("@every 1s", { construct: () => null }),
    ];
    expect(await enqueuePeriodic(subject.db, START + 5n * SECOND, START, timetable)).toEqual([]);
    expect(await ticksOf()).toEqual([]);
  });

  test("a schedule that cannot be read is refused", async () => {
    const refused = enqueuePeriodic(subject.db, START, START, [entry("* * *")]);
    await expect(refused).rejects.toMatchObject({ code: "invalid" });
  });
});
