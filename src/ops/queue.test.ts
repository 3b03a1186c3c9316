import { expect, test } from "vitest";
import { onBoth } from "../../conformance/database/on-both.ts";
import { queueGet } from "./queue-get.ts";
import { queueList } from "./queue-list.ts";
import { queuePause } from "./queue-pause.ts";
import { queueResume } from "./queue-resume.ts";
import { queueTouch } from "./queue-touch.ts";
import { queueUpdate } from "./queue-update.ts";

const NOW = 1_893_456_000_000_001n;
const FRESH = {
  name: "default",
  createdAt: NOW,
  metadataText: "{}",
  pausedAt: null,
  updatedAt: NOW,
};

onBoth((subject) => {
  test("a queue that is worked has a row, and keeps it", async () => {
    expect(await queueTouch(subject.db, NOW, "default")).toEqual(FRESH);
    await queuePause(subject.db, NOW + 1n, "default");
    await queueUpdate(subject.db, NOW + 2n, "default", { metadata: '{"a":1}' });
    expect(await queueTouch(subject.db, NOW + 3n, "default")).toEqual({
      ...FRESH,
      metadataText: '{"a": 1}',
      pausedAt: NOW + 1n,
      updatedAt: NOW + 3n,
    });
  });

  test("a pause lasts from the first until somebody resumes", async () => {
    await queueTouch(subject.db, NOW, "default");
    await queuePause(subject.db, NOW + 1n, "default");
    await queuePause(subject.db, NOW + 2n, "default");
    const paused = { ...FRESH, pausedAt: NOW + 1n, updatedAt: NOW + 1n };
    expect(await queueGet(subject.db, "default")).toEqual(paused);
    await queueResume(subject.db, NOW + 3n, "default");
    await queueResume(subject.db, NOW + 4n, "default");
    expect(await queueGet(subject.db, "default")).toEqual({ ...FRESH, updatedAt: NOW + 3n });
  });

  test("* is all queues, also where there is none", async () => {
    await queuePause(subject.db, NOW, "*");
    await queueResume(subject.db, NOW, "*");
    for (const name of ["b", "a-b", "a"]) await queueTouch(subject.db, NOW, name);
    await queuePause(subject.db, NOW, "a");
    await queuePause(subject.db, NOW + 1n, "*");
    const rows = await queueList(subject.db, 100);
    expect(rows.map(({ name, pausedAt }) => [name, pausedAt])).toEqual([
      ["a", NOW],
      ["a-b", NOW + 1n],
      ["b", NOW + 1n],
    ]);
    expect(await queueList(subject.db, 1)).toEqual(rows.slice(0, 1));
    await queueResume(subject.db, NOW + 2n, "*");
    expect((await queueList(subject.db, 100)).map((row) => row.pausedAt)).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("an update without metadata only touches", async () => {
    await queueTouch(subject.db, NOW, "default");
    await queueUpdate(subject.db, NOW, "default", { metadata: '{"b":{"c":1},"a":2}' });
    const updated = { ...FRESH, metadataText: '{"a": 2, "b": {"c": 1}}', updatedAt: NOW + 1n };
    expect(await queueUpdate(subject.db, NOW + 1n, "default", {})).toEqual(updated);
  });

  test("a name without a row is not found", async () => {
    for (const call of [
      () => queueGet(subject.db, "gone"),
      () => queuePause(subject.db, NOW, "gone"),
      () => queueResume(subject.db, NOW, "gone"),
      () => queueUpdate(subject.db, NOW, "gone", {}),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "not_found" });
    }
  });

  test("without now the database's clock counts", async () => {
    const first = await queueTouch(subject.db, null, "default");
    await queuePause(subject.db, null, "default");
    const { createdAt, pausedAt } = await queueGet(subject.db, "default");
    expect(createdAt).toBe(first.updatedAt);
    expect(pausedAt).toBeGreaterThanOrEqual(createdAt);
  });

  test("two sessions at once: one row, one pause", async () => {
    const times = [1n, 2n, 3n, 4n, 5n, 6n];
    await Promise.all(times.map((later) => queueTouch(subject.db, NOW + later, "default")));
    await Promise.all(times.map((later) => queuePause(subject.db, NOW + later, "default")));
    const [only, ...more] = await queueList(subject.db, 10);
    expect(more).toEqual([]);
    expect(only?.updatedAt).toBe(only?.pausedAt);
  });

  test("what cannot be is refused", async () => {
    await queueTouch(subject.db, NOW, "default");
    for (const call of [
      () => queueTouch(subject.db, NOW, "Upper"),
      () => queueTouch(subject.db, NOW, "*"),
      () => queuePause(subject.db, NOW, "\0"),
      () => queueGet(subject.db, "\ud800"),
      () => queueUpdate(subject.db, NOW, "default", { metadata: "[]" }),
      () => queueUpdate(subject.db, NOW, "default", { metadata: "{" }),
      () => queueList(subject.db, -1),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "invalid" });
    }
    expect(await queueGet(subject.db, "default")).toEqual(FRESH);
  });
});
