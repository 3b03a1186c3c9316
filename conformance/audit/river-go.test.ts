import { spawnSync } from "node:child_process";
import { describe, expect, inject, test } from "vitest";
import { editionFor } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import { postgres } from "../../src/drivers/pg.ts";
import { processAdapter } from "../adapters/process.ts";
import { buildRiverGo } from "../adapters/river-go.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { gradedIds } from "./graded.ts";
import { runHistory } from "./history.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;
const isOwed = hasGo || process.env.CI !== undefined;
const name = isOwed
  ? "databases that River made"
  : "databases that River made (skipped: no Go on PATH)";

/** What a queue lives through, each with a key and a queue of its own. */
const SCENES = {
  alone: `
     0s insert #1 unique K, queue Q, due 30s
    30s schedule`,
  retried: `
     0s insert #1 unique K, queue Q
     0s fetch 1 from Q
     0s finish #1 error, again at 20s
    20s schedule`,
  twiceDue: `
     0s insert #1 unique K, queue Q, due 10s
     1s insert #2 unique K, queue Q, due 12s
    12s schedule`,
  snoozed: `
     0s insert #1 unique K except retryable, queue Q
     0s fetch 1 from Q
     0s finish #1 snooze 60s
    60s schedule`,
  failedAndSnoozed: `
     0s insert #1 unique K, queue Q
     0s fetch 1 from Q
     0s finish #1 error, again at 1s
     1s fetch 1 from Q
     1s finish #1 snooze 60s
    61s schedule`,
  rival: `
     0s insert #1 unique K except retryable, queue Q
     0s fetch 1 from Q
     0s finish #1 error, again at 10s
     1s insert #2 unique K, queue Q
    10s schedule
    11s fetch 1 from Q
    11s finish #2 complete`,
  rivalOfOld: `
      0s insert #1 unique K except retryable, queue Q
      0s fetch 1 from Q
      0s finish #1 error, again at 300s
      1s insert #2 unique K, queue Q
    300s schedule`,
  rivalGone: `
     0s insert #1 unique K except retryable, queue Q
     0s fetch 1 from Q
     0s finish #1 error, again at 10s
     1s insert #2 unique K, queue Q
    10s schedule
    11s delete #2`,
  retriedSince: `
     0s insert #1 unique K except retryable, queue Q, max 2
     0s fetch 1 from Q
     0s finish #1 error, again at 10s
     1s insert #2 unique K, queue Q
    10s schedule
    11s cancel #2
    12s retry #1
    13s fetch 1 from Q
    13s finish #1 error`,
  together: `
     0s insert #1 unique K except retryable, queue Q
     0s fetch 1 from Q
     0s finish #1 error, again at 10s
     1s insert #2 unique K, queue Q, due 11s
    12s schedule`,
  keyless: `
     0s insert #1 queue Q, due 30s
    30s schedule`,
} as const;

const TIMES = 3;
const APART = 1_000_000_000;

/** All scenes one after another, several times. */
function workload(): readonly Op[] {
  const texts = Object.values(SCENES);
  return Array.from({ length: TIMES }, () => texts)
    .flat()
    .flatMap((text, n) => {
      const named = text.replaceAll(/\bK\b/g, `K${n}`).replaceAll(/\bQ\b/g, `q${n}`);
      return parseStory(named).steps.map(({ op }) => later(op, n * APART, n * 10));
    });
}

/** The same operation later, with other labels. */
function later(op: Op, by: number, labels: number): Op {
  const now = op.now + by;
  switch (op.op) {
    case "insert": {
      const jobs = op.jobs.map((job) => ({
        ...job,
        id: job.id + labels,
        ...(job.scheduledAt === undefined ? {} : { scheduledAt: job.scheduledAt + by }),
      }));
      return { ...op, now, jobs };
    }
    case "finish": {
      const { outcome } = op;
      const isTimed = outcome.kind === "error" && outcome.retryAt !== null;
      const moved = isTimed ? { ...outcome, retryAt: (outcome.retryAt ?? 0) + by } : outcome;
      return { ...op, now, job: op.job + labels, outcome: moved };
    }
    case "schedule":
      return { ...op, now, horizon: op.horizon + by };
    default:
      return ("job" in op ? { ...op, now, job: op.job + labels } : { ...op, now }) as Op;
  }
}

const wrongIn = (scenes: readonly (keyof typeof SCENES)[]) => scenes.length * TIMES;

describe.skipIf(!isOwed)(name, { timeout: 600_000 }, () => {
  test.each([
    [
      "0.12.0",
      wrongIn(["alone", "retried", "snoozed", "failedAndSnoozed", "together", "twiceDue"]),
    ],
    ["0.12.1", wrongIn(["together"])],
    ["0.51.1", wrongIn(["together"])],
  ])("%s: every victim is found, and nobody else accused", async (version, victims) => {
    const { command } = await buildRiverGo(version);
    const adapter = await processAdapter({ command: [command], serverUrl: inject("postgresUrl") });
    const db = postgres(adapter.databaseUrl, { maxConnections: 1, prepare: false });
    try {
      const truth = await runHistory(adapter, workload(), lawOf(editionFor(version)));
      const said = await gradedIds(db, truth.end);
      expect([...said.discarded].sort()).toEqual([...truth.wrong].sort());
      expect(truth.wrong.size).toBe(victims);
      expect(truth.rightful.size).toBe(wrongIn(["rival", "rivalOfOld", "rivalGone", "together"]));
      expect(truth.retried.size).toBe(TIMES);
      expect({ unclear: said.unclear.size, rightly: said.rightly, later: said.later }).toEqual({
        unclear: 0,
        rightly: TIMES,
        later: TIMES,
      });
      expect(said.rivals.size).toBe(truth.rightful.size - TIMES);
    } finally {
      await db.close();
      await adapter.close();
    }
  });
});
