import { describe, expect, test } from "vitest";
import { clientsOn, settled } from "../../conformance/database/clients.ts";
import { onBoth } from "../../conformance/database/on-both.ts";
import { job } from "./job-type.ts";
import { Steps } from "./steps.ts";
import { worker } from "./worker.ts";

const STEP = "river:resumable_step";
const CURSOR = "river:resumable_cursor";
const resumed = (metadata: object) => new Steps(JSON.stringify(metadata));
const progressOf = (steps: Steps) =>
  Object.fromEntries(steps.progress.map(([key, text]) => [key, JSON.parse(text)]));
const fail = () => Promise.reject(new Error("no"));

describe("steps", () => {
  test("run once each, in order, and the last that is done is recorded", async () => {
    const steps = resumed({});
    expect(progressOf(steps)).toEqual({});
    expect(await steps.step("a", () => 1)).toBe(1);
    expect(await steps.step("b", async () => "two")).toBe("two");
    await expect(steps.step("c", fail)).rejects.toThrow("no");
    expect(progressOf(steps)).toEqual({ [STEP]: "b" });
    expect(steps.failure).toMatchObject({ error: { message: "no" } });
    // No other step runs after one has failed, even if its error was swallowed.
    await expect(steps.step("d", () => 4)).rejects.toThrow("no");
  });

  test("that an earlier attempt did are passed over", async () => {
    const steps = resumed({ [STEP]: "b" });
    expect(await steps.step("a", fail)).toBeNull();
    expect(await steps.stepFrom("b", fail)).toBeNull();
    expect(progressOf(steps)).toEqual({ [STEP]: "b" });
    expect(await steps.step("c", () => 3)).toBe(3);
    expect(steps.failure).toBeNull();
    expect(progressOf(steps)).toEqual({ [STEP]: "c" });
  });

  test("a step that an earlier attempt came to must be asked for", async () => {
    const steps = resumed({ [STEP]: "gone" });
    expect(await steps.step("a", () => 1)).toBeNull();
    expect(steps.failure?.error).toMatchObject({ code: "invalid", field: "step" });
    expect(steps.failure).toMatchObject({
      error: { message: expect.stringMatching(/^step "gone" must/) },
    });
    expect(progressOf(steps)).toEqual({});
  });

  test("misuse fails the attempt: names twice, steps within steps", async () => {
    const twice = resumed({});
    await twice.step("a", () => 1);
    await expect(twice.step("a", () => 2)).rejects.toThrow('step "a" must be asked for once.');
    const nested = resumed({});
    const outer = nested.step("outer", async () => {
      await nested.step("inner", () => 1).catch(() => {});
    });
    await expect(outer).rejects.toThrow('step "inner" must not be asked for within step outer.');
    expect(progressOf(nested)).toEqual({});
    expect(nested.failure).not.toBeNull();
    await expect(resumed({}).step("\ud800", () => 1)).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("cursors", () => {
  test("the last that was saved is where the step is taken up; a step that is done has none", async () => {
    const first = resumed({});
    const partly = first.stepFrom<number, void>("copy", (from, save) => {
      expect(from).toBeNull();
      save(1);
      save(2);
      return fail();
    });
    await expect(partly).rejects.toThrow("no");
    expect(progressOf(first)).toEqual({ [CURSOR]: { copy: 2 } });

    const second = resumed(progressOf(first));
    expect(await second.stepFrom<number, string>("copy", (from) => `from ${from}`)).toBe("from 2");
    await second.step("then", () => 1);
    expect(progressOf(second)).toEqual({ [CURSOR]: null, [STEP]: "then" });
  });

  test("a step done only in part is run again, though it was the last", async () => {
    const steps = resumed({ [STEP]: "b", [CURSOR]: { b: { page: 3 } } });
    expect(await steps.step("a", fail)).toBeNull();
    expect(await steps.stepFrom("b", (from) => from)).toEqual({ page: 3 });
    expect(progressOf(steps)).toEqual({ [CURSOR]: null, [STEP]: "b" });
  });

  test("until the step of a cursor without a done step is found, nothing is recorded", async () => {
    const metadata = { [CURSOR]: { late: 1 } };
    const missing = resumed(metadata);
    await missing.step("new", () => 1);
    expect(missing.failure).toMatchObject({
      error: { message: expect.stringMatching(/^step "late" must be asked for/) },
    });
    expect(progressOf(missing)).toEqual({});
    const wrong = resumed(metadata);
    await expect(wrong.step("late", () => 1)).rejects.toThrow("must be taken up with stepFrom");
    const found = resumed(metadata);
    await found.step("new", () => 1);
    await found.stepFrom("late", () => 2);
    expect(found.failure).toBeNull();
  });

  test("what other programs saved keeps every digit, and what is saved is as it was then", async () => {
    const steps = new Steps(`{"${CURSOR}": {"go": 9007199254740993, "js": [1]}, "${STEP}": "js"}`);
    const state = { n: 1 };
    await steps
      .stepFrom("js", (_, save) => {
        save(state);
        state.n = 2;
        return fail();
      })
      .catch(() => {});
    expect(steps.progress).toContainEqual([CURSOR, '{"go":9007199254740993,"js":{"n":1}}']);
  });

  test("a cursor that JSONB cannot hold fails its step; one that comes late is refused", async () => {
    const steps = resumed({});
    let late = (_: unknown) => {};
    await steps.stepFrom("a", (_, save) => {
      late = save;
    });
    expect(() => late(1)).toThrow('step "a" must still run when its cursor is saved.');
    expect(progressOf(steps)).toEqual({ [STEP]: "a" });
    const bad = resumed({}).stepFrom("a", (_, save) => save("\0"));
    await expect(bad).rejects.toMatchObject({ code: "invalid" });
  });

  test.each([
    ["no object", "[]"],
    ["null", "null"],
    ["a number as step", `{"${STEP}": 7, "${CURSOR}": 1}`],
  ])("metadata that is %s is none", async (_, metadata) => {
    const steps = new Steps(metadata);
    expect(await steps.step("a", () => 1)).toBe(1);
    expect(steps.failure).toBeNull();
  });
});

onBoth((subject) => {
  const { start } = clientsOn(subject);

  test("a job is taken up where the attempt before it failed, and keeps its cursor while it is snoozed", async () => {
    const task = job("task");
    const log: string[] = [];
    const { client } = await start({
      retryDelayMs: () => 0,
      workers: [
        worker(task, async ({ step, stepFrom, snooze, attempt, job: { metadataText } }) => {
          await step("prepare", () => void log.push("prepare"));
          await stepFrom<number, void>("copy", (from, save) => {
            log.push(`copy from ${from}`);
            save((from ?? 0) + 10);
            if (from === null) snooze(0);
            if (from === 10) throw new Error(`attempt ${attempt}`);
          });
          log.push(metadataText);
        }),
      ],
    });
    const { job: inserted } = await client.insert(task({}));
    const row = await settled(client, inserted.id, "completed");
    expect(row.errors).toMatchObject([{ error: "attempt 1" }]);
    expect(log).toEqual([
      "prepare",
      "copy from null",
      "copy from 10",
      "copy from 20",
      `{"snoozes": 1, "${STEP}": "prepare", "${CURSOR}": {"copy": 20}}`,
    ]);
  });
});
