/** The longest time that a timer of the runtime takes; it ends a longer one at once. */
const LONGEST_MS = 2_147_483_647;

/** One alarm at a time, of any length. Time is counted by a clock that never jumps. */
export class Timer {
  #handle: NodeJS.Timeout | undefined;

  /** Calls `run` after so many milliseconds, in place of what was to come before. */
  start(ms: number, run: () => void): void {
    this.clear();
    const part = Math.min(Math.max(ms, 0), LONGEST_MS);
    this.#handle = setTimeout(() => (ms > part ? this.start(ms - part, run) : run()), part);
  }

  clear(): void {
    clearTimeout(this.#handle);
  }
}
