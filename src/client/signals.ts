/** A signal that asks a process to end. */
export type StopSignal = "SIGTERM" | "SIGINT" | "SIGHUP";

/**
 * Calls `onSignal` with 1 for the first, 2 for the next. What it answers takes the handlers away again; if a signal came meanwhile and nobody
 * else handles it, the process then ends by it, as it would have without us.
 */
export function onSignals(
  signals: readonly StopSignal[],
  onSignal: (nth: number) => void,
): () => void {
  let count = 0;
  let last: StopSignal | null = null;
  let isReleased = false;
  const handlers = [...new Set(signals)].map((signal) => {
    const handler = () => {
      last = signal;
      count += 1;
      onSignal(count);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    if (isReleased) return;
    isReleased = true;
    for (const [signal, handler] of handlers) process.off(signal, handler);
    const signal = last;
    if (signal === null || process.listenerCount(signal) > 0) return;
    // Whoever waited for the stop comes first.
    setImmediate(() => {
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  };
}
