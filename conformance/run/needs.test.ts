import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Adapter, Support } from "../adapter.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { runSequence } from "./sequence.ts";
import { traceVerdict } from "./trace-verdict.ts";

const LAW = lawOf(NEWEST);
const STORY = `
 0s  insert #1; #2 max 1
 0s  fetch 2
 0s  finish #1 error, again at 10s
 1s  finish #1 complete
 2s  finish #2 complete`;
const steps = parseStory(STORY.trim()).steps.map(({ op }) => op);

let reference: Adapter;
beforeAll(async () => {
  reference = referenceAdapter(await pgliteGround());
});
afterAll(() => reference.close());

const asked: Op[] = [];
beforeEach(() => {
  asked.length = 0;
});

const adapterThat = (late: Support): Adapter => ({
  ...reference,
  about: {
    ...reference.about,
    capabilities: { ...reference.about.capabilities, "finish.late": late },
  },
  run: (op, names) => {
    asked.push(op);
    return reference.run(op, names);
  },
});
const ONCE: Support = { unsupported: "a worker ends its attempt once" };

test("an attempt that has ended is not ended again where nobody can be told so", async () => {
  const { divergences, operations } = await runSequence(adapterThat(ONCE), steps, LAW);
  expect(divergences).toEqual([]);
  expect(operations).toBe(4);
  expect(asked).toEqual(steps.filter((_, at) => at !== 3));
});

test("others are asked all the same, also where they differ by design", async () => {
  await runSequence(adapterThat("supported"), steps, LAW);
  await runSequence(adapterThat({ divergent: "late", why: "any attempt will do" }), steps, LAW);
  expect(asked).toEqual([...steps, ...steps]);
});

test("known steps with a late result are nothing that it could keep", async () => {
  const known = { steps, signature: "FIN-15 | finish complete" as never };
  expect(await traceVerdict(adapterThat(ONCE), known, NEWEST)).toEqual({
    verdict: "cannot",
    why: "a worker ends its attempt once",
  });
});
