import { describe, expect, test, vi } from "vitest";
import { job } from "./job-type.ts";
import type { ClientOptions, Problem } from "./options.ts";
import { settingsOf } from "./settings.ts";
import { worker } from "./worker.ts";

const noop = () => {};

describe("options", () => {
  test("have River's defaults, and what is undefined is as good as absent", () => {
    const { id, ...settings } = settingsOf({ id: undefined, jobTimeoutMs: undefined } as never);
    expect(id).toMatch(/^weir_[0-9a-f]{32}$/);
    expect(settings).toMatchObject({
      jobTimeoutMs: 60_000,
      rescueAfterMs: 3_600_000,
      completedRetentionMs: 86_400_000,
      discardedRetentionMs: 604_800_000,
      softStopMs: -1,
    });
    expect(settingsOf({ jobTimeoutMs: 7_200_000 }).rescueAfterMs).toBe(10_800_000);
    expect(settingsOf({ jobTimeoutMs: -1 }).rescueAfterMs).toBe(3_600_000);
  });

  test("a clock is both the database's and ours", () => {
    const { now, here } = settingsOf({ clock: () => 7n });
    expect([now(), here()]).toEqual([7n, 7n]);
    expect(settingsOf({}).now()).toBeNull();
  });

  const task = job("task");
  test.each<[string, ClientOptions]>([
    ["id", { id: "" }],
    ["id", { id: "x".repeat(128) }],
    ["id", { id: "\0" }],
    ["queues", { queues: { "no queue": { maxWorkers: 1 } } }],
    ["queues.q.maxWorkers", { queues: { q: { maxWorkers: 0 } } }],
    ["queues.q.maxWorkers", { queues: { q: { maxWorkers: 10_001 } } }],
    ["queues.q.fetchPollMs", { queues: { q: { maxWorkers: 1, fetchPollMs: 0 } } }],
    ["queues.q.fetchCooldownMs", { queues: { q: { maxWorkers: 1, fetchCooldownMs: Number.NaN } } }],
    ["workers", { workers: [worker(task, noop), worker(task, noop)] }],
    ["timeoutMs of task", { workers: [worker(task, noop, { timeoutMs: 0 })] }],
    [
      "timeoutMs of task",
      { workers: [worker(task, noop, { timeoutMs: Number.POSITIVE_INFINITY })] },
    ],
    ["jobTimeoutMs", { jobTimeoutMs: Number.NaN }],
    ["jobTimeoutMs", { jobTimeoutMs: -2 }],
    ["stuckAfterMs", { stuckAfterMs: -1 }],
    ["hardStopMs", { hardStopMs: -1 }],
    ["softStopMs", { softStopMs: -2 }],
    ["completedRetentionMs", { completedRetentionMs: Number.NaN }],
    ["rescueAfterMs", { rescueAfterMs: 0 }],
    ["rescueAfterMs", { rescueAfterMs: 1_000 }],
    ["periodic", { mayLead: false, periodic: [{ schedule: "@daily", job: () => null }] }],
  ])("%s that cannot be is refused: %o", (field, options) => {
    expect(() => settingsOf(options)).toThrow(expect.objectContaining({ code: "invalid", field }));
  });

  test("schedules that cannot be read are refused", () => {
    expect(() => settingsOf({ reindex: { schedule: "often" } })).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
    expect(settingsOf({ reindex: null }).reindex).toBeNull();
  });
});

test("a listener of problems that throws, at once or later, stops nothing", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(noop);
  try {
    const problem: Problem = { what: "fetch", error: new Error("down"), tries: 2 };
    settingsOf({}).onProblem(problem);
    expect(log.mock.lastCall).toEqual(["weir: fetch failed (2 times in a row):", problem.error]);
    const error = new Error("mine");
    settingsOf({
      onProblem: () => {
        throw error;
      },
    }).onProblem(problem);
    expect(log.mock.lastCall).toEqual(["weir: onProblem failed:", error]);
    settingsOf({ onProblem: (async () => Promise.reject(error)) as never }).onProblem(problem);
    await vi.waitFor(() => expect(log).toHaveBeenCalledTimes(3));
  } finally {
    log.mockRestore();
  }
});
