import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Step } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { Database } from "../../src/db.ts";
import { pglite } from "../../src/drivers/pglite.ts";
import { alterationOf } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { openPgliteInstance } from "../database/pglite.ts";
import { lawOf } from "../law.ts";
import { type Ground, referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { FULL_SCOPE } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";
import { gradedIds } from "./graded.ts";
import { runHistory } from "./history.ts";

const law = lawOf(NEWEST);
const SEED = 42;
/** More are counted with WEIR_HISTORIES=1000, which takes minutes. */
const COUNT = Number(process.env.WEIR_HISTORIES ?? 10);

let ground: Ground;
let db: Database;
beforeAll(async () => {
  const instance = await openPgliteInstance();
  ground = await pgliteGround(instance);
  db = await pglite(instance);
});
afterAll(() => ground.close());

type Tally = Readonly<{
  wrong: number;
  proved: number;
  /** Wrong, and not proved. */
  perhaps: number;
  rightful: number;
  /** Graded as proved, and not wrong. */
  accused: number;
  /** Discarded by the scheduler, and then retried. */
  retried: number;
}>;

/** Walks in which the scheduler decides about a job by one of these rules. */
function* walks(rules: readonly string[]): Generator<readonly Op[], never> {
  const decides = ({ effects }: Step) => effects.some(({ rule }) => rules.includes(rule));
  for (const ops of walksOf(SEED, law, FULL_SCOPE)) {
    let state = EMPTY;
    const isTelling = ops.some((op) => {
      const done = step(state, op, law);
      state = done.state;
      return op.op === "schedule" && decides(done);
    });
    if (isTelling) yield ops;
  }
  throw new Error("There must be no end of walks, but there is.");
}

/** Random histories of the queue with a bug in it, each audited at its end. */
async function tallyOf(bugName: string, rules: readonly string[]): Promise<Tally> {
  const bug = BUGS.find(({ name }) => name === bugName);
  const adapter = referenceAdapter(ground, bug === undefined ? undefined : alterationOf(bug));
  const tally = { wrong: 0, proved: 0, perhaps: 0, rightful: 0, accused: 0, retried: 0 };
  const all = walks(rules);
  for (let i = 0; i < COUNT; i++) {
    const { wrong, rightful, retried, end } = await runHistory(adapter, all.next().value, law);
    if (wrong.size + rightful.size + retried.size === 0) continue;
    const { discarded, rivals } = await gradedIds(db, end);
    tally.wrong += wrong.size;
    tally.rightful += rightful.size;
    tally.retried += retried.size;
    tally.proved += [...wrong].filter((id) => discarded.has(id)).length;
    tally.perhaps += [...wrong].filter((id) => rivals.has(id)).length;
    tally.accused += [...discarded].filter((id) => !wrong.has(id)).length;
  }
  return tally;
}

test.each([
  ["schedule-self-conflict", ["SCH-3", "SCH-5"], "wrong"],
  ["schedule-holder-loses", ["SCH-5"], "wrong"],
  ["schedule-all-rivals-lose", ["SCH-6"], "wrong"],
  ["no bug", ["SCH-4"], "rightful"],
] as const)(
  `%s, in ${COUNT} random histories`,
  { timeout: 1_800_000 },
  async (bug, rules, some) => {
    const tally = await tallyOf(bug, rules);
    if (process.env.WEIR_HISTORIES !== undefined) console.log(bug, JSON.stringify(tally));
    expect(tally[some]).toBeGreaterThan(0);
    expect(tally.accused).toBe(0);
    expect(tally.proved + tally.perhaps).toBe(tally.wrong);
  },
);
