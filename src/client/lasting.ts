import { QueueError } from "../errors.ts";

/**
 * Whether the same call would fail again: what we refuse, data, constraints and sizes that Postgres or somebody's trigger refuses, and what is too much for this
 * runtime's strings. All else may pass.
 */
export function isLasting(error: unknown): boolean {
  if (error instanceof QueueError) return error.code !== "conflict";
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && /^(?:22|23|54|P0)...$/.test(code);
}
