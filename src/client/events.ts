import type { Job } from "../job.ts";

/** What a client tells of the attempts that it worked. */
export interface JobEvent {
  readonly kind:
    | "job_completed"
    | "job_failed"
    | "job_cancelled"
    | "job_snoozed"
    | "job_interrupted"
    | "job_stuck";
  /** The row as it was committed; of a stuck job as it was fetched. `job_failed` is retryable, available or discarded. */
  readonly job: Job;
  /** How long the handler ran, in milliseconds. */
  readonly ranMs: number;
}

/** What a client tells of the queues that it works. */
export interface QueueChange {
  readonly kind: "queue_paused" | "queue_resumed";
  readonly queue: string;
}

/** All that a client tells. */
export type ClientEvent = JobEvent | QueueChange;

/** Which event. */
export type EventKind = ClientEvent["kind"];

/** The events of these kinds. */
export type EventOf<K extends EventKind> = ClientEvent & { readonly kind: K };

/** How many events wait for a listener that is slow; then the oldest go, so that the queue never waits for it. Several times what one statement tells. */
const MOST_WAITING = 10_000;

/** The events of some kinds, from when it was asked for. `break` or `return` ends it; so does `close`. */
export class EventStream<E extends ClientEvent = ClientEvent> implements AsyncIterableIterator<E> {
  /** How many events went unread. */
  dropped = 0;
  readonly #kinds: readonly string[];
  readonly #onEnd: (stream: EventStream<E>) => void;
  readonly #waiting: E[] = [];
  readonly #readers: ((result: IteratorResult<E>) => void)[] = [];
  #isOver = false;

  constructor(kinds: readonly string[], onEnd: (stream: EventStream<E>) => void) {
    this.#kinds = kinds;
    this.#onEnd = onEnd;
  }

  /** Never waits and never throws. */
  offer(event: ClientEvent): void {
    if (this.#isOver || (this.#kinds.length > 0 && !this.#kinds.includes(event.kind))) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader({ done: false, value: event as E });
    else if (this.#waiting.push(event as E) > MOST_WAITING) {
      this.#waiting.shift();
      this.dropped += 1;
    }
  }

  next(): Promise<IteratorResult<E>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<E>> {
    this.close();
    this.#waiting.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  /** What waits can still be read. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
    this.#onEnd(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Who listens to a client. */
export class Events {
  readonly #streams = new Set<EventStream>();

  /** Whether anybody listens. */
  get isHeard(): boolean {
    return this.#streams.size > 0;
  }

  open<K extends EventKind>(kinds: readonly K[]): EventStream<EventOf<K>> {
    const stream = new EventStream<EventOf<K>>(kinds, () => this.#streams.delete(stream as never));
    this.#streams.add(stream as never);
    return stream;
  }

  tell(event: ClientEvent): void {
    for (const stream of this.#streams) stream.offer(event);
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.close();
  }
}
