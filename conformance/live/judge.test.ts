import { describe, expect, test } from "vitest";
import { maskOf } from "../../spec/model/key.ts";
import type { Outcome } from "../../spec/model/op.ts";
import type { Job } from "../../spec/model/state.ts";
import type { Evidence } from "./evidence.ts";
import { judgeLive } from "./judge.ts";
import { MadeHistory, SECOND } from "./made-history.ts";
import type { Script } from "./script.ts";

const COMPLETE: Script = { attempts: [["complete"]] };
const RESCUE = { op: "rescue", after: 3 * SECOND, timeout: SECOND, limit: 10 } as const;
const script = (...attempts: readonly (readonly string[])[]): Script => ({ attempts });
const history = () => new MadeHistory().client("c1").client("c2");

const rulesOf = (evidence: Evidence) => judgeLive(evidence).findings.map(({ rule }) => rule);
const ended = (word: string, outcome: Outcome, of: Script) =>
  history()
    .insert(0, 1, of)
    .fetch(SECOND)
    .run(SECOND, 1)
    .run(SECOND + 1, 1, word)
    .do({ op: "finish", now: SECOND + 2, job: 1, outcome });

describe("what is legal", () => {
  test.each<[string, Outcome, Script]>([
    ["error", { kind: "error", message: "x", retryAt: null }, script(["error"], ["complete"])],
    ["panic", { kind: "error", message: "x", retryAt: null }, script(["panic"], ["complete"])],
    ["snooze", { kind: "snooze", for: 300_000 }, script(["snooze 300ms"], ["complete"])],
  ])("an attempt that ends by %s, and the next that completes", (word, outcome, of) => {
    const { findings, unclear, fired } = judgeLive(
      ended(word, outcome, of).work(10 * SECOND, 1).evidence,
    );
    expect({ findings, unclear }).toEqual({ findings: [], unclear: [] });
    expect([...fired.keys()]).toEqual(expect.arrayContaining(["FET-4", "FIN-1", "INV-5"]));
  });

  test.each<[string, Outcome]>([
    ["cancel", { kind: "cancel", message: "x" }],
    ["discard", { kind: "discard", message: "x" }],
    ["complete", { kind: "complete", metadata: '{"output": 1}' }],
  ])("an attempt that ends the job by %s", (word, outcome) => {
    const of = script(word === "complete" ? ["output 1", word] : [word]);
    const { findings, unclear } = judgeLive(ended(word, outcome, of).evidence);
    expect({ findings, unclear }).toEqual({ findings: [], unclear: [] });
  });

  test("a rescue of what a killed client left, and of what still runs", () => {
    const killed = new MadeHistory().client("c1", { killedAt: 2 * SECOND }).client("c2");
    killed
      .insert(0, 1, COMPLETE)
      .fetch(SECOND)
      .run(SECOND, 1)
      .run(SECOND + 1, 1, "complete");
    killed
      .do({ ...RESCUE, now: 5 * SECOND })
      .do(due(7))
      .work(8 * SECOND, 1, "c2");
    expect(judgeLive(killed.evidence)).toMatchObject({ findings: [], unclear: [] });
    const hanging = history().insert(0, 1, script(["hang"], ["complete"]));
    hanging
      .fetch(SECOND)
      .run(SECOND, 1)
      .do({ ...RESCUE, now: 5 * SECOND })
      .do(due(7));
    expect(judgeLive(hanging.work(8 * SECOND, 1).evidence)).toMatchObject({ findings: [] });
  });

  test("a discard by a scheduler that saw a holder who gave up after its statement began", () => {
    const free = rivals().work(SECOND, 1);
    expect(rulesOf(free.do(due(4), blocked(4 * SECOND)).evidence)).toEqual(["SCH-3"]);
    const stale = rivals().work(SECOND, 1);
    const began = SECOND + 2;
    stale.do({ ...due(4), now: began }, blocked(began));
    expect(rulesOf(stale.evidence)).toEqual([]);
  });

  const due = (second: number) =>
    ({ op: "schedule", now: second * SECOND, horizon: second * SECOND, limit: 10 }) as const;
  /** #1 holds the key until it completes; #2 has it too, and comes later. */
  const rivals = () => {
    const uniqueStates = maskOf(["available", "pending", "running"]);
    const key = { uniqueKey: "aa", uniqueStates };
    const waits = { state: "scheduled", scheduledAt: 4 * SECOND } as const;
    return history()
      .insert(0, 1, COMPLETE, key)
      .insert(0, 2, COMPLETE, { ...key, ...waits });
  };
  const blocked = (now: number) => (job: Job) => ({
    ...job,
    state: "discarded" as const,
    finalizedAt: now,
    metadata: '{"unique_key_conflict": "scheduler_discarded"}',
  });
});

describe("what a change breaks", () => {
  const running = () => history().insert(0, 1, COMPLETE).fetch(SECOND).run(SECOND, 1);

  test("a running job is fetched once more", () => {
    const row = { attempt: 2, attemptedAt: 2 * SECOND, attemptedBy: ["c1", "c2"] };
    const [finding] = judgeLive(running().set(2 * SECOND, 1, row).evidence).findings;
    expect(finding).toMatchObject({ rule: "FET-1", job: 1, column: "attempt", breaks: ["INV-5"] });
  });

  test("a job is fetched before its time, or without being counted", () => {
    const taken = { state: "running", attemptedAt: SECOND, attemptedBy: ["c1"] } as const;
    const early = history().insert(0, 1, COMPLETE, { scheduledAt: 2 * SECOND });
    expect(
      judgeLive(early.set(SECOND, 1, { ...taken, attempt: 1 }).evidence).findings,
    ).toMatchObject([{ rule: "FET-2", breaks: ["INV-7"] }]);
    expect(rulesOf(history().insert(0, 1, COMPLETE).set(SECOND, 1, taken).evidence)).toContain(
      "FET-5",
    );
  });

  test("a job has more attempts than it may", () => {
    const made = history().insert(0, 1, COMPLETE, { attempt: 1, maxAttempts: 1 });
    const rules = rulesOf(made.fetch(SECOND).evidence);
    expect(rules).toEqual(["INS-5", "INV-5"]);
  });

  test("a cancelled job starts again", () => {
    const made = running().do({ op: "cancel", now: 2 * SECOND, job: 1 });
    const back = { state: "available", attempt: 0, scheduledAt: 3 * SECOND } as const;
    const { findings } = judgeLive(made.set(3 * SECOND, 1, back).evidence);
    expect(findings[0]).toMatchObject({
      rule: "FIN-12",
      breaks: expect.arrayContaining(["INV-8"]),
    });
  });

  test("a final job changes, and a job goes away", () => {
    const done = () => history().insert(0, 1, COMPLETE).work(SECOND, 1);
    expect(judgeLive(done().set(3 * SECOND, 1, { priority: 2 }).evidence).findings).toMatchObject([
      { rule: "FIN-15", breaks: ["INV-3"] },
    ]);
    expect(rulesOf(done().set(3 * SECOND, 1, null).evidence)).toEqual(["CLN-2"]);
    expect(rulesOf(running().set(3 * SECOND, 1, null).evidence)).toContain("INV-10");
  });

  test("an end has no date, or one that is to come, or an error that was none", () => {
    const made = () => running().run(SECOND + 1, 1, "complete");
    const now = 2 * SECOND;
    const done = { state: "completed", finalizedAt: now } as const;
    expect(rulesOf(made().set(now, 1, { ...done, finalizedAt: 9 * SECOND }).evidence)).toEqual([
      "FIN-1",
    ]);
    expect(rulesOf(made().set(now, 1, { ...done, finalizedAt: null }).evidence)).toEqual(["FIN-1"]);
    const errors = [{ at: SECOND, attempt: 1, error: "x", trace: "" }];
    expect(judgeLive(made().set(now, 1, { ...done, errors }).evidence).findings).toMatchObject([
      { rule: "INV-6" },
    ]);
  });

  test("a rescue comes too early, or spares a job its end", () => {
    const early = running().set(2 * SECOND, 1, rescued(2));
    expect(rulesOf(early.evidence)).toEqual(["RSC-1"]);
    const last = history().insert(0, 1, script(["hang"]), { maxAttempts: 1 });
    expect(
      rulesOf(
        last
          .fetch(SECOND)
          .run(SECOND, 1)
          .set(5 * SECOND, 1, rescued(5)).evidence,
      ),
    ).toEqual(["RSC-8"]);
  });

  test("somebody else cancels, or empties the table", () => {
    const made = history().insert(0, 1, COMPLETE).do({ op: "cancel", now: SECOND, job: 1 });
    expect(rulesOf({ ...made.evidence, cancelled: new Set() })).toEqual(["INV-12"]);
    const emptied = { seq: 9, tx: "t", at: SECOND, job: null, from: null, to: null };
    const { evidence } = history();
    expect(rulesOf({ ...evidence, changes: [emptied] })).toEqual(["INV-10"]);
  });

  test("two jobs hold a key at a time", () => {
    const key = { uniqueKey: "aa", uniqueStates: 255 };
    const made = history().insert(0, 1, COMPLETE, key).insert(SECOND, 2, COMPLETE, key);
    expect(judgeLive(made.evidence).findings).toMatchObject([{ rule: "INV-1", job: 2 }]);
  });

  const rescued = (second: number) =>
    ({
      state: "retryable",
      scheduledAt: (second + 1) * SECOND,
      metadata: '{"river:rescue_count": 1}',
      errors: [
        { at: second * SECOND, attempt: 1, error: "Stuck job rescued by JobRescuer", trace: "" },
      ],
    }) as const;
});
