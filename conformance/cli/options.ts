import { parseMicros } from "../notation/time.ts";
import type { Budgets } from "../protocol/transport.ts";
import { UsageError } from "./exit.ts";

/** What `weir migrate` can be asked for. */
export const MIGRATE_ACTIONS = ["up", "down", "status"] as const;

/** The seed of every run in CI: fixed for each version of the suite, so that the same inputs get the same verdict. */
export const GATE_SEED = 42;

/** The seed that `--seed` names; `random`, or nothing outside CI and `isGate`, draws one. */
export function seedOf(given: string | undefined, isGate = false): number {
  if (given === undefined && (isGate || process.env.CI !== undefined)) return GATE_SEED;
  if (given === undefined || given === "random") return Math.floor(Math.random() * 1_000_000);
  return countOf("seed", given, 0);
}

/** A whole number of at least `least`. */
export function countOf(option: string, given: string, least = 1): number {
  const count = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new UsageError(`--${option} must be a whole number of at least ${least}, but is ${given}.`);
}

/** A duration such as `30s` or `10m`, in seconds. */
export function secondsOf(option: string, given: string): number {
  const micros = parseMicros(given);
  if (micros !== null && micros > 0) return micros / 1_000_000;
  throw new UsageError(`--${option} must be a duration such as 30s or 10m, but is ${given}.`);
}

/** What `--budget` gives an adapter, such as `handshake=60s,operation=10s`; nothing is as usual. */
export function budgetsOf(given: string | undefined): Partial<Budgets> {
  const parts = given?.split(",") ?? [];
  const budgets = parts.map((part) => {
    const [name = "", duration = ""] = part.split("=");
    const which = oneOf("budget", name, ["handshake", "operation", "reset", "shutdown"]);
    return [`${which}Ms`, secondsOf("budget", duration) * 1_000] as const;
  });
  return Object.fromEntries(budgets);
}

/** One of `known`. */
export function oneOf<T extends string>(option: string, given: string, known: readonly T[]): T {
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw new UsageError(`--${option} must be one of ${known.join(", ")}, but is ${given}.`);
}
