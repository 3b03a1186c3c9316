import { describe, expect, test } from "vitest";
import { clientsOn, settled } from "../../conformance/database/clients.ts";
import { onBoth, putRow } from "../../conformance/database/on-both.ts";
import { task, workOne } from "../../conformance/database/work-one.ts";
import type { Job } from "../job.ts";
import { worker } from "./worker.ts";

const metadataOf = ({ metadataText }: Job) => JSON.parse(metadataText);
type RunParams = Parameters<typeof workOne> extends [unknown, ...infer Rest] ? Rest : never;

onBoth((subject) => {
  const clients = clientsOn(subject);
  const { start } = clients;
  const run = (...rest: RunParams) => workOne(clients, ...rest);

  describe("outcomes", () => {
    test("what resolves is completed, whatever it resolves to", async () => {
      const { row, event } = await run(async () => ({ ignored: 1 }));
      expect([row.state, row.attempt, row.errors, event.kind]).toEqual([
        "completed",
        1,
        [],
        "job_completed",
      ]);
    });

    test("what throws is tried again, with the error's message and stack", async () => {
      const { row, event } = await run(() => {
        throw new RangeError("too far");
      });
      const [error] = row.errors;
      expect([row.state, row.attempt, event.kind]).toEqual(["available", 1, "job_failed"]);
      expect(error).toMatchObject({ attempt: 1, error: "too far" });
      expect(error).toHaveProperty(
        "trace",
        expect.stringContaining("RangeError: too far\n    at "),
      );
    });

    test("the last attempt's error discards", async () => {
      const last = { ...task({}), options: {} };
      const { client } = await start({
        workers: [worker(task, () => Promise.reject(new Error("no")))],
      });
      const { job: inserted } = await client.insert(last, { maxAttempts: 1 });
      expect((await settled(client, inserted.id, "discarded")).errors).toHaveLength(1);
    });

    test("snooze gives the attempt back and records no error", async () => {
      const { row, event } = await run(({ snooze, metadata }) => {
        metadata({ seen: true });
        snooze(60_000);
      });
      expect([row.state, row.attempt, row.errors, event.kind]).toEqual([
        "scheduled",
        0,
        [],
        "job_snoozed",
      ]);
      expect(metadataOf(row)).toEqual({ seen: true, snoozes: 1 });
    });

    test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e16])(
      "a snooze of %s ms fails the attempt",
      async (ms) => {
        const { row } = await run(({ snooze }) => snooze(ms));
        expect(row.errors).toMatchObject([{ error: expect.stringMatching(/^forMs must be/) }]);
      },
    );

    test("cancel and discard end the job", async () => {
      const cancelled = await run(({ cancel }) => cancel(new Error("enough")));
      expect([cancelled.row.state, cancelled.event.kind]).toEqual(["cancelled", "job_cancelled"]);
      expect(cancelled.row.errors).toMatchObject([{ error: "JobCancelError: enough" }]);
      const discarded = await run(({ discard }) => discard("broken"));
      expect([discarded.row.state, discarded.event.kind]).toEqual(["discarded", "job_failed"]);
      expect(discarded.row.errors).toMatchObject([{ error: "broken" }]);
    });

    test("output and metadata are stored with every outcome, the last call's", async () => {
      const { row } = await run(({ output, metadata }) => {
        output("first");
        output({ n: 12345678901234567890n, text: "é<" });
        metadata({ a: 1, b: [null] });
        metadata({ a: 2 });
        throw new Error("after that");
      });
      expect(metadataOf(row)).toMatchObject({ a: 2, b: [null], output: { text: "é<" } });
      expect(row.metadataText).toContain('"n": 12345678901234567890');
    });

    test.each([
      ["undefined", undefined],
      ["a function", () => {}],
      ["NUL", "a\0b"],
      ["half a surrogate pair", "\ud800"],
      ["a cycle", Object.assign([], { 0: 0 })],
      ["too deep", JSON.parse(`${"[".repeat(1100)}${"]".repeat(1100)}`)],
      ["a number past numeric", JSON.parse(`[${"9".repeat(10)}]`).map(() => Number.NaN)],
    ])(
      "output that JSONB cannot hold, %s, fails the attempt where it is given",
      async (what, value) => {
        const given = what === "a cycle" ? cycle() : value;
        const { row } = await run(({ output }) => output(given));
        expect(row.errors).toMatchObject([{ error: expect.stringContaining(" must ") }]);
        expect(metadataOf(row)).toEqual({});
      },
    );

    test("a key of metadata that JSONB cannot hold fails the attempt too", async () => {
      const { row } = await run(({ metadata }) => metadata({ "\ud800": 1 }));
      expect(row.errors).toMatchObject([{ error: expect.stringContaining("surrogate") }]);
    });
  });

  test("rows that no client writes are worked as they are", async () => {
    const odd = [
      { args: 7, metadata: [1] },
      { args: "text", metadata: "text" },
      { metadata: { cancel_attempted_at: "?" }, tags: "{a,NULL}", attempted_by: "{{a},{b}}" },
      { errors: [7, { at: "never" }], attempt: -3, max_attempts: 1 },
    ];
    for (const [at, row] of odd.entries())
      await putRow(subject, { id: at + 1, kind: "task", scheduled_at: "-infinity", ...row });
    const seen: unknown[] = [];
    const { client } = await start({
      workers: [
        worker(task, ({ args, output }) => {
          seen.push(args);
          output("done");
        }),
      ],
    });
    for (const at of odd.keys()) {
      const row = await settled(client, BigInt(at + 1), "completed");
      expect(metadataOf(row)).toMatchObject({ output: "done" });
    }
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(expect.arrayContaining([7, "text", {}]));
  });

  describe("what is thrown", () => {
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error("no prototype");
        },
      },
    );
    const silent = Object.create(null);
    class Odd extends Error {
      override get message(): string {
        throw new Error("no message");
      }
      override get stack(): string {
        throw new Error("no stack");
      }
    }
    test.each<[string, unknown, unknown]>([
      ["a text", "plain", "plain"],
      ["a number", 7, "7"],
      ["null", null, "handler must throw an error, but threw null."],
      ["undefined", undefined, "handler must throw an error, but threw undefined."],
      ["an error without message", new TypeError(), "TypeError"],
      ["NUL and half a surrogate pair", new Error("a\0b\ud800c\udc00"), "a\ufffdb\ufffdc\ufffd"],
      ["an object without prototype", silent, "something that cannot be said"],
      ["an error whose getters throw", new Odd(), "something that cannot be said"],
      ["a proxy that throws", hostile, "something that cannot be said"],
      ["a symbol", Symbol("s"), "Symbol(s)"],
    ])("%s is recorded", async (_, thrown, error) => {
      const { row } = await run(async () => {
        throw thrown;
      });
      expect(row.errors).toMatchObject([{ error }]);
    });

    test("a thenable that settles twice counts once", async () => {
      const { row } = await run(() => ({
        // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
        then(resolve: () => void, reject: (error: unknown) => void) {
          resolve();
          reject(new Error("again"));
          resolve();
        },
      }));
      expect([row.state, row.errors]).toEqual(["completed", []]);
    });
  });
});

function cycle(): unknown {
  const self: unknown[] = [];
  self.push(self);
  return self;
}
