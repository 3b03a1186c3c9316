import { describe, expect, inject, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { alterationOf } from "../bugs/bug.ts";
import { BUGS } from "../bugs/catalogue.ts";
import { lawOf } from "../law.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround, postgresGround } from "../reference/ground.ts";
import { hunt } from "../run/hunt.ts";
import { traitsOf } from "../run/transition.ts";
import { novelWalks } from "../walk/novelty.ts";
import { FULL_SCOPE } from "../walk/swarm.ts";
import { walksOf } from "../walk/walk.ts";
import { tourOf } from "./tour.ts";

const law = lawOf(NEWEST);
const tour = tourOf(law, FULL_SCOPE);
const limits = { seed: 42, sequences: 0, seconds: null, failFast: false, tour };

describe.each([
  ["PGlite", () => pgliteGround()],
  ["Postgres", () => postgresGround(inject("postgresUrl"))],
])("on %s", (_, open) => {
  test("tour and injected states reach every abstract transition, and nothing differs", async () => {
    const adapter = referenceAdapter(await open());
    const report = await hunt([adapter], law, limits).finally(() => adapter.close());
    expect(report.findings).toEqual([]);
    expect(tour.transitions.size).toBeGreaterThan(500);
    expect(report.tour).toMatchObject({
      toured: tour.transitions.size,
      injected: tour.transitions.size,
      walked: 0,
    });
  });
});

test.for(["schedule-holder-loses", "schedule-loser-keeps-bit"])(
  "the tour finds %s, and so do injected states alone",
  async (name) => {
    const bug = BUGS.find((each) => each.name === name);
    if (bug === undefined) throw new Error(`There must be a bug ${name}, but there is none.`);
    const adapter = referenceAdapter(await pgliteGround(), alterationOf(bug));
    const find = async (paths: typeof tour.paths) => {
      const part = { ...limits, failFast: true, tour: { ...tour, paths } };
      const [finding] = (await hunt([adapter], law, part)).findings;
      return finding?.shrunk === null ? null : finding?.rule;
    };
    const found = [await find(tour.paths), await find([])];
    await adapter.close();
    for (const rule of found) expect(bug.breaks).toContain(rule);
  },
);

test("an implementation that cannot do something is not asked for it", () => {
  const scope = {
    ...FULL_SCOPE,
    can: (name: string) => name !== "schedule" && name !== "finish.snooze",
  };
  const { paths, transitions } = tourOf(law, scope);
  const asked = paths.flat().map((op) => (op.op === "finish" ? op.outcome.kind : op.op));
  expect(new Set(asked)).toContain("error");
  expect(new Set(asked)).not.toContain("schedule");
  expect(new Set(asked)).not.toContain("snooze");
  expect(transitions.size).toBeLessThan(tour.transitions.size);
});

test("three hundred walks of a fixed seed reach at least 60 % of what there is to reach", () => {
  const reached = new Set<string>();
  const walks = novelWalks(walksOf(42, law, FULL_SCOPE), law);
  for (let i = 0; i < 300; i++) {
    for (const transition of traitsOf(walks.next().value, law).transitions) reached.add(transition);
  }
  const share =
    [...tour.transitions].filter((each) => reached.has(each)).length / tour.transitions.size;
  expect(share).toBeGreaterThan(0.6);
});
