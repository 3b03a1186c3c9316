import { microsOf } from "../client/job-type.ts";
import { QueueError } from "../errors.ts";
import { clientNow, type Micros } from "../time.ts";

/** The clock of a queue under test: it stands still but when it is told to move. */
export class TestClock {
  #at: Micros;

  /** Without an instant it stands at this machine's. */
  constructor(at: Date | Micros = clientNow()) {
    this.#at = instant(at);
  }

  get now(): Date {
    return new Date(Number(this.#at / 1000n));
  }

  /** The same in microseconds since the Unix epoch, as jobs have their times. */
  get micros(): Micros {
    return this.#at;
  }

  /** Moves it on by milliseconds, 0 or more. What becomes due by that is worked by the next `drain`. */
  advance(forMs: number): void {
    const by = microsOf(forMs, "forMs");
    if (by < 0n) throw invalid("forMs", "be 0 or more milliseconds", forMs);
    this.#at += by;
  }

  /** Puts it anywhere, also back; takes a job's own times too. */
  set(at: Date | Micros): void {
    this.#at = instant(at);
  }
}

function instant(at: Date | Micros): Micros {
  if (typeof at === "bigint") return at;
  const millis = at.getTime();
  if (Number.isNaN(millis)) throw invalid("at", "be a date", "an invalid one");
  return BigInt(millis) * 1000n;
}

const invalid = (field: string, rule: string, value: unknown): QueueError =>
  new QueueError("invalid", `${field} must ${rule}, but is ${value}.`, { field });
