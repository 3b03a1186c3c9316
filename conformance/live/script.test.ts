import { expect, test } from "vitest";
import { actionsOf, endingOf, indexOf } from "./script.ts";

const SCRIPT = {
  attempts: [
    ["sleep 100ms", 'output {"a": "b c"}', "error"],
    ["heed 20ms", "snooze 5000ms"],
    ["complete_tx"],
  ],
};

test("each attempt has its actions, and the last ones stand for all that follow", () => {
  expect(actionsOf(SCRIPT, 0)).toEqual([
    { do: "sleep", ms: 100 },
    { do: "output", json: '{"a": "b c"}' },
    { do: "error" },
  ]);
  expect(actionsOf(SCRIPT, 1)).toEqual([
    { do: "heed", ms: 20 },
    { do: "snooze", ms: 5000 },
  ]);
  expect(actionsOf(SCRIPT, 2)).toEqual([{ do: "complete_tx" }]);
  expect(actionsOf(SCRIPT, 9)).toEqual([{ do: "complete_tx" }]);
});

test("a snooze gives the attempt back, and the next run goes on in the script", () => {
  expect([indexOf(1, 0), indexOf(1, 1), indexOf(2, 1)]).toEqual([0, 1, 2]);
});

test("an attempt that says no ending completes", () => {
  expect([0, 1, 2].map((index) => endingOf(actionsOf(SCRIPT, index)))).toEqual([
    "error",
    "snooze",
    "complete_tx",
  ]);
  expect(endingOf(actionsOf({ attempts: [["sleep 1ms"]] }, 0))).toBe("complete");
});

test.each(["sleep", "sleep 1s", "snooze -1ms", "complete now", "explode", ""])(
  "%j is no action",
  (word) => {
    expect(() => actionsOf({ attempts: [[word]] }, 0)).toThrow(/must be one of the script's/);
  },
);
