import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { RULES } from "../../spec/rules.generated.ts";
import { INSERT_ONE, INSERT_PLAIN } from "../../src/ops/insert-sql.ts";
import { lawOf } from "../law.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { runSequence } from "../run/sequence.ts";
import { alterationOf, type Bug, staleEdit } from "./bug.ts";
import { BUGS, UNBREAKABLE } from "./catalogue.ts";
import { FOUND_IN } from "./found-in.generated.ts";
import { killBug } from "./kill.ts";
import { behavesLike } from "./likeness.ts";
import { referenceStatements } from "./statements.ts";

const SEED = 42;
const SECOND = 1_000_000;

let ground: Ground;
beforeAll(async () => {
  ground = await pgliteGround();
});
afterAll(() => ground.close());

const bugNamed = (name: string): Bug => {
  const bug = BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`There must be a bug ${name}, but there is none.`);
  return bug;
};

const scheduleBug = (find: string, replace: string): Bug => ({
  name: "made-up",
  origin: "this test",
  what: "Made up by this test.",
  breaks: ["SCH-3"],
  edits: [{ statement: "src/ops/schedule.ts", find, replace }],
});

test("names are unique, and every bug changes something", () => {
  expect(new Set(BUGS.map((bug) => bug.name)).size).toBe(BUGS.length);
  const idle = BUGS.filter(({ edits, op, reply }) => edits.length === 0 && !op && !reply);
  expect(idle).toEqual([]);
});

test("every rule is broken by some bug, but those of which it is said why none can", () => {
  const broken = new Set(BUGS.flatMap((bug) => bug.breaks));
  const whole = Object.keys(RULES).filter((rule) => !broken.has(rule as never));
  expect(whole).toEqual(Object.keys(UNBREAKABLE));
});

test("every edit finds its text once, in its own statement", async () => {
  const statements = await referenceStatements();
  expect(statements.size).toBeGreaterThanOrEqual(6);
  expect(BUGS.filter((bug) => staleEdit(bug, statements) !== null)).toEqual([]);
});

/** Bugs of what only jobs with a unique key or a periodic id have. */
const OF_KEYS = [
  "insert-answers-by-key",
  "insert-key-without-kind",
  "insert-key-by-order-of-args",
  "insert-key-of-printed-args",
  "insert-period-of-zone",
  "insert-key-without-queue",
  "insert-pending-not-unique",
  "insert-completed-not-unique",
  "insert-cancelled-blocks",
  "insert-not-unique",
  "insert-renames-holder",
  "insert-postpones-holder",
  "insert-twice-in-a-batch",
  "periodic-twice-across-leaders",
  "periodic-id-once",
];

test("what is edited of an insert is edited in all its statements, but for what only such jobs have", () => {
  const ofInsert = BUGS.filter(({ edits }) =>
    edits.some(({ statement }) => statement === "src/ops/insert-sql.ts"),
  );
  for (const sql of [INSERT_ONE.answering, INSERT_PLAIN.answering]) {
    const lacking = ofInsert.filter(({ edits }) =>
      edits.some(({ find }) => sql.split(find).length !== 2),
    );
    expect(lacking.map(({ name }) => name)).toEqual(OF_KEYS);
  }
});

test("the bug of River 0.12.0 shrinks to an insert and a schedule", async () => {
  const { rule, ops } = await killBug(ground, bugNamed("schedule-self-conflict"), { seed: SEED });
  expect(rule).toBe("SCH-3");
  expect(ops.map((op) => op.op)).toEqual(["insert", "schedule"]);
});

test("a queue that discards all that is due is found within five sequences", async () => {
  const bug = scheduleBug(
    "when is_blocked then 'discarded' else 'available'",
    "when true then 'discarded' else 'available'",
  );
  const canary: Bug = { ...bug, breaks: ["INV-13", "SCH-3", "SCH-7"] };
  const { verdict } = await killBug(ground, canary, { seed: SEED, sequences: 5, shrinks: false });
  expect(verdict).toBe("killed");
});

test("a hunt passes over the sequences before the one that it begins with", async () => {
  const bug = bugNamed("schedule-self-conflict");
  const { verdict, sequence } = await killBug(ground, bug, { seed: SEED, from: 3, shrinks: false });
  expect(verdict).toBe("killed");
  expect(FOUND_IN[bug.name]).toBe(1);
  expect(sequence).toBeGreaterThanOrEqual(3);
});

test("bugs that are known to be found in a sequence are those of the catalogue", () => {
  const names = BUGS.map(({ name }) => name);
  expect(Object.keys(FOUND_IN).filter((name) => !names.includes(name))).toEqual([]);
});

test("the reference as it is survives", async () => {
  const sound: Bug = { ...scheduleBug("", ""), edits: [] };
  const { verdict, sequence } = await killBug(ground, sound, { seed: SEED, sequences: 20 });
  expect({ verdict, sequence }).toEqual({ verdict: "survived", sequence: 20 });
});

test("a bug whose rules are not those that find it is told apart", async () => {
  const bug: Bug = { ...bugNamed("insert-all-scheduled"), breaks: ["FIN-1"] };
  const { verdict, rule } = await killBug(ground, bug, { seed: SEED, sequences: 3 });
  expect({ verdict, rule }).toEqual({ verdict: "wrong rule", rule: "INS-4" });
});

test("an edit of text that is not there is stale, and so is one that two statements hold", async () => {
  const options = { seed: SEED, sequences: 3 };
  const gone = await killBug(ground, scheduleBug("no such text", ""), options);
  expect(gone).toMatchObject({ verdict: "stale edit", sequence: 0, why: "no such text" });
  const twice = await killBug(ground, scheduleBug("limit $3::int", "limit 1"), options);
  expect(twice.verdict).toBe("stale edit");
});

test("a statement that Postgres does not take is broken, not found", async () => {
  const bug = scheduleBug("where state in ('retryable', 'scheduled')", "where no_such_column");
  const { verdict, why } = await killBug(ground, bug, { seed: SEED, sequences: 50 });
  expect(verdict).toBe("broken");
  expect(why).toMatch(/^42703: /);
});

test("steps of a bug behave like it, and not like others", async () => {
  const law = lawOf(NEWEST);
  const job = { id: 1, unique: { byArgs: true }, scheduledAt: 30 * SECOND };
  const ops: readonly Op[] = [
    { op: "insert", now: 0, jobs: [job] },
    { op: "schedule", now: 30 * SECOND, horizon: 30 * SECOND, limit: 10 },
  ];
  const bug = bugNamed("schedule-self-conflict");
  const { divergences } = await runSequence(referenceAdapter(ground, alterationOf(bug)), ops, law);
  const [seen] = divergences;
  if (seen === undefined) throw new Error("The bug must show in its own story, but does not.");
  const alike = await behavesLike(ground, BUGS, ops, law, seen);
  expect(alike.map(({ name }) => name)).toContain("schedule-self-conflict");
  expect(alike.length).toBeLessThan(3);
});
