import type { Micros } from "./state.ts";

/** The timeout of a worker that never times out. */
export const NEVER: Micros = -1;

/**
 * The kinds that every adapter has workers for, with the timeouts of these workers; null leaves it to the client. All of them decode JSON
 * objects as args, and nothing else.
 */
export const WORKERS: Readonly<Record<string, Micros | null>> = {
  weir: null,
  other: null,
  /** That of live clients, which does as its args say. */
  weir_script: null,
  weir_1h: 3_600_000_000,
  weir_never: NEVER,
};
