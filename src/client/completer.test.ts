import { describe, expect, test } from "vitest";
import { eventually, gate } from "../../conformance/database/clients.ts";
import { brokenConnection, faulty } from "../../conformance/database/faulty.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { resultOf } from "../../conformance/database/result-of.ts";
import type { Db } from "../db.ts";
import type { Job } from "../job.ts";
import { fetch } from "../ops/fetch.ts";
import type { Outcome } from "../ops/finish.ts";
import { insert } from "../ops/insert.ts";
import { list } from "../ops/list.ts";
import { Backlog } from "./backlog.ts";
import { Completer } from "./completer.ts";
import { type ClientEvent, Events } from "./events.ts";
import type { Problem } from "./options.ts";
import { settingsOf } from "./settings.ts";

describe("the backlog", () => {
  const waiting = (id: bigint, metadata = "{}") => ({
    result: { id, attempt: 1, attemptedAt: 0n, outcome: { kind: "complete", metadata } as const },
    ranMs: 0,
  });

  test("parts results by number, by size, and where a job comes twice; in order", () => {
    const backlog = new Backlog();
    for (let id = 1n; id <= 2_001n; id++) backlog.add(waiting(id));
    backlog.add(waiting(2_001n));
    backlog.add(waiting(1n, "x".repeat(9_000_000)));
    backlog.add(waiting(2n));
    expect([backlog.size, backlog.ids.length]).toEqual([2_004, 2_004]);
    const batches = [];
    for (let batch = backlog.take(); batch !== null; batch = backlog.take()) batches.push(batch);
    expect(batches.map((batch) => batch.size)).toEqual([1_000, 1_000, 1, 2, 1]);
    expect([backlog.isWaiting, backlog.size]).toEqual([false, 2_004]);
  });

  test("what is given back is taken again before the others, what is done is gone", () => {
    const backlog = new Backlog();
    backlog.add(waiting(1n));
    const batch = backlog.take() ?? new Map();
    backlog.add(waiting(2n));
    backlog.giveBack(batch);
    expect([...(backlog.take()?.keys() ?? [])]).toEqual([1n]);
    const other = backlog.take() ?? new Map();
    backlog.done(other);
    backlog.done(other);
    expect([backlog.size, backlog.ids]).toEqual([1, [1n]]);
  });
});

onBoth((subject) => {
  // Of both databases one will do for what takes its time.
  const once = subject.isConcurrent ? test : () => {};
  function completerOn(db: Db) {
    const problems: Problem[] = [];
    const events = new Events();
    const stream = events.open([]);
    const settings = settingsOf({ onProblem: (problem) => void problems.push(problem) });
    let rooms = 0;
    let onRoom = () => {};
    const completer = new Completer(db, settings, events, () => {
      rooms += 1;
      onRoom();
    });
    const whenRoom = (run: () => void) => {
      onRoom = run;
    };
    const told = async (): Promise<ClientEvent[]> => {
      events.close();
      const read: ClientEvent[] = [];
      for await (const event of stream) read.push(event);
      return read;
    };
    return { completer, problems, told, whenRoom, rooms: () => rooms };
  }
  const fetched = async (count: number): Promise<Job[]> => {
    await insert(
      subject.db,
      null,
      Array.from({ length: count }, () => ({ kind: "k" })),
    );
    return fetch(subject.db, null, { queue: "default", limit: count, client: "c" });
  };
  const states = async () => (await list(subject.db)).jobs.map(({ state }) => state);

  test("writes what comes together in one statement, and tells what was committed", async () => {
    const wire = faulty(subject.db);
    let statements = 0;
    wire.before("finish", () => void statements++);
    const { completer, told, rooms } = completerOn(wire.db);
    const jobs = await fetched(3);
    for (const job of jobs) completer.add(resultOf(job), 1);
    expect([completer.backlog, completer.ids.length]).toEqual([3, 3]);
    expect(await completer.drain()).toBe(0);
    expect([statements, rooms()]).toEqual([1, 1]);
    const rows = (await list(subject.db)).jobs;
    expect(await told()).toEqual(rows.map((job) => ({ kind: "job_completed", job, ranMs: 1 })));
  });

  test("what comes just as the last statement has ended is written, too", async () => {
    const { completer, whenRoom } = completerOn(subject.db);
    const jobs = await fetched(20);
    let added = 0;
    const add = () => {
      const job = jobs[added];
      added += 1;
      if (job) completer.add(resultOf(job), 1);
    };
    whenRoom(async () => {
      // A little later each time.
      for (let left = added; left > 0; left--) await null;
      add();
    });
    add();
    await eventually("all are written", async () =>
      (await states()).every((state) => state === "completed"),
    );
    expect(await completer.drain()).toBe(0);
  });

  test("tries again until the database is back", async () => {
    const wire = faulty(subject.db);
    let left = 3;
    wire.before("finish", () => {
      left -= 1;
      if (left >= 0) throw brokenConnection();
    });
    const { completer, problems, told } = completerOn(wire.db);
    for (const job of await fetched(2)) completer.add(resultOf(job), 1);
    expect(await completer.drain()).toBe(0);
    expect(await states()).toEqual(["completed", "completed"]);
    expect(problems.map(({ what, tries }) => [what, tries])).toEqual([
      ["finish", 1],
      ["finish", 2],
      ["finish", 3],
    ]);
    expect(await told()).toHaveLength(2);
  });

  test("a result whose answer was lost is told once, as it was committed", async () => {
    const wire = faulty(subject.db);
    wire.after("finish", () => {
      wire.after("finish", null);
      throw brokenConnection();
    });
    const { completer, told } = completerOn(wire.db);
    const [job] = await fetched(1);
    if (job) completer.add(resultOf(job, { kind: "snooze", forMicros: 60_000_000n }), 1);
    await completer.drain();
    const [row] = (await list(subject.db)).jobs;
    expect(row).toMatchObject({ state: "scheduled", attempt: 0 });
    expect(await told()).toEqual([{ kind: "job_snoozed", job: row, ranMs: 1 }]);
  });

  test("one result that cannot be written, in a batch of many, fails only its own attempt", async () => {
    const { completer, problems } = completerOn(subject.db);
    const jobs = await fetched(100);
    for (const [at, job] of jobs.entries()) {
      const bad: Outcome = { kind: "complete", metadata: '{"output": 1e999999}' };
      completer.add(resultOf(job, at === 41 ? bad : { kind: "complete" }), 1);
    }
    expect(await completer.drain()).toBe(0);
    const rows = (await list(subject.db)).jobs;
    expect(rows.filter(({ state }) => state === "completed")).toHaveLength(99);
    expect(rows[41]).toMatchObject({ state: "available", metadataText: "{}" });
    expect(rows[41]?.errors).toMatchObject([
      { error: expect.stringMatching(/^result must be one that Postgres can store, but is not: /) },
    ]);
    expect(problems).toMatchObject([{ what: "finish", tries: 0 }]);
  });

  test("what somebody's trigger refuses stays running, and holds up no other", async () => {
    await subject.db.query(
      "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$",
      [],
    );
    await subject.db.query(
      "create trigger refuse before update on river_job for each row when (old.id = 2) execute function refuse()",
      [],
    );
    try {
      const { completer, problems } = completerOn(subject.db);
      const job = { attempt: 1, attemptedAt: 1n } as Job;
      await insert(subject.db, null, [{ kind: "k" }, { kind: "k" }, { kind: "k" }]);
      await subject.db.query(
        "update river_job set state = 'running', attempt = 1, attempted_at = 'epoch'::timestamptz + interval '1 microsecond' where id <> 2",
        [],
      );
      for (const id of [1n, 2n, 3n]) completer.add(resultOf({ ...job, id }), 1);
      expect(await completer.drain()).toBe(0);
      expect(await states()).toEqual(["completed", "available", "completed"]);
      expect(problems.map(({ tries }) => tries)).toEqual([0, 0]);
    } finally {
      await subject.db.query("drop function refuse cascade", []);
    }
  });

  once(
    "when it gives up, it says how many were lost, also where the database never answers",
    async () => {
      const wire = faulty(subject.db);
      wire.before("finish", () => {
        throw brokenConnection();
      });
      const down = completerOn(wire.db);
      for (const job of await fetched(2)) down.completer.add(resultOf(job), 1);
      await eventually("a try", () => down.problems.length > 0);
      down.completer.giveUp();
      expect(await down.completer.drain()).toBe(2);

      const never = gate();
      wire.before("finish", () => never.opened);
      const dead = completerOn(wire.db);
      for (const job of await fetched(1)) dead.completer.add(resultOf(job), 1);
      dead.completer.giveUp();
      expect(await dead.completer.drain()).toBe(1);
      never.open();
      await eventually("the late answer", () => dead.completer.backlog === 0);
    },
  );

  if (!subject.isConcurrent) return;
  test("a result that waits for somebody's lock holds up no later one", async () => {
    const { completer } = completerOn(subject.db);
    const [locked, free] = await fetched(2);
    if (locked === undefined || free === undefined) throw new Error("Two jobs must be there.");
    const commit = gate();
    const isLocked = gate();
    const held = subject.db.begin(async (tx) => {
      await tx.query("select from river_job where id = $1::bigint for update", [String(locked.id)]);
      isLocked.open();
      await commit.opened;
    });
    await isLocked.opened;
    completer.add(resultOf(locked), 1);
    await eventually("it is under way", async () => {
      const { rows } = await subject.db.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        [],
      );
      return rows.length > 0;
    });
    completer.add(resultOf(free), 1);
    await eventually("the other is written", async () => (await states())[1] === "completed");
    expect((await states())[0]).toBe("running");
    commit.open();
    await held;
    expect(await completer.drain()).toBe(0);
    expect((await states())[0]).toBe("completed");
  });
});
