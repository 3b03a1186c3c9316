import { parseCron } from "../../src/cron.ts";
import { QueueError } from "../../src/errors.ts";
import { readRfc3339, secondsText } from "../../src/time.ts";
import { type Asked, type Outcome, Tally } from "./family.ts";
import { type CronVector, TICKS } from "./files.ts";

/** Asks the reference's own function: no method of the protocol takes an expression. */
export function askCron({ adapter }: Asked, vectors: readonly CronVector[]): Outcome {
  const tally = new Tally("cron times");
  if (adapter.about.adapter !== "reference") {
    tally.leave("no method asks for it", vectors.length);
    return tally.outcome();
  }
  for (const vector of vectors) {
    const { expression, refused, from = "", next = [] } = vector;
    const mustBe = refused === undefined ? textOf(next) : "refused";
    const input = `${JSON.stringify(expression)} from ${from}`;
    tally.compare("PER-1", input, mustBe, ticksOf(vector));
  }
  return tally.outcome();
}

const textOf = (ticks: readonly string[]): string =>
  ticks.length === 0 ? "never" : ticks.join(" ");

function ticksOf({ expression, from }: CronVector): string {
  try {
    const schedule = parseCron(expression);
    const ticks: string[] = [];
    let tick = schedule.next(readRfc3339(from ?? "") ?? 0n);
    while (tick !== null && ticks.length < TICKS) {
      ticks.push(`${secondsText(tick)}Z`);
      tick = schedule.next(tick);
    }
    return textOf(ticks);
  } catch (error) {
    if (error instanceof QueueError && error.code === "invalid") return "refused";
    throw error;
  }
}
