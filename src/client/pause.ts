import type { Queue } from "../queue.ts";

/** Whether a queue is paused, by what others tell and by what its row says. */
export class Pause {
  readonly #onChange: (isPaused: boolean) => void;
  #isPaused = false;
  #told = 0;

  constructor(onChange: (isPaused: boolean) => void) {
    this.#onChange = onChange;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Somebody paused the queue, or resumed it. */
  tell(isPaused: boolean): void {
    this.#told += 1;
    this.#set(isPaused);
  }

  /** Learns it from the row, which it returns. */
  async look(read: () => Promise<Queue>): Promise<Queue> {
    for (;;) {
      const told = this.#told;
      const queue = await read();
      // What was told meanwhile may be newer than the row as it was read, or older; only another look says which.
      if (told !== this.#told) continue;
      this.#set(queue.pausedAt !== null);
      return queue;
    }
  }

  #set(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#onChange(isPaused);
  }
}
