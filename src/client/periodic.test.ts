import { describe, expect, test } from "vitest";
import { clientsOn, eventually } from "../../conformance/database/clients.ts";
import { brokenConnection, faulty } from "../../conformance/database/faulty.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { Db } from "../db.ts";
import { list } from "../ops/list.ts";
import { job } from "./job-type.ts";
import type { Problem } from "./options.ts";
import { PeriodicService } from "./periodic.ts";
import type { PeriodicEntry } from "./periodic-entry.ts";
import { settingsOf } from "./settings.ts";

const task = job<{ at?: string }>("task");
const START = Date.UTC(2030, 0, 1, 12, 0, 30);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

onBoth((subject) => {
  const { start, make } = clientsOn(subject);

  /** A leader's service whose clock a test sets. */
  function service(periodic: readonly PeriodicEntry[], db: Db = subject.db) {
    const problems: Problem[] = [];
    let nowMs = START;
    const settings = settingsOf({
      periodic,
      clock: () => BigInt(nowMs) * 1000n,
      onProblem: (problem) => void problems.push(problem),
    });
    let changes = 0;
    const one = new PeriodicService(db, settings, () => {
      changes += 1;
    });
    const at = (ms: number) => {
      nowMs = START + ms;
      return one.run(() => false);
    };
    return { one, at, problems, changes: () => changes };
  }
  /** When the jobs were due, after the start, in seconds; with their kind or id. */
  const ticks = async () => {
    const { jobs } = await list(subject.db);
    return jobs.map(
      ({ scheduledAt, kind }) => `${kind} ${Number(scheduledAt) / 1e6 - START / 1e3}`,
    );
  };

  test("runs at its ticks, each counted from the one before, and says when the next is", async () => {
    const { at } = service([
      { schedule: "* * * * *", job: () => task({}) },
      { schedule: "@every 45s", job: () => ({ kind: "every" }) },
    ]);
    expect(await at(0)).toBe(30 * SECOND);
    expect(await ticks()).toEqual([]);
    // Late, but none is dropped.
    expect(await at(95 * SECOND)).toBe(40 * SECOND);
    expect(await ticks()).toEqual(["task 30", "task 90", "every 45", "every 90"]);
    const { jobs } = await list(subject.db);
    expect(jobs.every(({ state }) => state === "available")).toBe(true);
  });

  test("the job is made for its tick, with its options, and null is no job", async () => {
    const { at } = service([
      {
        id: "p",
        schedule: "* * * * *",
        job: (tick) => (tick.getUTCMinutes() === 1 ? task({ at: tick.toISOString() }) : null),
        options: { priority: 2, tags: ["often"], metadata: { own: 1 } },
      },
    ]);
    await at(3 * MINUTE);
    const [made, ...none] = (await list(subject.db)).jobs;
    expect(none).toEqual([]);
    expect(made).toMatchObject({ priority: 2, tags: ["often"] });
    expect(JSON.parse(made?.argsText ?? "")).toEqual({ at: "2030-01-01T12:01:00.000Z" });
    expect(JSON.parse(made?.metadataText ?? "")).toEqual({
      own: 1,
      periodic: true,
      "river:periodic_job_id": "p",
    });
  });

  test("of one id and tick there is one job, whoever led; unique jobs have the tick's period", async () => {
    const entries: PeriodicEntry[] = [
      { id: "once", schedule: "* * * * *", job: () => task({}) },
      {
        schedule: "* * * * *",
        job: () => ({ kind: "unique" }),
        options: { unique: { byPeriodMs: MINUTE } },
      },
    ];
    const leaders = [service(entries), service(entries)];
    for (const { at } of leaders) await at(2 * MINUTE);
    expect((await ticks()).sort()).toEqual(["task 30", "task 90", "unique 30", "unique 90"]);
  });

  test("runs on start, when it begins to lead", async () => {
    const { one, at } = service([{ schedule: "@yearly", job: () => task({}), runOnStart: true }]);
    one.begin();
    await at(0);
    await at(SECOND);
    expect(await ticks()).toEqual(["task 0"]);
    one.begin();
    await at(2 * SECOND);
    expect(await ticks()).toEqual(["task 0", "task 1"]);
  });

  test("what fails for one entry drops no run of another, and its own only if it can never be", async () => {
    const { at, problems } = service([
      {
        id: "throws",
        schedule: "* * * * *",
        job: () => {
          throw new Error("cannot be made");
        },
      },
      { id: "invalid", schedule: "* * * * *", job: () => task({ at: "\0" }) },
      { id: "queue", schedule: "* * * * *", job: () => task({}), options: { queue: "No Queue" } },
      {
        id: "schedule",
        schedule: {
          next() {
            throw new Error("no next");
          },
        },
        job: () => task({}),
      },
      { schedule: "* * * * *", job: () => task({}) },
    ]);
    await at(MINUTE);
    expect(await ticks()).toEqual(["task 30"]);
    expect(problems.map(({ what, tries }) => [what, tries])).toEqual([
      ["periodic job throws", 0],
      ["periodic job invalid", 0],
      ["periodic job queue", 0],
      ["periodic", 1],
    ]);
  });

  test("a tick is done when it is committed: until then it is tried again, and is not doubled", async () => {
    const wire = faulty(subject.db);
    const { at, problems } = service(
      [{ id: "p", schedule: "* * * * *", job: () => task({}) }],
      wire.db,
    );
    wire.before("insert", () => {
      throw brokenConnection();
    });
    expect(await at(30 * SECOND)).toBeLessThan(100);
    expect(await ticks()).toEqual([]);
    wire.before("insert", null);
    wire.after("insert", () => {
      throw brokenConnection();
    });
    await at(31 * SECOND);
    wire.after("insert", null);
    await at(95 * SECOND);
    expect(await ticks()).toEqual(["task 30", "task 90"]);
    expect(problems.map(({ tries }) => tries)).toEqual([1, 2]);
  });

  test("a clock that is set back a little repeats nothing; from far ahead it begins anew", async () => {
    const { at } = service([{ schedule: "* * * * *", job: () => task({}) }]);
    await at(95 * SECOND);
    await at(60 * SECOND);
    await at(95 * SECOND);
    expect(await ticks()).toEqual(["task 30", "task 90"]);
    // A machine that thought it was next week.
    await at(95 * SECOND + 1);
    const week = 7 * 24 * 60;
    const ahead = service([{ schedule: "0 0 * * *", job: () => ({ kind: "daily" }) }]);
    await ahead.at(week * MINUTE);
    await ahead.at(2 * SECOND);
    await ahead.at(13 * 60 * MINUTE);
    const daily = (await ticks()).filter((each) => each.startsWith("daily"));
    expect(daily).toHaveLength(8);
    expect(daily.at(-1)).toBe(daily[0]);
  });

  describe("a client", () => {
    test("adds and removes entries while it leads", async () => {
      const { client, running } = await start({ queues: {} });
      await eventually("it leads", () => running.isLeader);
      const entry: PeriodicEntry = { id: "p", schedule: "@every 1s", job: () => task({}) };
      client.addPeriodic(entry);
      await eventually("a job", async () => (await ticks()).length > 0);
      expect(() => client.addPeriodic(entry)).toThrow("must be one periodic entry's only");
      expect(() => client.addPeriodic({ ...entry, id: "q", schedule: "often" })).toThrow();
      expect(client.removePeriodic(entry)).toBe(true);
      expect(client.removePeriodic(entry)).toBe(false);
      const before = (await ticks()).length;
      client.addPeriodic({ id: "p", schedule: "@yearly", job: () => task({}), runOnStart: true });
      await eventually("a job of the new entry", async () => (await ticks()).length > before);
    });

    test("refuses entries that cannot be", () => {
      const entry: PeriodicEntry = { id: "p", schedule: "@daily", job: () => null };
      for (const options of [
        { periodic: [entry, entry] },
        { periodic: [{ ...entry, schedule: "61 * * * *" }] },
        { periodic: [entry], mayLead: false },
      ])
        expect(() => make(options)).toThrow(expect.objectContaining({ code: "invalid" }));
      const client = make({ mayLead: false });
      expect(() => client.addPeriodic(entry)).toThrow("must be empty where mayLead is false");
    });
  });
});
