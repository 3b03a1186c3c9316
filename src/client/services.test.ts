import { expect, test } from "vitest";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { faulty } from "../../conformance/database/faulty.ts";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { RIVER_INDEXES, reindex } from "../ops/reindex.ts";
import { job } from "./job-type.ts";
import type { Problem } from "./options.ts";
import { Services } from "./services.ts";
import { settingsOf } from "./settings.ts";
import { worker } from "./worker.ts";

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

onBoth((subject) => {
  // Of both databases one will do for what takes its time.
  const once = subject.isConcurrent ? test : () => {};
  const { start } = clientsOn(subject);
  const states = async (client: Awaited<ReturnType<typeof start>>["client"]) =>
    (await client.list()).jobs.map(({ id, state }) => `${id} ${state}`);

  test("the leader schedules what is due, and a client works it", async () => {
    const task = job("task");
    const { client } = await start({ workers: [worker(task, () => {})] });
    const [soon, late] = await client.insertMany([
      [task({}), { scheduledAt: new Date(Date.now() - 1) }],
      [task({}), { scheduledAt: new Date(Date.now() + HOUR) }],
    ]);
    await settled(client, soon?.job.id ?? 0n, "completed");
    expect((await client.get(late?.job.id ?? 0n)).state).toBe("scheduled");
  });

  test("the leader rescues what runs too long, by each worker's timeout", async () => {
    const running = (id: number, kind: string, hours: number) =>
      putRow(subject, {
        id,
        kind,
        state: "running",
        attempt: 1,
        attempted_at: ago(hours * HOUR),
      });
    await running(1, "plain", 2);
    await running(2, "patient", 2);
    await running(3, "endless", 90);
    await running(4, "patient", 11);
    await running(5, "plain", 0.5);
    await running(6, "unknown", 2);
    const noop = () => {};
    const { client } = await start({
      queues: {},
      workers: [
        worker(job("plain"), noop),
        worker(job("patient"), noop, { timeoutMs: 10 * HOUR }),
        worker(job("endless"), noop, { timeoutMs: -1 }),
      ],
    });
    const rescued = async () =>
      (await client.list()).jobs.filter(({ errors }) => errors.length > 0).map(({ id }) => id);
    await eventually("three are rescued", async () => (await rescued()).length === 3);
    expect(await rescued()).toEqual([1n, 4n, 6n]);
    expect((await client.get(1n)).errors).toMatchObject([
      { error: "Stuck job rescued by JobRescuer" },
    ]);
  });

  test("the leader cleans final jobs and forgotten queues, each for as long as it is kept", async () => {
    const final = (id: number, state: string, hours: number) =>
      putRow(subject, { id, state, finalized_at: ago(hours * HOUR) });
    await final(1, "completed", 25);
    await final(2, "completed", 23);
    await final(3, "cancelled", 9_000);
    await final(4, "discarded", 2);
    await subject.db.query(
      "insert into river_queue (name, updated_at, paused_at) values ('old', now() - interval '25 hours', null), ('held', now() - interval '25 hours', now())",
      [],
    );
    const { client } = await start({
      queues: {},
      cancelledRetentionMs: -1,
      discardedRetentionMs: HOUR,
    });
    await eventually("two are gone", async () => (await states(client)).length === 2);
    expect(await states(client)).toEqual(["2 completed", "3 cancelled"]);
    await eventually("a queue is gone", async () => (await client.queues.list()).length === 1);
    expect((await client.queues.list())[0]?.name).toBe("held");
  });

  test("an index is rebuilt, one that is not there passed over", async () => {
    const oidOf = async (name: string) => {
      const { rows } = await subject.db.query<{ oid: number }>(
        "select relfilenode::int as oid from pg_class where relname = $1::text",
        [name],
      );
      return rows[0]?.oid;
    };
    for (const name of RIVER_INDEXES) {
      const before = await oidOf(name);
      // River's own client, too, passes over indexes that a version of the schema lacks.
      expect([name, await reindex(subject.db, name)]).toEqual([name, before !== undefined]);
      if (before !== undefined) expect(await oidOf(name)).not.toBe(before);
    }
    expect(await reindex(subject.db, 'no "such')).toBe(false);
  });

  test("the remains of a rebuild that was broken off are left, and the index with them", async () => {
    await subject.db.query('create index "river_job_kind_ccnew" on river_job (kind)', []);
    try {
      expect(await reindex(subject.db, "river_job_kind")).toBe(false);
    } finally {
      await subject.db.query('drop index "river_job_kind_ccnew"', []);
    }
    expect(await reindex(subject.db, "river_job_kind")).toBe(true);
  });

  once(
    "the leader rebuilds by schedule, and one index that fails keeps no other from it",
    async () => {
      const names = ["river_job_kind", "broken", "river_job_args_index"];
      const rebuilt: string[] = [];
      const db = {
        ...subject.db,
        query: async <Row>(sql: string, params: unknown[]) => {
          const [, name] = /^reindex index concurrently "(.*)"$/.exec(sql) ?? [];
          if (params[0] === "broken") throw new Error("it is broken");
          const answer = await subject.db.query<Row>(sql, params);
          if (name !== undefined) rebuilt.push(name);
          return answer;
        },
      };
      let nowMs = Date.UTC(2030, 0, 1, 12);
      const { running, problems } = await start(
        {
          queues: {},
          clock: () => BigInt(nowMs) * 1000n,
          reindex: { schedule: "@every 1s", indexes: names },
        },
        db,
      );
      await eventually("it leads", () => running.isLeader);
      expect(rebuilt).toEqual([]);
      nowMs += 1_500;
      await eventually("both are rebuilt", () => rebuilt.length >= 2);
      expect(rebuilt.slice(0, 2)).toEqual(["river_job_kind", "river_job_args_index"]);
      await running.stop();
      expect(problems.splice(0)[0]).toMatchObject({ what: "reindex of broken", tries: 0 });
    },
  );

  once(
    "services end with the trust in the lease, and a rebuild that goes on holds nothing up",
    async () => {
      const wire = faulty(subject.db);
      const problems: Problem[] = [];
      let turns = 0;
      const isSlow = gate();
      const db = {
        ...wire.db,
        query: async <Row>(sql: string, params: unknown[]) => {
          if (params[0] === "slow") {
            isSlow.open();
            return new Promise<never>(() => {});
          }
          turns += 1;
          return wire.db.query<Row>(sql, params);
        },
      };
      let nowMs = Date.UTC(2030, 0, 1);
      const settings = settingsOf({
        clock: () => BigInt(nowMs) * 1000n,
        reindex: { schedule: "@every 1s", indexes: ["slow"] },
        onProblem: (problem) => void problems.push(problem),
      });
      const services = new Services(db, settings);
      let isLeading = true;
      await services.start(() => isLeading);
      await eventually("they began", () => turns >= 4);
      nowMs += 2_000;
      await isSlow.opened;
      await services.stop();
      isLeading = false;
      turns = 0;
      await services.start(() => isLeading);
      await services.stop();
      expect([turns, problems]).toEqual([0, []]);
    },
  );
});
