import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { step } from "../../spec/model/step.ts";
import type { Adapter } from "../adapter.ts";
import { lawOf } from "../law.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { killMutant } from "./kill.ts";
import { MUTANTS } from "./mutants.ts";

const law = lawOf(NEWEST);
let adapter: Adapter;
beforeAll(async () => {
  adapter = referenceAdapter(await pgliteGround());
});
afterAll(() => adapter.close());

test("there are at least thirty, and no two of one name", () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

test.for(MUTANTS)("the reference kills $name by a rule that it lists", async (mutant) => {
  const options = { seed: 42, sequences: 1000, shrinks: false };
  const { verdict, rule } = await killMutant(adapter, mutant, law, options);
  expect({ verdict, rule }).toEqual({ verdict: "killed", rule: expect.any(String) });
  expect(mutant.rules).toContain(rule);
});

test("the model itself survives, and a rule that is not listed is no kill", async () => {
  const options = { seed: 42, sequences: 20, shrinks: false };
  const right = { name: "none", what: "Nothing is wrong.", rules: [], model: step };
  expect((await killMutant(adapter, right, law, options)).verdict).toBe("survived");
  const [mutant] = MUTANTS;
  if (mutant === undefined) throw new Error("There must be a mutant, but there is none.");
  const unlisted = await killMutant(adapter, { ...mutant, rules: ["FIN-1"] }, law, options);
  expect(unlisted.verdict).toBe("wrong rule");
});
