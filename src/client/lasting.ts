import { QueueError } from "../errors.ts";

/** Whether the same call would fail again: what we refuse, and data, constraints and sizes that Postgres refuses. All else may pass. */
export function isLasting(error: unknown): boolean {
  if (error instanceof QueueError) return error.code !== "conflict";
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && /^(?:22|23|54)/.test(code);
}
