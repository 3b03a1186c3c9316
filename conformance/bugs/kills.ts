import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ground } from "../reference/adapter.ts";
import { BUGS } from "./catalogue.ts";
import { FOUND_IN } from "./found-in.generated.ts";
import { killBug } from "./kill.ts";

const SEED = 42;

/**
 * Tests that every second bug of the catalogue is killed: all of them take minutes, and two files run side by side. Each hunt begins where it
 * ended last, as `weir bugs` runs it whole; where it does not end there any more, the test takes longer.
 */
export function testKills(remainder: 0 | 1, open: () => Promise<Ground>): void {
  let ground: Ground;
  beforeAll(async () => {
    ground = await open();
  });
  afterAll(() => ground.close());

  const bugs = BUGS.filter((_, index) => index % 2 === remainder);
  const byName = new Map(bugs.map((bug) => [bug.name, bug]));
  test.for([...byName.keys()])("%s is killed by a rule that it lists", async (name) => {
    const bug = byName.get(name);
    if (bug === undefined) throw new Error(`There must be a bug ${name}, but there is none.`);
    const { verdict, rule, why } = await killBug(ground, bug, {
      seed: SEED,
      from: FOUND_IN[name] ?? 1,
      sequences: 3000,
      seconds: 50,
      shrinks: false,
    });
    expect({ verdict, why }).toEqual({ verdict: "killed", why: null });
    expect(bug.breaks).toContain(rule);
  });
}
