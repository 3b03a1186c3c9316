import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { guard } from "../leftovers.ts";
import { onInterrupt } from "./interrupt.ts";

test("the first Ctrl-C ends nothing, whoever began to listen first; the second one does", async () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as never);
  const others = process.listeners("SIGINT");
  process.removeAllListeners("SIGINT");
  let told = 0;
  const interrupt = onInterrupt(() => {
    told += 1;
  });
  const release = guard(() => {});
  try {
    process.emit("SIGINT", "SIGINT");
    expect([interrupt.isSet, told, exit.mock.calls.length]).toEqual([true, 1, 0]);
    await setImmediate();
    process.emit("SIGINT", "SIGINT");
    expect([told, exit.mock.calls.length]).toEqual([1, 1]);
  } finally {
    release();
    for (const listener of others) process.on("SIGINT", listener);
    exit.mockRestore();
  }
});
