import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ground } from "../reference/adapter.ts";
import { pgliteGround } from "../reference/ground.ts";
import { markStep } from "./ear.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await pgliteGround();
});
afterAll(() => ground.close());

const SAY = "select pg_notify('public.river_insert', 'again')";
const said = { channel: "insert", payload: "again" };

test("equal notifications are kept apart by the step that sent them", async () => {
  const steps = [[SAY, SAY], [], [SAY]].map(
    (all, at) => `begin; ${[...all, markStep(at)].join("; ")}; commit`,
  );
  await ground.send(steps.join("; "));
  expect(ground.ear.takeSteps()).toEqual([[said], [], [said]]);
  expect(ground.ear.take()).toEqual([]);
});

test("a look without markers gives all at once", async () => {
  await ground.send(SAY);
  await ground.send(SAY);
  expect(ground.ear.take()).toEqual([said, said]);
});
