import { expect } from "vitest";
import { type Pair, POLLED, scripted } from "./pair.ts";
import type { PeerJob } from "./peer.ts";

/** What the two of a pair do with one another, and what must come of it. Scenes of a pair are played at the same time, each in queues of its own. */
export type Scene = Readonly<{ title: string; play(pair: Pair): Promise<void> }>;

/** Text that each language escapes in its own way. */
const NOTE = { text: '"\\/ <&> é 😀 \u2028', list: [0, -1.5, 1e3, true, null, {}] };
const DAY_MS = 24 * 60 * 60 * 1000;

/** Each job comes when the last one is done: a fetch at the start or on the way cannot find it, only a notification tells. */
async function wakes(pair: Pair): Promise<void> {
  for (const output of ["one", "two", "three"]) {
    const asked = scripted("woken", [`output ${JSON.stringify({ output })}`], { note: NOTE });
    const { job, duplicate } = await pair.first.call("insert", asked);
    expect(duplicate).toBe(false);
    const { args } = await pair.second.told({ event: "started", job, attempt: 1 });
    expect(JSON.parse(args ?? "")).toEqual(JSON.parse(asked.args));
    await pair.second.told({ event: "completed", job });
    expect(await pair.job(job)).toMatchObject({
      state: "completed",
      attempt: 1,
      attempted_by: ["second"],
      metadata: { output: { output } },
    });
  }
}

/** The second works as the first's job says, and writes what both of them understand. */
async function works(pair: Pair): Promise<void> {
  const { first, second } = pair;
  const again = await first.call("insert", scripted(POLLED, ["snooze 1ms", "error", "complete"]));
  const asked = scripted(POLLED, ["error"], { max_attempts: 1 });
  const failed = await first.call("insert", asked);
  const ended = await first.call("insert", scripted(POLLED, ["cancel"]));
  const panic = await first.call("insert", scripted(POLLED, ["panic"], { max_attempts: 1 }));
  expect(await pair.jobOnce(again.job, ["completed"])).toMatchObject({
    attempt: 2,
    errors: [{ attempt: 1, error: "the script says so" }],
    metadata: { snoozes: 1 },
  });
  await second.told({ event: "snoozed", job: again.job });
  await second.told({ event: "failed", job: again.job, attempt: 1 });
  const errors = [{ attempt: 1, error: expect.stringContaining("the script says so") }];
  for (const { job } of [failed, panic])
    expect(await pair.jobOnce(job, ["discarded"])).toMatchObject({ attempt: 1, errors });
  expect(await pair.jobOnce(ended.job, ["cancelled"])).toMatchObject({ attempt: 1, errors });
}

/** Only a leader makes a scheduled job available, and the first is the only one. It tells of those alone that are due already when it looks. */
async function schedules(pair: Pair): Promise<void> {
  const at = new Date(Date.now() - 1_000).toISOString();
  const asked = scripted("scheduled", ["complete"], { scheduled_at: at });
  const { job } = await pair.second.call("insert", asked);
  await pair.second.told({ event: "completed", job });
  expect(await pair.leader()).toBe("first");
}

/** The worker hangs until it is told that its job is cancelled. */
async function cancels(pair: Pair): Promise<void> {
  const { job } = await pair.second.call("insert", scripted("cancelled", ["hang"]));
  await pair.second.told({ event: "started", job });
  await pair.first.call("cancel", { job });
  await pair.second.told({ event: "cancelled", job });
  expect(await pair.job(job)).toMatchObject({
    state: "cancelled",
    attempt: 1,
    metadata: { cancel_attempted_at: expect.any(String) },
  });
}

/** One after the other, in less time than it takes who only looks at the rows, every 10 s at most, to find the last. */
async function cancelsAtOnce(pair: Pair): Promise<void> {
  const since = performance.now();
  for (let times = 0; times < 3; times++) await cancels(pair);
  expect(performance.now() - since).toBeLessThan(20_000);
}

/** One connection listens, so that whoever has worked a later job of another queue has heard of the earlier one. */
async function pauses(pair: Pair): Promise<void> {
  const { first, second } = pair;
  await first.call("pause", { queue: "paused" });
  await second.told({ event: "paused", queue: "paused" });
  const jobs: number[] = [];
  for (let times = 0; times < 5; times++) {
    const { job } = await first.call("insert", scripted("paused", ["complete"]));
    const later = await first.call("insert", scripted("witness", ["complete"]));
    await second.told({ event: "completed", job: later.job });
    jobs.push(job);
  }
  // A fetch that was on its way when the pause came may bring some. Whoever does not pause works all.
  for (const job of jobs.slice(-2))
    expect(await pair.job(job)).toMatchObject({ state: "available", attempt: 0 });
  await first.call("resume", { queue: "paused" });
  await second.told({ event: "resumed", queue: "paused" });
  for (const job of jobs) await second.told({ event: "completed", job });
}

/** Jobs that nobody works, by key: each key in several forms that are the same job to all languages. */
const UNIQUE: Readonly<Record<string, (key: number) => readonly PeerJob[]>> = {
  args: (key) =>
    [
      `{"runs":["complete"],"key":${key},"é":"<"}`,
      `{"é":"<", "key":${key}, "runs":["complete"]}`,
    ].map((args) => ({ kind: "weir_script", args, queue: "unique", unique: { by_args: true } })),
  "a part of the args": (key) =>
    [1, 2].map((other) => {
      const args = JSON.stringify({ other, a: `${key} "<é>"` });
      return { kind: "weir_unique_flat", args, queue: "unique", unique: { by_args: true } };
    }),
  // A day ends in the midst of a scene in one of many million runs.
  "period and args": (key) =>
    [1, 1].map(() => {
      const unique = { by_args: true, by_period_ms: DAY_MS * (1 + (key % 2)) };
      return { kind: "weir_script", args: `{"runs":[],"period":${key}}`, queue: "unique", unique };
    }),
  "period and queue": (key) =>
    [`{"runs":["complete"]}`, `{"runs":["error"]}`].map((args) => {
      const unique = { by_queue: true, by_period_ms: DAY_MS };
      return { kind: "weir_script", args, queue: `unique_${key}`, unique };
    }),
  queue: (key) =>
    [`{"runs":["complete"]}`, `{"runs":["error"]}`].map((args) => {
      return { kind: "weir_script", args, queue: `unique_${key}`, unique: { by_queue: true } };
    }),
};
const KEYS = [0, 1, 2, 3, 4];

/** Both insert each key in each form at once. */
async function agreesOnUnique(pair: Pair): Promise<void> {
  const { first, second } = pair;
  const asked = Object.entries(UNIQUE).flatMap(([by, jobsOf]) =>
    KEYS.map(async (key) => {
      const calls = jobsOf(key).flatMap((job) => [
        first.call("insert", job),
        second.call("insert", job),
      ]);
      return { by: `${by} ${key}`, results: await Promise.all(calls) };
    }),
  );
  const inserted = await Promise.all(asked);
  for (const { by, results } of inserted) {
    expect(new Set(results.map(({ job }) => job)).size, by).toBe(1);
    expect(results.filter(({ duplicate }) => !duplicate).length, by).toBe(1);
  }
  expect(new Set(inserted.map(({ results }) => results[0]?.job)).size).toBe(inserted.length);
}

/** The scenes that both live through. */
export const SCENES: readonly Scene[] = [
  { title: "the first inserts what the second works, and wakes it", play: wakes },
  { title: "the second snoozes, fails, cancels and retries what the first inserts", play: works },
  { title: "the first schedules what the second inserts and works", play: schedules },
  { title: "the first cancels what the second runs", play: cancelsAtOnce },
  { title: "the second respects the first's pause, and its end", play: pauses },
  { title: "unique jobs inserted by both at once never double", play: agreesOnUnique },
];
