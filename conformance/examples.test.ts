import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { EDITIONS, NEWEST } from "../spec/model/edition.ts";
import type { Law } from "../spec/model/effect.ts";
import { EMPTY } from "../spec/model/state.ts";
import { step } from "../spec/model/step.ts";
import type { Adapter } from "./adapter.ts";
import { compare } from "./compare/compare.ts";
import { aftermathOf, aftermathSeen, checkExpectations } from "./expectations.ts";
import { lawOf } from "./law.ts";
import { parseStory, type Story } from "./notation/parse.ts";
import { referenceAdapter } from "./reference/adapter.ts";
import { pgliteGround, postgresGround } from "./reference/ground.ts";
import { readRules } from "./rules-file.ts";
import { World } from "./run/world.ts";

const RULES = readRules(readFileSync(new URL("../spec/rules.md", import.meta.url), "utf8"));
const EXAMPLES = RULES.flatMap(({ id, since, examples }) =>
  examples.map((text, i) => ({ name: `${id} example ${i + 1}`, since, text })),
);
const LAW = lawOf(NEWEST);
const cases = EXAMPLES.map(({ name, text }) => [name, text] as const);

/** What the model says of a story that does not hold, line by line. */
function failuresOnModel({ steps }: Story, law: Law): readonly string[] {
  let state = EMPTY;
  return steps.flatMap(({ op, expect: claims, line }) => {
    const done = step(state, op, law);
    state = done.state;
    return checkExpectations(claims, aftermathOf(op, done)).map((each) => `${line}: ${each}`);
  });
}

/** The same on an implementation, and where it parts from the model. */
async function failuresOn(adapter: Adapter, { steps }: Story): Promise<readonly string[]> {
  await adapter.reset();
  const world = new World(LAW);
  const failures: string[] = [];
  for (const { op, expect: claims, line } of steps) {
    const expected = world.expect(op);
    const reply = await adapter.run(op, world);
    const observed = world.observed(op, expected, await adapter.observe(), reply);
    const differences = compare(world.state, expected, observed);
    const said = checkExpectations(claims, aftermathSeen(op, observed));
    failures.push(...said.map((each) => `${line}: ${each}`));
    failures.push(...differences.map((each) => `${line}: ${JSON.stringify(each)}`));
    world.advance(expected, world.drawn(expected, observed));
  }
  return failures;
}

test("every rule has an example, and every example expects something", () => {
  expect(RULES.filter(({ examples }) => examples.length === 0)).toEqual([]);
  const silent = EXAMPLES.filter(({ text }) =>
    parseStory(text).steps.every((each) => each.expect.length === 0),
  );
  expect(silent).toEqual([]);
});

describe("on the model", () => {
  test.each(cases)("%s", (_, text) => {
    expect(failuresOnModel(parseStory(text), LAW)).toEqual([]);
  });
});

test.each(EXAMPLES.filter(({ since }) => since !== null).map(({ name, text }) => [name, text]))(
  "%s is judged by older rules too",
  (_, text) => {
    for (const edition of EDITIONS) {
      const judged = failuresOnModel(parseStory(text), lawOf(edition));
      expect(judged, edition.name).toBeInstanceOf(Array);
      if (edition === NEWEST) expect(judged).toEqual([]);
    }
  },
);

describe.each([
  ["PGlite", () => pgliteGround()],
  ["Postgres", () => postgresGround(inject("postgresUrl"))],
] as const)("on the reference with %s", (_, open) => {
  let adapter: Adapter;
  beforeAll(async () => {
    adapter = referenceAdapter(await open());
  });
  afterAll(() => adapter.close());

  test.each(cases)("%s", async (_, text) => {
    expect(await failuresOn(adapter, parseStory(text))).toEqual([]);
  });
});

describe("an expectation that does not hold is told", () => {
  test.each([
    ["#1 discarded", "2: #1 must be discarded, but is available."],
    ["#2 available", "2: #2 must be there, but is not."],
    ["#1 attempt 1", "2: attempt of #1 must be 1, but is 0."],
    [
      "#1 available SCH-3",
      "2: The rule of #1 must be SCH-3, but is INS-8, INS-5, INS-6, INS-4, INS-7, INS-10, INS-13, INS-14.",
    ],
    ["A free", "2: Key A must be free, but is held by #1."],
    ["B #1", "2: Key B must be held by #1, but is free."],
    ["#1 duplicate of #1", "2: #1 must be a duplicate of #1, but is a job of its own."],
    [
      "told nothing",
      '2: Listeners must be told nothing, but are told insert {"queue": "default"}.',
    ],
    [
      'told control {"action":"pause"}',
      '2: Listeners must be told control {"action": "pause"}, but are told insert {"queue": "default"}.',
    ],
    ["refused invalid", "2: The call must be refused invalid, but is accepted."],
  ])("%s", (line, failure) => {
    const story = parseStory(`\n0s insert #1 unique A\n   ${line}`);
    expect(failuresOnModel(story, LAW)).toEqual([failure]);
  });

  test("a refusal that nobody expected", () => {
    const story = parseStory('0s op {"op":"insert","jobs":[]}\n   A free');
    expect(failuresOnModel(story, LAW)).toEqual([
      "1: The call must be answered, but is refused invalid.",
    ]);
  });
});
