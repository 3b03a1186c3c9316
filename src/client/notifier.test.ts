import { expect, test } from "vitest";
import { eventually, gate } from "../../conformance/database/clients.ts";
import type { Database, Db, Ear } from "../db.ts";
import { type Heard, Notifier } from "./notifier.ts";
import type { Problem } from "./options.ts";

/** A database whose listening a test plays. */
function stage() {
  const said: unknown[] = [];
  const heard: Heard = {
    inserted: (queue) => said.push(["inserted", queue]),
    cancelled: (id) => said.push(["cancelled", id]),
    paused: (queue, isPaused) => said.push(["paused", queue, isPaused]),
    resigned: (leader) => said.push(["resigned", leader]),
    resignRequested: () => said.push(["resignRequested"]),
    caughtUp: () => said.push(["caughtUp"]),
  };
  const ears: Ear[] = [];
  const problems: Problem[] = [];
  let ended = 0;
  let fault: (() => Promise<void> | void) | null = null;
  const listen: NonNullable<Database["listen"]> = async (_, ear) => {
    await fault?.();
    ears.push(ear);
    return async () => {
      ended += 1;
    };
  };
  const open = () =>
    Notifier.open({ listen } as Db & Partial<Database>, heard, (problem) => problems.push(problem));
  return {
    open,
    said,
    ears,
    problems,
    ended: () => ended,
    setFault: (next: typeof fault) => {
      fault = next;
    },
  };
}

test("hears what River's clients say, and nothing in what none of them says", async () => {
  const { open, said, ears } = stage();
  const notifier = await open();
  const hear = (topic: string, payload: unknown) =>
    ears[0]?.hear(topic, typeof payload === "string" ? payload : JSON.stringify(payload));
  hear("river_insert", { queue: "q" });
  hear("river_control", { action: "cancel", job_id: 7, queue: "q" });
  hear("river_control", { action: "pause", queue: "*" });
  hear("river_control", { action: "resume", queue: "q" });
  hear("river_leadership", { action: "resigned", leader_id: "a" });
  hear("river_leadership", { action: "resigned" });
  hear("river_leadership", { action: "request_resign" });
  const count = said.length;
  for (const nonsense of [
    "",
    "{",
    "7",
    "null",
    "[]",
    { queue: 7 },
    { action: "cancel", job_id: 1.5 },
  ])
    for (const topic of ["river_insert", "river_control", "river_leadership"])
      hear(topic, nonsense);
  hear("river_control", { action: "cancel", job_id: "7" });
  hear("river_control", { action: "metadata_changed", queue: "q" });
  expect(said).toHaveLength(count);
  expect(said).toEqual([
    ["inserted", "q"],
    ["cancelled", 7n],
    ["paused", "*", true],
    ["paused", "q", false],
    ["resigned", "a"],
    ["resigned", null],
    ["resignRequested"],
  ]);
  await notifier?.close();
});

test("a connection that is lost is told once and opened again, then anything may have happened", async () => {
  const { open, said, ears, problems, ended, setFault } = stage();
  const notifier = await open();
  let left = 2;
  setFault(() => {
    left -= 1;
    if (left >= 0) throw new Error("still down");
  });
  const lost = new Error("gone");
  ears[0]?.lost(lost);
  await eventually("it listens again", () => said.length > 0);
  expect(said).toEqual([["caughtUp"]]);
  expect(problems.map(({ what, error, tries }) => [what, String(error), tries])).toEqual([
    ["listen", "Error: gone", 1],
    ["listen", "Error: still down", 2],
    ["listen", "Error: still down", 3],
  ]);
  await notifier?.close();
  expect([ears.length, ended()]).toEqual([2, 1]);
});

test("the first connection must be, and one that comes after the close is ended", async () => {
  const { open, ears, ended, setFault } = stage();
  setFault(() => Promise.reject(new Error("down")));
  await expect(open()).rejects.toThrow("down");
  setFault(null);
  const notifier = await open();
  const late = gate();
  const opening = gate();
  setFault(() => {
    opening.open();
    return late.opened;
  });
  ears[0]?.lost(new Error("gone"));
  await opening.opened;
  const closed = notifier?.close();
  late.open();
  await closed;
  expect([ears.length, ended()]).toEqual([2, 1]);
});

test("a database that cannot listen has none", async () => {
  expect(await Notifier.open({} as Db, {} as Heard, () => {})).toBeNull();
});
