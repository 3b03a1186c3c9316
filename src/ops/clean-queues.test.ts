import { expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import { QueueError } from "../errors.ts";
import { type CleanQueuesParams, cleanQueues } from "./clean-queues.ts";
import { queueList } from "./queue-list.ts";
import { queuePause } from "./queue-pause.ts";
import { queueTouch } from "./queue-touch.ts";

const NOW = 1_893_456_000_000_000n;
const DAY = 86_400_000_000n;
const OLD: CleanQueuesParams = { after: DAY, limit: 10 };

onBoth((subject) => {
  const run = (now: bigint | null, params: Partial<CleanQueuesParams> = {}) =>
    cleanQueues(subject.db, now, { ...OLD, ...params });
  const names = async () => (await queueList(subject.db, 10)).map(({ name }) => name);

  test("old rows go, strictly, by name and up to the limit; paused ones stay", async () => {
    for (const name of ["c", "b", "a", "d"]) await queueTouch(subject.db, NOW, name);
    await queuePause(subject.db, NOW, "b");
    await queueTouch(subject.db, NOW + 1n, "d");
    expect(await run(NOW + DAY)).toBe(0);
    expect(await run(NOW + DAY + 1n, { limit: 1 })).toBe(1);
    expect(await names()).toEqual(["b", "c", "d"]);
    expect(await run(NOW + DAY + 1n)).toBe(1);
    expect(await names()).toEqual(["b", "d"]);
  });

  test("without a time it is the database's", async () => {
    await queueTouch(subject.db, NOW - 3650n * DAY, "old");
    await queueTouch(subject.db, NOW, "to_come");
    expect(await run(null)).toBe(1);
    expect(await names()).toEqual(["to_come"]);
  });

  test.each<[string, Partial<CleanQueuesParams>]>([
    ["after", { after: -1n }],
    ["limit", { limit: 0 }],
  ])("%s out of range is refused", async (field, params) => {
    const error = await run(NOW, params).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueueError);
    expect(error).toMatchObject({ code: "invalid", field });
  });
});
