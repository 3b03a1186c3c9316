import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import type { Op } from "../../spec/model/op.ts";
import type { Names, Reply } from "../adapter.ts";
import { type ProcessAdapter, processAdapter } from "./process.ts";

const NO_NAMES: Names = { idOf: () => null, heldBy: () => null, termOf: () => null };
const PROGRAM = fileURLToPath(new URL("./reference-process.ts", import.meta.url));

async function reference(): Promise<ProcessAdapter> {
  const command = [process.execPath, "--import", "tsx", PROGRAM];
  const adapter = await processAdapter({ command, serverUrl: inject("postgresUrl") });
  onTestFinished(() => adapter.close());
  return adapter;
}

const SECOND = 1_000_000;

test("the reference keeps every claim, and what it says is what is in the database", async () => {
  const adapter = await reference();
  await adapter.probe();
  const insert: Op = {
    op: "insert",
    now: 1,
    jobs: [
      { id: 1, args: `{"b": 1.0, "a": 2}`, metadata: `{"m":1}`, tags: ["tag-1"] },
      { id: 2, unique: { byArgs: true }, scheduledAt: 30 * SECOND, maxAttempts: 2 },
      { id: 3, unique: { byArgs: true } },
    ],
  };
  const inserted = await adapter.run(insert, NO_NAMES);
  expect(jobsOf(inserted).map(({ state, args }) => [state, args])).toEqual([
    ["available", `{"a": 2, "b": 1.0}`],
    ["scheduled", "{}"],
    ["scheduled", "{}"],
  ]);
  const observed = (await adapter.observe()).jobs;
  expect(observed).toEqual(jobsOf(inserted).slice(0, 2));

  const fetched = await adapter.run(
    { op: "fetch", now: SECOND, queue: "default", limit: 5, client: "c" },
    NO_NAMES,
  );
  const [held] = jobsOf(fetched);
  expect(held).toMatchObject({ state: "running", attempt: 1, attemptedAt: SECOND });

  const names: Names = {
    idOf: () => held?.id ?? null,
    heldBy: () => ({ attempt: 1, attemptedAt: SECOND }),
    termOf: () => null,
  };
  const outcome = { kind: "error", message: "ä\n", retryAt: 100 * SECOND + 1 } as const;
  const failed = await adapter.run({ op: "finish", now: 2 * SECOND, job: 1, outcome }, names);
  expect(jobsOf(failed)).toEqual((await adapter.observe()).jobs.slice(0, 1));
  expect(jobsOf(failed)[0]).toMatchObject({
    state: "retryable",
    scheduledAt: 100 * SECOND + 1,
    errors: [{ at: SECOND, attempt: 1, error: "ä\n", trace: "" }],
  });

  const schedule: Op = { op: "schedule", now: 30 * SECOND, horizon: 30 * SECOND, limit: 10 };
  expect(jobsOf(await adapter.run(schedule, NO_NAMES))).toMatchObject([{ state: "available" }]);
  await adapter.reset();
  expect((await adapter.observe()).jobs).toEqual([]);
});

test("refusals are replies, with the protocol's codes", async () => {
  const adapter = await reference();
  await adapter.reset();
  const priority: Op = { op: "insert", now: 0, jobs: [{ id: 1, priority: 9 }] };
  expect(await adapter.run(priority, NO_NAMES)).toMatchObject({ op: "refused", code: "invalid" });
  const never: Op = { op: "finish", now: 0, job: 1, outcome: { kind: "complete" } };
  expect(await adapter.run(never, NO_NAMES)).toMatchObject({ op: "refused", code: "not_found" });
});

function jobsOf(reply: Reply) {
  switch (reply.op) {
    case "insert":
      return reply.jobs.map(({ job }) => job);
    case "fetch":
    case "schedule":
      return reply.jobs;
    case "finish":
      return reply.job === null ? [] : [reply.job];
    default:
      throw new Error(`expected rows, but got ${JSON.stringify(reply)}`);
  }
}
