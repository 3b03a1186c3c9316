import type { CheckOptions } from "./check.ts";
import { WEIR } from "./terminal.ts";

/** The command line that gives a check again; a server's URL may hold a password. */
export function commandOf(options: CheckOptions, seed: number): string {
  const { adapter, property, runs, time, maxSteps, budget, failFast, database, expect } = options;
  const quote = adapter.includes('"') ? "'" : '"';
  const name = /\s/.test(adapter) ? quote + adapter + quote : adapter;
  const given: readonly (readonly [string, string | undefined])[] = [
    ["adapter", name],
    ["property", property],
    ["seed", String(seed)],
    ["runs", runs],
    ["time", time],
    ["max-steps", maxSteps],
    ["budget", budget],
    ["expect", expect === true ? "" : expect],
    ["database", database === undefined ? undefined : "…"],
  ];
  const words = given.flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${value}`.trimEnd()],
  );
  return [WEIR, "check", ...words, ...(failFast === true ? ["--fail-fast"] : [])].join(" ");
}
