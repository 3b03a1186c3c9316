import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Adapter, Reply } from "../adapter.ts";
import { type Alteration, referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { UNIQUE_PATHS } from "../reference/kinds.ts";
import { askVectors } from "./ask.ts";
import type { Outcome } from "./family.ts";
import { readVectors, type Vectors } from "./files.ts";

const vectors = readVectors();
const asked = ({ kept, failures, left }: Outcome): number =>
  kept + failures.length + [...left.values()].reduce((sum, count) => sum + count, 0);

/** A few of each family, so that each test is short. */
const FEW: Vectors = {
  unique: vectors.unique.filter(({ refused }, at) => refused !== undefined || at % 20 === 0),
  retry: vectors.retry.slice(0, 3),
  snoozes: vectors.snoozes.slice(0, 8),
  payloads: vectors.payloads,
  cron: vectors.cron.slice(0, 20),
  cursors: vectors.cursors.slice(0, 20),
};

let ground: Awaited<ReturnType<typeof pgliteGround>>;
beforeAll(async () => {
  ground = await pgliteGround();
});
afterAll(() => ground.close());

const ask = (adapter: Adapter, some: Vectors) => askVectors(adapter, NEWEST, some, () => {});
const altered = (alteration: Partial<Alteration>): Adapter =>
  referenceAdapter(ground, {
    statement: (sql) => sql,
    op: (op) => op,
    reply: (reply) => reply,
    ...alteration,
  });
const rulesOf = (outcomes: readonly Outcome[]): string[] => [
  ...new Set(outcomes.flatMap(({ failures }) => failures.map(({ rule }) => rule))),
];

test("the reference keeps every vector, and none is lost count of", async () => {
  const outcomes = await ask(referenceAdapter(ground), vectors);
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  expect(outcomes.map(asked)).toEqual([
    vectors.unique.length,
    vectors.retry.length,
    vectors.snoozes.length,
    vectors.payloads.length,
    vectors.cron.length,
    vectors.cursors.length,
  ]);
  const [unique, retry, snoozes, payloads, cron, cursors] = outcomes.map(({ kept }) => kept);
  expect(unique).toBeGreaterThan(400);
  expect(retry).toBe(100);
  expect(snoozes).toBeGreaterThan(50);
  expect(payloads).toBe(vectors.payloads.filter(({ insert }) => insert !== undefined).length);
  expect(cron).toBe(vectors.cron.length);
  expect(cursors).toBeGreaterThan(150);
});

test("the reference selects the paths that River reads off its types", () => {
  const plain = (paths: readonly string[]) =>
    paths.map((path) => path.replaceAll(/\\([^.\\])/g, "$1"));
  for (const { job, paths } of vectors.unique) {
    const ours = UNIQUE_PATHS.get(job.kind);
    expect([...(ours ?? [])].sort()).toEqual(plain(paths ?? []).sort());
  }
});

describe("a vector that says something else fails, by its rule", () => {
  const wrong = "0".repeat(64);
  const cases: readonly Readonly<[rule: string, change: Partial<Vectors>]>[] = [
    ["INS-10", { unique: FEW.unique.slice(0, 1).map((each) => ({ ...each, key: wrong })) }],
    ["INS-13", { unique: FEW.unique.slice(0, 1).map((each) => ({ ...each, states: "11111111" })) }],
    ["FIN-20", { retry: [{ errors: 0, least: "1200000000", most: "1300000000" }] }],
    ["FIN-10", { snoozes: [{ before: '{"snoozes": 1}', after: '{"snoozes": 3}' }] }],
    ["INS-29", { payloads: FEW.payloads.slice(0, 1).map((each) => ({ ...each, sent: [] })) }],
    [
      "INV-14",
      { cursors: vectors.cursors.slice(0, 1).map((each) => ({ ...each, order_by: "time" })) },
    ],
    ["INV-14", { cursors: [{ cursor: vectors.cursors[0]?.cursor ?? "", refused: "so it says" }] }],
    ["PER-1", { cron: [{ expression: "* * * * *", refused: "so it says" }] }],
    ["PER-1", { cron: [{ expression: "* * * * *", from: "2030-01-01T00:00:00Z", next: [] }] }],
  ];
  test.each(cases)("%s", async (rule, change) => {
    const none = { unique: [], retry: [], snoozes: [], payloads: [], cron: [], cursors: [] };
    expect(rulesOf(await ask(referenceAdapter(ground), { ...none, ...change }))).toEqual([rule]);
  });
});

describe("an implementation that does something else fails, by its rule", () => {
  const refused: Reply = { op: "refused", code: "invalid", message: "no" };
  const cases: readonly Readonly<
    [name: string, rules: string[], alteration: Partial<Alteration>]
  >[] = [
    ["no counting", ["FIN-10"], { statement: (sql) => sql.replaceAll("'snoozes'", "'naps'") }],
    [
      "no insertion",
      ["INS-10", "INS-11", "INS-12", "INS-29", "FIN-20", "FIN-10"],
      { reply: () => refused },
    ],
    [
      "no unique options",
      ["INS-10", "INS-11", "INS-12", "INS-21", "INS-22", "INS-23", "INS-24"],
      {
        op: (op) =>
          op.op !== "insert" ? op : { ...op, jobs: op.jobs.map(({ unique: _, ...job }) => job) },
      },
    ],
  ];
  test.each(cases)("%s", async (_, rules, alteration) => {
    const found = rulesOf(await ask(altered(alteration), { ...FEW, cron: [], cursors: [] }));
    expect(found.sort()).toEqual([...rules].sort());
  });
});

test("what an implementation cannot do is left out, and said", async () => {
  const adapter = referenceAdapter(ground);
  const unsupported = { unsupported: "not here" };
  const capabilities = {
    "insert.paths": unsupported,
    "insert.notify": unsupported,
    finish: unsupported,
  };
  const less = { ...adapter, about: { ...adapter.about, adapter: "other", capabilities } };
  const outcomes = await ask(less, FEW);
  expect(outcomes.slice(1).map(({ kept, left }) => [kept, ...left.keys()])).toEqual([
    [0, "the adapter has no finish"],
    [0, "the adapter has no finish"],
    [0, "nothing can be heard", "no insertion sends it"],
    [0, "no method asks for it"],
    [0, "only its writer reads a cursor"],
  ]);
  expect([...(outcomes[0]?.left.keys() ?? [])]).toContain("the adapter has no selected paths");
});
