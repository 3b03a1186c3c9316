import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCron } from "./cron.ts";
import { QueueError } from "./errors.ts";
import { readRfc3339, secondsText } from "./time.ts";

interface Vector {
  readonly expression: string;
  readonly refused?: string;
  readonly from?: string;
  readonly next?: readonly string[];
}

const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../spec/vectors/cron.json", import.meta.url), "utf8"),
);
const TICKS = 4;
const at = (text: string) => readRfc3339(text) ?? 0n;

/** The next ticks as text; fewer than asked for where there are no more. */
function ticksAfter(expression: string, from: bigint): string[] {
  const schedule = parseCron(expression);
  const all: string[] = [];
  let tick = schedule.next(from);
  while (tick !== null && all.length < TICKS) {
    all.push(`${secondsText(tick)}Z`);
    tick = schedule.next(tick);
  }
  return all;
}

test("there are vectors of both kinds", () => {
  expect(vectors.filter(({ refused }) => refused !== undefined).length).toBeGreaterThan(100);
  expect(vectors.filter(({ next }) => next !== undefined).length).toBeGreaterThan(500);
});

test("what River's cron library refuses is refused", () => {
  for (const { expression, refused } of vectors) {
    if (refused === undefined) continue;
    const call = () => parseCron(expression);
    expect(call, `${expression}: ${refused}`).toThrow(QueueError);
    expect(call).toThrow(expect.objectContaining({ code: "invalid", field: "cron" }));
  }
});

test("ticks are those of River's cron library", () => {
  for (const { expression, refused, from = "", next = [] } of vectors) {
    if (refused === undefined)
      expect([expression, from, ...ticksAfter(expression, at(from))]).toEqual([
        expression,
        from,
        ...next,
      ]);
  }
});

test("a day that a zone left out ends nothing", () => {
  const from = at("2011-12-28T12:00:00Z");
  expect(ticksAfter("TZ=Pacific/Apia 0 0 30 12 *", from)[0]).toBe("2012-12-29T10:00:00Z");
  expect(ticksAfter("TZ=Pacific/Apia 0 0 1 * *", from)[0]).toBe("2011-12-31T10:00:00Z");
});

test("a field that admits nothing ticks never", () => {
  for (const expression of [", * * * *", "* , * * *", "* * , * *", "* * * , *", "* * * * ,"])
    expect(parseCron(expression).next(0n)).toBeNull();
});

test("ticks before the epoch", () => {
  expect(secondsText(parseCron("0 0 * * *").next(-1n) ?? 1n)).toBe("1970-01-01T00:00:00");
  expect(parseCron("@every 1s").next(-1_500_000n)).toBe(-1_000_000n);
});
