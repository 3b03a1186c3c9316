import { parseArgs } from "node:util";

/** The parts that can be asked for alone. */
export const PARTS = ["work", "insert", "latency", "growth", "pglite", "memory"] as const;

/** One of the parts. */
export type Part = (typeof PARTS)[number];

/** What to measure, and how long. */
export interface Options {
  readonly only: readonly Part[];
  readonly rounds: number;
  readonly jobs: number;
}

/** Throws for what is no option. */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: PARTS.join(",") },
      rounds: { type: "string", default: "5" },
      jobs: { type: "string", default: "20000" },
    },
  });
  const only = values.only.split(",");
  const unknown = only.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) {
    throw new Error(`--only must be of ${PARTS.join(", ")}, but has ${unknown}.`);
  }
  return {
    only: PARTS.filter((part) => only.includes(part)),
    rounds: positive("rounds", values.rounds),
    jobs: positive("jobs", values.jobs),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be an integer above 0, but is ${text}.`);
}
