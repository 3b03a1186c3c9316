import { expect, test } from "vitest";
import type { Op } from "../../spec/model/op.ts";
import type { Names } from "../adapter.ts";
import { AdapterError } from "./failure.ts";
import { METHODS, type Result } from "./messages.ts";
import { type Blame, replyOf, requestOf } from "./wire.ts";

const NAMES: Names = {
  idOf: (label) => (label === 1 ? 41 : null),
  heldBy: (label, fetch) => (label === 1 ? { attempt: (fetch ?? 1) + 1, attemptedAt: 7 } : null),
  termOf: () => null,
};
const blame: Blame = (kind, what) => new AdapterError(kind, `the adapter ${what}`);

const OPS: readonly [Op, ReturnType<typeof requestOf>["method"], unknown][] = [
  [
    { op: "insert", now: 0, jobs: [{ id: 1 }] },
    "insert",
    { now: "2030-01-01T00:00:00.000000Z", job: { kind: "weir", args: "{}" } },
  ],
  [
    {
      op: "insert",
      now: 1,
      jobs: [
        { id: 1, kind: "k", priority: 0, queue: "", tags: [], maxAttempts: 3, pending: false },
        {
          id: 2,
          unique: { byPeriod: 9, byState: ["available"], excludeKind: true },
          scheduledAt: -1,
        },
      ],
    },
    "insert_many",
    {
      now: "2030-01-01T00:00:00.000001Z",
      jobs: [
        {
          kind: "k",
          args: "{}",
          priority: 0,
          queue: "",
          tags: [],
          max_attempts: 3,
          pending: false,
        },
        {
          kind: "weir",
          args: "{}",
          scheduled_at: "2029-12-31T23:59:59.999999Z",
          unique: { by_period_us: 9, by_state: ["available"], exclude_kind: true },
        },
      ],
    },
  ],
  [
    { op: "insert", now: 0, jobs: [] },
    "insert_many",
    { now: "2030-01-01T00:00:00.000000Z", jobs: [] },
  ],
  [
    { op: "finish", now: 0, job: 1, fetch: 0, outcome: { kind: "snooze", for: -5 } },
    "finish",
    {
      now: "2030-01-01T00:00:00.000000Z",
      id: 41,
      attempt: 1,
      attempted_at: "2030-01-01T00:00:00.000007Z",
      outcome: { kind: "snooze", for_us: -5 },
    },
  ],
  [
    {
      op: "finish",
      now: 0,
      job: 2,
      outcome: { kind: "error", message: "m", retryAt: null, metadata: "[]" },
    },
    "finish",
    {
      now: "2030-01-01T00:00:00.000000Z",
      id: Number.MAX_SAFE_INTEGER,
      attempt: 0,
      attempted_at: "2030-01-01T00:00:00.000000Z",
      outcome: { kind: "error", message: "m", retry_at: null, metadata: "[]" },
    },
  ],
  [{ op: "cancel", now: 1, job: 1 }, "cancel", { now: "2030-01-01T00:00:00.000001Z", id: 41 }],
  [
    { op: "retry", now: 0, job: 2 },
    "retry",
    { now: "2030-01-01T00:00:00.000000Z", id: Number.MAX_SAFE_INTEGER },
  ],
  [{ op: "delete", now: 0, job: 1 }, "delete", { now: "2030-01-01T00:00:00.000000Z", id: 41 }],
  [
    { op: "update", now: 0, job: 2, output: "1.0" },
    "update",
    { now: "2030-01-01T00:00:00.000000Z", id: Number.MAX_SAFE_INTEGER, output: "1.0" },
  ],
  [
    { op: "delete_many", now: 0, ids: [1, 2], all: false, limit: 0 },
    "delete_many",
    {
      now: "2030-01-01T00:00:00.000000Z",
      ids: [41, Number.MAX_SAFE_INTEGER],
      all: false,
      limit: 0,
    },
  ],
  [
    { op: "list", now: 0, kinds: [], tagsAny: ["a"], orderBy: "time", after: { job: 1 } },
    "list",
    {
      now: "2030-01-01T00:00:00.000000Z",
      kinds: [],
      tags_any: ["a"],
      order_by: "time",
      after_job: 41,
    },
  ],
];

test.each(OPS)("%j is asked for as %s, in a valid message", (op, method, params) => {
  const request = requestOf(op, NAMES);
  expect(request).toEqual({ method, params });
  expect(METHODS[request.method].params.parse(request.params)).toEqual(params);
});

const ROW: NonNullable<Result<"finish">["job"]> = {
  id: 5,
  state: "retryable",
  attempt: 1,
  max_attempts: 2,
  attempted_at: null,
  created_at: "2030-01-01T00:00:00Z",
  finalized_at: null,
  scheduled_at: "2030-01-01T00:00:01.5Z",
  priority: 1,
  args: `{"b":1.0,"a":1e2,"a":3}`,
  attempted_by: ["c"],
  errors: [{ at: "2030-01-01T00:00:00.000002Z", attempt: 1, error: "e", trace: "" }],
  kind: "k",
  metadata: `{ }`,
  queue: "q",
  tags: ["t"],
  unique_key: "ff",
  unique_states: "11110101",
};

test("a row becomes a job, its JSON as Postgres would print it", () => {
  const reply = replyOf("finish", { ok: true, result: { job: ROW } }, blame);
  expect(reply).toEqual({
    op: "finish",
    job: {
      id: 5,
      state: "retryable",
      attempt: 1,
      maxAttempts: 2,
      attemptedAt: null,
      createdAt: 0,
      finalizedAt: null,
      scheduledAt: 1_500_000,
      priority: 1,
      args: `{"a": 3, "b": 1.0}`,
      attemptedBy: ["c"],
      errors: [{ at: 2, attempt: 1, error: "e", trace: "" }],
      kind: "k",
      metadata: "{}",
      queue: "q",
      tags: ["t"],
      uniqueKey: "ff",
      uniqueStates: 0xf5,
    },
  });
});

test("text that is no JSON, and an instant that is none, are the adapter's failures", () => {
  const reply = (change: Partial<typeof ROW>) => () =>
    replyOf("fetch", { ok: true, result: { jobs: [{ ...ROW, ...change }] } }, blame);
  expect(reply({ args: "{" })).toThrow("the adapter returned args of job 5 that are not JSON: {");
  expect(reply({ created_at: "2030-02-30T00:00:00Z" })).toThrow("must write instants");
});

test("errors are replies or failures, by their codes", () => {
  const reply = (code: "running" | "internal" | "database", sqlstate?: string) => {
    const data = { code, ...(sqlstate !== undefined && { sqlstate }) };
    return replyOf("finish", { ok: false, error: { code: 1, message: "m", data } }, blame);
  };
  expect(reply("running")).toEqual({ op: "refused", code: "running", message: "m" });
  expect(reply("database", "23505")).toEqual({ op: "database", sqlstate: "23505", message: "m" });
  expect(() => reply("internal")).toThrow("the adapter failed in finish: m");
  const unknown = { ok: false, error: { code: -32_601, message: "?" } } as const;
  expect(() => replyOf("finish", unknown, blame)).toThrow("the adapter does not know finish");
});
