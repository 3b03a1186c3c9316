import { expect, test } from "vitest";
import { clientsOn, eventually, gate, settled } from "../../conformance/database/clients.ts";
import { brokenConnection, faulty } from "../../conformance/database/faulty.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import type { Queue } from "../queue.ts";
import { job } from "./job-type.ts";
import { Pause } from "./pause.ts";
import { worker } from "./worker.ts";

const task = job("task");
const deaf = { maxWorkers: 10, fetchPollMs: 60_000 };

test("a row that was read before it was paused does not undo what was told meanwhile", async () => {
  const changes: boolean[] = [];
  const pause = new Pause((isPaused) => changes.push(isPaused));
  const rows = [gate<Queue>(), gate<Queue>()];
  let reads = 0;
  const look = pause.look(() => rows[reads++]?.opened ?? Promise.reject(new Error("no more")));
  pause.tell(true);
  rows[0]?.open({ pausedAt: null } as Queue);
  await eventually("a second look", () => reads === 2);
  rows[1]?.open({ pausedAt: 1n } as Queue);
  await look;
  expect([changes, pause.isPaused]).toEqual([[true], true]);
});

onBoth((subject) => {
  // Of both databases one will do for what takes its time.
  const once = subject.isConcurrent ? test : () => {};
  const { start, make } = clientsOn(subject);

  test.each(["one", "*"])(
    "a pause of %s by another client stops fetching until it resumes",
    async (name) => {
      const wire = faulty(subject.db);
      let underway = 0;
      wire.before("fetch", () => void underway++);
      wire.after("fetch", () => void underway--);
      const { client } = await start(
        { queues: { one: deaf, two: deaf }, workers: [worker(task, () => {})] },
        wire.db,
      );
      const other = make();
      const events = client.events("queue_paused", "queue_resumed");
      await other.queues.pause(name);
      await other.queues.pause(name);
      expect((await events.next()).value).toEqual({ kind: "queue_paused", queue: "one" });
      if (name === "*") expect((await events.next()).value?.queue).toBe("two");
      // A fetch that was on its way before would still bring something.
      await eventually("none is under way", () => underway === 0);
      const inserted = await other.insertMany([
        [task({}), { queue: "one" }],
        [task({}), { queue: "two" }],
      ]);
      const [one, two] = inserted.map((result) => result.job.id) as [bigint, bigint];
      if (name === "one") await settled(client, two, "completed");
      expect((await client.get(one)).state).toBe("available");
      await other.queues.resume(name);
      await settled(client, one, "completed");
      await settled(client, two, "completed");
      expect((await events.next()).value?.kind).toBe("queue_resumed");
    },
  );

  once("a client that starts learns of a pause, one that only polls too", async () => {
    const { client, running } = await start({ queues: { one: deaf } });
    await client.queues.pause("one");
    await running.stop();
    const second = await start({
      queues: { one: { maxWorkers: 1 } },
      pollOnly: true,
      workers: [worker(task, () => {})],
    });
    const { job: inserted } = await client.insert(task({}), { queue: "one" });
    const events = second.client.events("queue_resumed", "queue_paused");
    await client.queues.resume("one");
    expect((await events.next()).value?.kind).toBe("queue_resumed");
    await settled(client, inserted.id, "completed");
    await client.queues.pause("one");
    expect((await events.next()).value?.kind).toBe("queue_paused");
    // Also where its row is deleted: it is made anew.
    await subject.db.query("delete from river_queue", []);
    expect((await events.next()).value?.kind).toBe("queue_resumed");
    expect((await client.queues.list()).map((queue) => queue.name)).toEqual(["one"]);
  });

  test("queues are added and removed while it works", async () => {
    const end = gate();
    let begun = 0;
    const { client } = await start({
      queues: {},
      workers: [
        worker(task, async () => {
          begun += 1;
          if (begun === 1) await end.opened;
        }),
      ],
    });
    const inserted = await client.insertMany([1, 2, 3].map(() => [task({}), { queue: "late" }]));
    const ids = inserted.map((result) => result.job.id) as [bigint, bigint, bigint];
    await client.queues.add("late", { maxWorkers: 1, fetchPollMs: 60_000 });
    await settled(client, ids[0], "running");
    const again = { maxWorkers: 2, fetchPollMs: 60_000 };
    await expect(client.queues.add("late", again)).rejects.toMatchObject({ code: "invalid" });
    await expect(client.queues.add("La te", again)).rejects.toMatchObject({ code: "invalid" });

    const removed = client.queues.remove("late");
    // It waits until the other is gone.
    const added = client.queues.add("late", again);
    end.open();
    await removed;
    expect((await client.get(ids[0])).state).not.toBe("available");
    await added;
    for (const id of ids) await settled(client, id, "completed");

    await client.queues.remove("late");
    const { job: left } = await client.insert(task({}), { queue: "late" });
    expect(client.queues.configured).toEqual({});
    await client.queues.add("other", deaf);
    const { job: other } = await client.insert(task({}), { queue: "other" });
    await settled(client, other.id, "completed");
    expect((await client.get(left.id)).state).toBe("available");
  });

  test("a client that fetches only known kinds leaves the others to others", async () => {
    const { client } = await start({
      onlyKnownKinds: true,
      workers: [worker(task, () => {})],
    });
    const inserted = await client.insertMany([{ kind: "stranger" }, task({})]);
    const [stranger, known] = inserted.map((result) => result.job.id) as [bigint, bigint];
    await settled(client, known, "completed");
    expect((await client.get(stranger)).state).toBe("available");
    await start({ workers: [worker(job("stranger"), () => {})] });
    await settled(client, stranger, "completed");
  });

  test("results of a busy queue that wait to be written keep no small one from its jobs", async () => {
    const wire = faulty(subject.db);
    const begun: string[] = [];
    const { client } = await start(
      {
        queues: { busy: { maxWorkers: 20 }, small: { maxWorkers: 1 } },
        workers: [worker(task, ({ job: { queue } }) => void begun.push(queue))],
      },
      wire.db,
    );
    const written = gate();
    wire.before("finish", () => written.opened);
    await client.insertMany(
      Array.from({ length: 20 }, () => [task({}), { queue: "busy" }] as const),
    );
    await eventually("the busy one waits", () => begun.length === 20);
    await client.insert(task({}), { queue: "small" });
    await eventually("the small one works", () => begun.includes("small"));
    // But not without end.
    await client.insertMany(
      Array.from({ length: 200 }, () => [task({}), { queue: "busy" }] as const),
    );
    await eventually("it is full", () => begun.length > 63);
    expect(begun.length).toBeLessThan(100);
    written.open();
    await eventually("all are worked", () => begun.length === 221);
  });

  test("a stop while a queue is being removed ends both", async () => {
    const end = gate();
    const { client, running } = await start({ workers: [worker(task, () => end.opened)] });
    const { job: inserted } = await client.insert(task({}));
    await settled(client, inserted.id, "running");
    const removed = client.queues.remove("default");
    const stopped = running.stop();
    end.open();
    await Promise.all([removed, stopped]);
    expect((await client.get(inserted.id)).state).toBe("completed");
  });

  test("a queue that the database does not let in is not added, and can be added again", async () => {
    const wire = faulty(subject.db);
    const { client } = await start({ queues: {}, workers: [worker(task, () => {})] }, wire.db);
    wire.before("touch", () => {
      throw brokenConnection();
    });
    await expect(client.queues.add("q", deaf)).rejects.toThrow("Connection terminated");
    expect(client.queues.configured).toEqual({});
    wire.before("touch", null);
    await client.queues.add("q", deaf);
    const { job: inserted } = await client.insert(task({}), { queue: "q" });
    await settled(client, inserted.id, "completed");
  });
});
