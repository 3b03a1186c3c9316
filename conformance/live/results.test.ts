import { describe, expect, test } from "vitest";
import type { Outcome } from "../../spec/model/op.ts";
import type { Evidence } from "./evidence.ts";
import { judgeLive } from "./judge.ts";
import { MadeHistory, SECOND } from "./made-history.ts";
import type { Script } from "./script.ts";

const COMPLETE: Script = { attempts: [["complete"]] };
const RESCUE = { op: "rescue", after: 3 * SECOND, timeout: SECOND, limit: 10 } as const;
const script = (...attempts: readonly (readonly string[])[]): Script => ({ attempts });
const history = () => new MadeHistory().client("c1").client("c2");
const rulesOf = (evidence: Evidence) => judgeLive(evidence).findings.map(({ rule }) => rule);

describe("what the record and the workers' own words do not agree on", () => {
  const ended = (outcome: Outcome, of: Script) =>
    history()
      .insert(0, 1, of)
      .fetch(SECOND)
      .run(SECOND, 1)
      .run(SECOND + 1, 1, "complete")
      .do({ op: "finish", now: SECOND + 2, job: 1, outcome });
  const made = () => history().insert(0, 1, COMPLETE).insert(0, 2, COMPLETE);

  test("a change that nobody recorded", () => {
    const { evidence } = made();
    const [first, ...rest] = evidence.rows;
    if (first === undefined) throw new Error("There must be a row.");
    const odd = [{ ...first, priority: 4 }, ...rest];
    expect(rulesOf({ ...evidence, rows: odd })).toEqual(["INV-12"]);
    expect(rulesOf({ ...evidence, rows: rest })).toEqual(["INV-10"]);
    const unseen = made().work(SECOND, 1).evidence;
    const changes = unseen.changes.filter(({ to }) => to?.state !== "running");
    expect(rulesOf({ ...unseen, changes })).toContain("INV-12");
  });

  test("an insert that did not take place", () => {
    const inserted = new Map([[7, COMPLETE]]);
    expect(rulesOf({ ...history().evidence, inserted })).toEqual(["INV-9"]);
  });

  test("a result that no handler gave, or that is another attempt's", () => {
    const early = made()
      .fetch(SECOND)
      .run(SECOND, 1)
      .complete(2 * SECOND, 1);
    expect(judgeLive(early.evidence).findings).toMatchObject([{ rule: "FIN-16", job: 1 }]);
    const late = history().insert(0, 1, script(["sleep 9000ms", "complete"], ["complete"]));
    late.fetch(SECOND).run(SECOND, 1);
    const first = { ...late.runs[0], event: "ended", how: "complete", at: 9 * SECOND } as const;
    late.do({ ...RESCUE, now: 5 * SECOND });
    late.do({ op: "schedule", now: 7 * SECOND, horizon: 7 * SECOND, limit: 1 });
    late
      .fetch(8 * SECOND)
      .run(8 * SECOND, 1)
      .run(0, 1, null, first)
      .complete(9 * SECOND + 1, 1);
    const [finding] = judgeLive(late.evidence).findings;
    expect(finding).toMatchObject({ rule: "FIN-16", must: "running", is: "completed" });
    expect(finding?.because).toMatch(/^The handler of attempt 1, which had been rescued/);
  });

  test("an outcome that the script does not know", () => {
    const outcome = { kind: "error", message: "x", retryAt: null } as const;
    const { evidence } = ended(outcome, COMPLETE);
    expect(judgeLive(evidence).findings).toMatchObject([
      { rule: "FIN-1", must: "completed", is: "available" },
    ]);
    const silent = ended({ kind: "complete" }, script(['output {"a":1}', "complete"]));
    expect(rulesOf(silent.evidence)).toEqual(["FIN-14"]);
  });

  test("a late discard is told from a failure of the attempt that it ends", () => {
    const late = history().insert(0, 1, script(["sleep 9000ms", "discard"], ["complete"]));
    late
      .fetch(SECOND)
      .run(SECOND, 1)
      .do({ ...RESCUE, now: 5 * SECOND });
    late.do({ op: "schedule", now: 7 * SECOND, horizon: 7 * SECOND, limit: 1 });
    const outcome = { kind: "discard", message: "x" } as const;
    late.fetch(8 * SECOND).run(8 * SECOND, 1);
    late.do({ op: "finish", now: 9 * SECOND, job: 1, outcome });
    expect(rulesOf(late.evidence)).toEqual(["FIN-16"]);
    const last = history().insert(0, 1, script(["discard"]), { maxAttempts: 1 });
    last
      .fetch(SECOND)
      .run(SECOND, 1)
      .run(SECOND + 1, 1, "discard");
    expect(rulesOf(last.do({ op: "finish", now: 2 * SECOND, job: 1, outcome }).evidence)).toEqual(
      [],
    );
  });

  test("an attempt that runs twice, and a run of what was not fetched", () => {
    const twice = made().fetch(SECOND).run(SECOND, 1).run(SECOND, 1, null, { run: "other" });
    expect(rulesOf(twice.evidence)).toEqual(["FET-5"]);
    expect(rulesOf(made().run(SECOND, 1).evidence)).toEqual(["INV-9"]);
  });

  test("a transaction of a worker whose completion is not in it", () => {
    const apart = history()
      .insert(0, 1, script(["complete_tx"]))
      .fetch(SECOND)
      .run(SECOND, 1);
    apart.run(SECOND + 1, 1, "complete_tx").complete(SECOND + 2, 1);
    expect(rulesOf(apart.evidence)).toEqual(["FIN-1"]);
    const { tx } = apart.changes.at(-1) ?? { tx: "" };
    const runs = apart.runs.map((each) => (each.event === "ended" ? { ...each, tx } : each));
    expect(rulesOf({ ...apart.evidence, runs })).toEqual([]);
  });
});

describe("what was lost", () => {
  /** #1 ends, its result is never written, and it is rescued; #2 is worked by the same client afterwards, if it is. */
  const lost = (made: MadeHistory, isLater: boolean) => {
    made.insert(0, 1, COMPLETE).insert(0, 2, COMPLETE).fetch(SECOND).run(SECOND, 1);
    made.run(SECOND + 1, 1, "complete");
    if (isLater) made.work(3 * SECOND, 2);
    return made.do({ ...RESCUE, now: 5 * SECOND });
  };

  test("a result that was never written, though later ones were", () => {
    const { findings } = judgeLive(lost(history(), true).evidence);
    expect(findings).toMatchObject([{ rule: "FIN-1", job: 1, must: "completed", is: "retryable" }]);
  });

  test("where none was written later, it is not known whether it would have been", () => {
    const { findings, unclear } = judgeLive(lost(history(), false).evidence);
    expect(findings).toEqual([]);
    expect(unclear[0]).toBe("the result of #1 was never written, nor was any later one of c1");
  });

  test("a client that was killed may lose it", () => {
    const made = lost(new MadeHistory().client("c1", { killedAt: 4 * SECOND }), true);
    expect(rulesOf(made.evidence)).toEqual([]);
  });

  test("a fetch whose jobs are never begun, unless its connection was cut", () => {
    const fetched = (made: MadeHistory) => {
      made
        .insert(0, 1, COMPLETE)
        .insert(0, 2, COMPLETE)
        .fetch(SECOND)
        .work(3 * SECOND, 2);
      return made.do({ ...RESCUE, now: 5 * SECOND });
    };
    expect(rulesOf(fetched(history()).evidence)).toEqual(["FIN-1"]);
    const cut = new MadeHistory().client("c1", { cuts: [SECOND + 1] });
    expect(rulesOf(fetched(cut).evidence)).toEqual([]);
  });

  test("what runs on when its client has stopped, and what is given back by one that has not", () => {
    const stop = { from: 2 * SECOND, until: 3 * SECOND, hard: false };
    const running = (made: MadeHistory) => made.insert(0, 1, COMPLETE).fetch(SECOND).run(SECOND, 1);
    expect(rulesOf(running(new MadeHistory().client("c1", { stop })).evidence)).toEqual(["FIN-1"]);
    const interrupt = {
      op: "finish",
      now: 2 * SECOND,
      job: 1,
      outcome: { kind: "interrupt" },
    } as const;
    expect(rulesOf(running(history()).do(interrupt).evidence)).toEqual(["FIN-1"]);
    const unanswered = history().insert(0, 1, COMPLETE).fetch(SECOND).do(interrupt);
    expect(rulesOf(unanswered.evidence)).toEqual([]);
    const hard = new MadeHistory().client("c1", { stop: { ...stop, hard: true } });
    expect(rulesOf(running(hard).do(interrupt).evidence)).toEqual([]);
  });

  test("a fetch from a paused queue, once its client can know", () => {
    const paused = (made: MadeHistory, between: boolean) => {
      for (const id of [1, 2, 3]) made.insert(0, id, COMPLETE, id === 2 ? { queue: "b" } : {});
      made.work(SECOND, 1);
      if (between) made.do({ op: "fetch", now: 4 * SECOND, queue: "b", limit: 1, client: "c1" });
      if (between) made.run(4 * SECOND, 2).run(4 * SECOND + 1, 2, "complete");
      if (between) made.complete(4 * SECOND + 2, 2);
      made.work(6 * SECOND, 3);
      made.pauses.push({ queue: "default", from: 2 * SECOND, until: 9 * SECOND });
      return judgeLive(made.evidence).findings.map(({ rule, job }) => [rule, job]);
    };
    expect(paused(history(), true)).toEqual([["PAU-10", 3]]);
    expect(paused(history(), false)).toEqual([]);
    expect(paused(new MadeHistory().client("c1", { cuts: [5 * SECOND] }), true)).toEqual([]);
  });

  test("jobs that are not final at the end make no verdict", () => {
    const { findings, unclear } = judgeLive(history().insert(0, 1, COMPLETE).evidence);
    expect(findings).toEqual([]);
    expect(unclear).toEqual(["1 of 1 jobs were not final in time, such as #1: available"]);
  });
});
