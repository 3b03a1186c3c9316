import { describe, expect, test, vi } from "vitest";
import { eventually, gate } from "../../conformance/database/clients.ts";
import { backOffMs, Loop } from "./loop.ts";
import { Timer } from "./timer.ts";

describe("a loop", () => {
  test("takes turns, the next after as long as the last one said, or when it is woken", async () => {
    let turns = 0;
    const loop = new Loop(
      async () => {
        turns += 1;
        return turns < 3 ? 1 : 60_000;
      },
      () => {},
    );
    loop.start();
    await eventually("three turns", () => turns === 3);
    loop.wake();
    expect(turns).toBe(4);
    await loop.stop();
    loop.wake();
    expect(turns).toBe(4);
  });

  test("woken in its turn it takes another, and never two at a time", async () => {
    const turns: ReturnType<typeof gate<void>>[] = [];
    const loop = new Loop(
      async () => {
        const turn = gate<void>();
        turns.push(turn);
        await turn.opened;
        return 60_000;
      },
      () => {},
    ).start();
    await eventually("a turn", () => turns.length === 1);
    for (let n = 0; n < 3; n++) loop.wake();
    expect(turns).toHaveLength(1);
    turns[0]?.open();
    await eventually("another", () => turns.length === 2);
    const stopped = vi.fn();
    const stopping = loop.stop().then(stopped);
    loop.wake();
    await Promise.resolve();
    expect(stopped).not.toHaveBeenCalled();
    turns[1]?.open();
    await stopping;
    expect(turns).toHaveLength(2);
  });

  test("a turn that throws is told, with how often in a row, and tried again", async () => {
    const told: number[] = [];
    let turns = 0;
    const loop = new Loop(
      () => {
        turns += 1;
        if (turns !== 3 && turns < 5) throw new Error("no");
        return Promise.resolve(turns === 3 ? 1 : 60_000);
      },
      (_, tries) => told.push(tries),
    ).start();
    await eventually("five turns", () => turns === 5);
    await loop.stop();
    expect(told).toEqual([1, 2, 1]);
  });

  test("waits longer after each failure, up to 10 s, each time a little less or more", () => {
    const waits = [1, 2, 3, 8, 30, 1000].map((tries) =>
      Array.from({ length: 50 }, () => backOffMs(tries)),
    );
    const longest = [100, 200, 400, 10_000, 10_000, 10_000];
    for (const [at, wait] of waits.entries()) {
      const most = longest[at] ?? 0;
      expect(Math.max(...wait)).toBeLessThanOrEqual(most);
      expect(Math.min(...wait)).toBeGreaterThanOrEqual(most / 2);
      expect(new Set(wait).size).toBeGreaterThan(1);
    }
  });
});

describe("a timer", () => {
  test("waits for longer than the runtime's timers can, and can be started anew and cleared", () => {
    vi.useFakeTimers();
    try {
      const days = (n: number) => n * 24 * 3_600_000;
      const rung: string[] = [];
      const timer = new Timer();
      timer.start(days(1), () => rung.push("never"));
      timer.start(days(60), () => rung.push("late"));
      vi.advanceTimersByTime(days(60) - 1);
      expect(rung).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(rung).toEqual(["late"]);
      timer.start(5, () => rung.push("cleared"));
      timer.clear();
      vi.advanceTimersByTime(days(60));
      expect(rung).toEqual(["late"]);
    } finally {
      vi.useRealTimers();
    }
  });
});
