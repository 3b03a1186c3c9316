import { describe, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { About, Adapter } from "../adapter.ts";
import { lawOf } from "../law.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { examplesOf, MANY_WALKS } from "./by-example.ts";
import { hunt } from "./hunt.ts";

const LAW = lawOf(NEWEST);

const like = (about: Partial<About>): Adapter =>
  ({ about: { edition: NEWEST.name, capabilities: {}, ...about } }) as Adapter;

const examples = (about: Partial<About>, ...unfired: readonly RuleId[]) => [
  ...examplesOf(like(about), LAW, (rule) => !unfired.includes(rule)),
];

describe("examples of rules that did not fire", () => {
  test("are those of the rules that can be checked, and none of the others", () => {
    const ofTwo = examples({}, "CAN-7", "FIN-15");
    expect(ofTwo.length).toBeGreaterThan(1);
    expect(ofTwo.some((ops) => ops.some(({ op }) => op === "cancel"))).toBe(true);
    expect(examples({})).toEqual([]);
    expect(examples({ edition: "0.12" }, "FIN-11")).toEqual([]);
    expect(examples({ capabilities: { cancel: { unsupported: "no" } } }, "CAN-7")).toEqual([]);
  });

  test("are left out where their steps need what an implementation has not", () => {
    const late = { "finish.late": { unsupported: "a worker ends its attempt once" } };
    expect(examples({}, "DEL-9").length).toBeGreaterThan(0);
    expect(examples({ capabilities: late }, "DEL-9")).toEqual([]);
  });
});

test("after many walks they decide all to which no walk came", async () => {
  const adapter = referenceAdapter(await pgliteGround());
  const walk = { seed: 1, seconds: null, failFast: false, maxSteps: 1 };
  try {
    const many = await hunt([adapter], LAW, { ...walk, sequences: MANY_WALKS });
    const unfired = Object.keys(RULES).filter((rule) => !many.fired.has(rule as RuleId));
    expect([unfired, many.findings]).toEqual([[], []]);
  } finally {
    await adapter.close();
  }
}, 120_000);
