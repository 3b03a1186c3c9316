import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { brokenConnection, faulty } from "../../conformance/database/faulty.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { job } from "./job-type.ts";
import type { ClientOptions } from "./options.ts";
import { worker } from "./worker.ts";

const task = job<{ n?: number }>("task");
const noop = worker(task, () => {});

onBoth((subject) => {
  // Of both databases one will do for what takes its time.
  const once = subject.isConcurrent ? test : () => {};
  const { start, make } = clientsOn(subject);

  test("starts in milliseconds, any number of them in one process", async () => {
    const took = [];
    for (let n = 0; n < 4; n++) {
      const since = performance.now();
      await start({ queues: { [`q${n}`]: { maxWorkers: 1 } }, workers: [noop] });
      took.push(performance.now() - since);
    }
    expect(Math.min(...took)).toBeLessThan(500);
    const client = make();
    const inserted = await client.insertMany(
      [0, 1, 2, 3].map((n) => [task({}), { queue: `q${n}` }] as const),
    );
    for (const result of inserted) await settled(client, result.job.id, "completed");
  });

  test("is not started twice, but again after a stop", async () => {
    const { client, running } = await start({ workers: [noop] });
    await expect(client.start()).rejects.toMatchObject({ code: "invalid" });
    await Promise.all([running.stop(), running.stop(), running.stopped]);
    await running.stop({ hard: true });
    await using again = await client.start({ signals: [] });
    const { job: inserted } = await client.insert(task({}));
    await settled(client, inserted.id, "completed");
    await eventually("it leads again", () => again.isLeader);
  });

  test("a start that fails leaves nothing running, and can be tried again", async () => {
    const wire = faulty(subject.db);
    let sent = 0;
    const db = {
      ...wire.db,
      query: (sql: string, params: unknown[]) => {
        sent += 1;
        return wire.db.query<never>(sql, params);
      },
    };
    const options: ClientOptions = {
      queues: { a: { maxWorkers: 1, fetchPollMs: 5 }, b: { maxWorkers: 1, fetchPollMs: 5 } },
      workers: [noop],
    };
    const client = make(options, db);
    let touches = 0;
    wire.before("touch", () => {
      touches += 1;
      if (touches === 2) throw brokenConnection();
    });
    await expect(client.start({ signals: [] })).rejects.toThrow("Connection terminated");
    const before = sent;
    await sleep(50);
    expect(sent).toBe(before);
    const running = await client.start({ signals: [] });
    await running.stop();
  });

  test("does not start where the tables are not there", async () => {
    const db = {
      ...subject.db,
      query: (sql: string, params: unknown[]) =>
        subject.db.query<never>(sql.replaceAll("river_queue", "river_nothing"), params),
    };
    await expect(make({}, db).start({ signals: [] })).rejects.toMatchObject({ code: "42P01" });
  });

  test("a clock that is set back ends no lease, and jobs go on", async () => {
    let nowMs = Date.UTC(2030, 0, 1);
    const { client, running } = await start({
      clock: () => BigInt(nowMs) * 1000n,
      workers: [worker(task, ({ args }) => (args.n === 0 ? slow.opened : null))],
    });
    const slow = gate();
    await eventually("it leads", () => running.isLeader);
    const { job: long } = await client.insert(task({ n: 0 }));
    await settled(client, long.id, "running");
    nowMs -= 3_600_000;
    slow.open();
    const ended = await settled(client, long.id, "completed");
    expect(ended.finalizedAt).toBeLessThan(ended.attemptedAt ?? 0n);
    const { job: next } = await client.insert(task({}));
    await settled(client, next.id, "completed");
    expect(running.isLeader).toBe(true);
  });

  test("await using stops softly: what runs ends, what waits stays", async () => {
    const begun = gate();
    const end = gate();
    const client = make({
      queues: { default: { maxWorkers: 1 } },
      workers: [
        worker(task, async () => {
          begun.open();
          await end.opened;
        }),
      ],
    });
    const inserted = await client.insertMany([task({}), task({})]);
    const [first, second] = inserted.map((result) => result.job.id) as [bigint, bigint];
    {
      await using _ = await client.start({ signals: [] });
      await begun.opened;
      setImmediate(end.open);
    }
    expect((await client.get(first)).state).toBe("completed");
    expect((await client.get(second)).state).toBe("available");
    const { rows } = await subject.db.query("select from river_leader", []);
    expect(rows).toEqual([]);
  });

  test.each<[string, ClientOptions, boolean]>([
    ["a hard stop", {}, true],
    ["a soft stop that lasts too long", { softStopMs: 20 }, false],
  ])("%s gives back what does not end, whatever it does then", async (_, options, hard) => {
    const begun = gate();
    const end = gate();
    const { client, running, problems } = await start({
      ...options,
      hardStopMs: 50,
      workers: [
        worker(
          task,
          async ({ output }) => {
            begun.open();
            await end.opened;
            output("too late");
            throw new Error("too late");
          },
          { timeoutMs: 3_600_000 },
        ),
      ],
    });
    const { job: inserted } = await client.insert(task({}));
    await begun.opened;
    await running.stop({ hard });
    const row = await client.get(inserted.id);
    expect(row).toMatchObject({ state: "available", attempt: 0, errors: [], metadataText: "{}" });
    end.open();
    await sleep(20);
    expect(await client.get(inserted.id)).toEqual(row);
    expect(problems).toEqual([]);
  });

  test("what a fetch under way brings is worked by a soft stop, and given back by a hard one", async () => {
    for (const hard of [false, true]) {
      let handled = 0;
      const wire = faulty(subject.db);
      const { client, running } = await start(
        { workers: [worker(task, () => void handled++)] },
        wire.db,
      );
      const fetched = gate();
      const answer = gate();
      wire.after("fetch", async () => {
        if ((await client.list({ states: ["running"] })).jobs.length === 0) return;
        fetched.open();
        await answer.opened;
      });
      const { job: inserted } = await client.insert(task({}));
      await fetched.opened;
      const stopped = running.stop({ hard });
      answer.open();
      await stopped;
      const row = await client.get(inserted.id);
      expect([hard, row.state, row.attempt, handled]).toEqual(
        hard ? [true, "available", 0, 0] : [false, "completed", 1, 1],
      );
      await client.cancel(inserted.id);
    }
  });

  test("a fetch whose answer is lost loses no job: they are given back, and worked once", async () => {
    const handled: bigint[] = [];
    const wire = faulty(subject.db);
    // One that ran by this client's name before it started is for the rescuer.
    await subject.db.query(
      "insert into river_job (kind, args, max_attempts, state, attempt, attempted_at, attempted_by) values ('task', '{}', 25, 'running', 1, now() - interval '1 minute', '{me}')",
      [],
    );
    const { client, problems } = await start(
      {
        id: "me",
        queues: { default: { maxWorkers: 5, fetchPollMs: 60_000 } },
        workers: [worker(task, ({ job: { id } }) => void handled.push(id))],
      },
      wire.db,
    );
    let losses = 0;
    wire.after("fetch", () => {
      losses += 1;
      if (losses < 3) throw brokenConnection();
    });
    await client.insertMany(Array.from({ length: 8 }, () => task({})));
    await eventually("all are worked", async () => {
      const { jobs } = await client.list({ states: ["completed"] });
      return jobs.length === 8;
    });
    expect(handled.sort()).toEqual([2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    const { jobs } = await client.list();
    expect(jobs.map(({ attempt, errors }) => [attempt, errors.length])).toEqual(
      jobs.map(() => [1, 0]),
    );
    expect((await client.get(1n)).state).toBe("running");
    expect(problems.splice(0).map(({ what }) => what)).toEqual(["fetch", "fetch"]);
  });

  test("an answer that is lost while it stops loses no job either", async () => {
    const wire = faulty(subject.db);
    const { client, running, problems } = await start({ workers: [noop] }, wire.db);
    const answer = gate();
    const fetched = gate();
    wire.after("fetch", async () => {
      fetched.open();
      await answer.opened;
      throw brokenConnection();
    });
    const { job: inserted } = await client.insert(task({}));
    await fetched.opened;
    const stopped = running.stop();
    answer.open();
    await stopped;
    expect(await client.get(inserted.id)).toMatchObject({ state: "available", attempt: 0 });
    expect(problems.splice(0)).toMatchObject([{ what: "fetch" }]);
  });

  test("a soft stop waits for the database with what must be written, a hard one gives up and says so", async () => {
    for (const hard of [false, true]) {
      const wire = faulty(subject.db);
      const { client, running, problems } = await start(
        { hardStopMs: 20, workers: [noop], mayLead: false },
        wire.db,
      );
      let tries = 0;
      wire.before("finish", () => {
        tries += 1;
        throw brokenConnection();
      });
      const { job: inserted } = await client.insert(task({}));
      await eventually("a try", () => tries > 0);
      const stopped = running.stop({ hard });
      if (!hard) wire.before("finish", null);
      await stopped;
      expect((await client.get(inserted.id)).state).toBe(hard ? "running" : "completed");
      const said = problems.splice(0).filter(({ what }) => what === "stop");
      expect(said.map(({ error }) => String(error))).toEqual(
        hard
          ? ["Error: 1 results must be written, but could not be. Their jobs will be rescued."]
          : [],
      );
      await subject.db.query("truncate river_job", []);
    }
  });

  once("a hard stop ends also where the database never answers", async () => {
    const wire = faulty(subject.db);
    const { client, running, problems } = await start({ hardStopMs: 20, workers: [noop] }, wire.db);
    await eventually("it leads", () => running.isLeader);
    const never = gate();
    const hung = gate();
    for (const statement of ["fetch", "finish", "reelect", "resign", "list"] as const) {
      wire.before(statement, () => {
        if (statement === "fetch") hung.open();
        return never.opened;
      });
    }
    const { job: inserted } = await client.insert(task({}));
    await hung.opened;
    await running.stop({ hard: true });
    // What the answers that come after all bring is given back.
    never.open();
    await eventually("it is given back", async () => {
      const { state, attemptedBy } = await client.get(inserted.id);
      return state === "available" && attemptedBy.length === 1;
    });
    problems.splice(0);
  });
});
