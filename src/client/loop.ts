/** The longest time that a timer takes. */
const LONGEST_MS = 2_147_483_647;
const BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 10_000;

/** How long to wait after so many failures in a row: doubled each time, up to 10 s, and up to half of it left out, so that clients part. */
export const backOffMs = (tries: number): number =>
  Math.min(BACK_OFF_MS * 2 ** Math.min(tries, 10), LONGEST_BACK_OFF_MS) * (1 - Math.random() / 2);

/**
 * Does one thing again and again: `turn` answers how many milliseconds to wait until the next time, unless woken before. One that throws is told
 * and tried again with back-off. Time is counted by the timer's clock, which never jumps.
 */
export class Loop {
  readonly #turn: () => Promise<number>;
  readonly #onError: (error: unknown, tries: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #underway: Promise<void> | null = null;
  #isWoken = false;
  #isOver = false;
  #tries = 0;

  constructor(turn: () => Promise<number>, onError: (error: unknown, tries: number) => void) {
    this.#turn = turn;
    this.#onError = onError;
  }

  /** Begins, the first turn after so long. */
  start(afterMs = 0): this {
    this.#wait(afterMs);
    return this;
  }

  /** The next turn begins now, or when the one under way ends. */
  wake(): void {
    if (this.#isOver) return;
    this.#isWoken = true;
    if (this.#underway === null) this.#begin();
  }

  /** Begins no other turn; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#underway;
  }

  #wait(ms: number): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => this.#begin(), Math.min(Math.max(ms, 0), LONGEST_MS));
  }

  #begin(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#underway !== null || this.#isOver) return;
    this.#isWoken = false;
    this.#underway = this.#once().then((ms) => {
      this.#underway = null;
      if (this.#isWoken && !this.#isOver) this.#begin();
      else this.#wait(ms);
    });
  }

  async #once(): Promise<number> {
    try {
      const ms = await this.#turn();
      this.#tries = 0;
      return ms;
    } catch (error) {
      this.#tries += 1;
      this.#onError(error, this.#tries);
      return backOffMs(this.#tries);
    }
  }
}
