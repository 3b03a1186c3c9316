import { expect, test } from "vitest";
import { clientsOn, gate } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { Events, type QueueChange } from "./events.ts";
import { job } from "./job-type.ts";
import { worker } from "./worker.ts";

const change = (queue: string): QueueChange => ({ kind: "queue_paused", queue });

test("a listener reads what was told since it began, of its kinds, in order", async () => {
  const events = new Events();
  events.tell(change("before"));
  const stream = events.open(["queue_paused"]);
  const early = stream.next();
  events.tell(change("a"));
  events.tell({ kind: "queue_resumed", queue: "other" });
  events.tell(change("b"));
  expect((await early).value).toEqual(change("a"));
  expect((await stream.next()).value).toEqual(change("b"));
  const waiting = stream.next();
  events.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(events.isHeard).toBe(false);
});

test("of a listener that is slow the oldest are dropped, and counted", async () => {
  const events = new Events();
  const slow = events.open([]);
  const other = events.open([]);
  for (let n = 0; n < 10_500; n++) {
    events.tell(change(String(n)));
    await other.next();
  }
  expect([slow.dropped, other.dropped]).toEqual([500, 0]);
  expect((await slow.next()).value).toEqual(change("500"));
  // What waits can be read to the end.
  events.close();
  let rest = 0;
  for await (const _ of slow) rest += 1;
  expect(rest).toBe(9_999);
});

test("break ends a listener, and nothing waits for it then", async () => {
  const events = new Events();
  const stream = events.open([]);
  events.tell(change("a"));
  events.tell(change("b"));
  for await (const _ of stream) break;
  expect(events.isHeard).toBe(false);
  events.tell(change("c"));
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

onBoth((subject) => {
  const { start } = clientsOn(subject);

  test("a client's events end when it has stopped, and begin anew with the next start", async () => {
    const task = job("task");
    const { client, running } = await start({ workers: [worker(task, () => {})] });
    const events = client.events("job_completed");
    const kinds = gate<string[]>();
    const read = (async () => {
      const read: string[] = [];
      for await (const event of events) read.push(event.job.kind);
      kinds.open(read);
    })();
    await client.insertMany([task({}), task({})]);
    await running.stop();
    await read;
    // What the soft stop let end was told before the end.
    const told = await kinds.opened;
    const { jobs } = await client.list({ states: ["completed"] });
    expect(told).toHaveLength(jobs.length);

    const again = client.events("job_completed");
    const second = await client.start({ signals: [] });
    await client.insert(task({}));
    expect((await again.next()).value?.kind).toBe("job_completed");
    await second.stop();
  });

  test("a listener that never reads holds nothing up, and one that reads misses nothing of a large batch", async () => {
    const task = job("task");
    const { client } = await start({
      queues: { default: { maxWorkers: 2_000 } },
      workers: [worker(task, () => {})],
    });
    const deaf = client.events();
    const events = client.events("job_completed");
    await client.insertMany(Array.from({ length: 2_000 }, () => task({})));
    const seen = new Set<bigint>();
    while (seen.size < 2_000) {
      const { value } = await events.next();
      if (value !== undefined) seen.add(value.job.id);
    }
    expect([events.dropped, deaf.dropped]).toEqual([0, 0]);
  });
});
