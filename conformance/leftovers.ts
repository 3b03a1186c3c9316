const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

const sweeps = new Set<() => void>();

/**
 * Promises that `sweep` runs before this process ends, however it ends short of SIGKILL: also when it is interrupted, exits, or
 * dies of an error. It must be synchronous. The returned function takes the promise back, once what it guarded is gone.
 */
export function guard(sweep: () => void): () => void {
  if (sweeps.size === 0) watch();
  // An own function each time, so that the same sweep can be guarded twice.
  const entry = () => sweep();
  sweeps.add(entry);
  return () => {
    if (sweeps.delete(entry) && sweeps.size === 0) unwatch();
  };
}

function watch(): void {
  process.on("exit", sweepAll);
  for (const signal of SIGNALS) process.on(signal, interrupted);
}

function unwatch(): void {
  process.off("exit", sweepAll);
  for (const signal of SIGNALS) process.off(signal, interrupted);
}

/** Whoever else listens decides when the process ends, and its end sweeps. */
function interrupted(signal: (typeof SIGNALS)[number]): void {
  if (process.listenerCount(signal) === 1) process.exit(128 + SIGNAL_NUMBERS[signal]);
}

/** Latest first: a process is ended before the database it uses is dropped. */
function sweepAll(): void {
  for (const sweep of [...sweeps].reverse()) {
    try {
      sweep();
    } catch {
      // One thing that cannot be removed must not keep the others.
    }
  }
  sweeps.clear();
}
