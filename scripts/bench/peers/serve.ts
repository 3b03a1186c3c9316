import { createInterface } from "node:readline";

/** What a process is started for: to work as much as it can, or to begin as soon as it can. */
export type Purpose = "throughput" | "latency";

/** A queue that is measured, in a process of its own. */
export interface Subject {
  /** Connects, and makes the tables where they are missing. */
  open(url: string): Promise<unknown>;
  /** Empties the tables, and fills them with so many trivial jobs. */
  fill(jobs: number): Promise<unknown>;
  /** Begins to work; each handler does nothing but call `onHandled`. */
  start(onHandled: () => void, purpose: Purpose): Promise<unknown>;
  stop(): Promise<unknown>;
  /** Inserts so many jobs in one call. */
  insertMany(jobs: number): Promise<unknown>;
  /** The same without an answer, where the queue has a way of its own for that. */
  insertManyFast?(jobs: number): Promise<unknown>;
  insertOne(): Promise<unknown>;
}

/** A line from the harness. */
export interface Command {
  readonly verb:
    | "open"
    | "fill"
    | "start"
    | "stop"
    | "insertMany"
    | "insertManyFast"
    | "insertOne"
    | "latency";
  /** How many jobs it is about. */
  readonly jobs?: number;
  readonly purpose?: Purpose;
}

/** A line to the harness: what came of a command, or how many handlers were called since the start. */
export type Message =
  | { readonly ms: number; readonly samples: readonly number[]; readonly rss: number }
  | { readonly failure: string }
  | { readonly handled: number };

/** The most often that it is told how many handlers were called, and how many jobs an insert of many takes at a time. */
const TELL_MS = 2;
const BATCH = 1_000;

/** Follows commands from stdin, one JSON object a line, until it ends. */
export async function serve(subject: Subject): Promise<void> {
  const server = new Server(subject);
  for await (const line of createInterface({ input: process.stdin })) {
    await server.follow(JSON.parse(line));
  }
  process.exit(0);
}

class Server {
  readonly #subject: Subject;
  #handled = 0;
  #rss = 0;
  #timer: NodeJS.Timeout | null = null;
  #onNext: () => void = () => {};

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  async follow(command: Command): Promise<void> {
    const began = performance.now();
    try {
      const samples = await this.#do(command);
      this.#look();
      say({ ms: performance.now() - began, samples, rss: this.#rss });
    } catch (error) {
      say({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }

  async #do({ verb, jobs = 0, purpose = "throughput" }: Command): Promise<readonly number[]> {
    const subject = this.#subject;
    if (verb === "open") await subject.open(process.env.DATABASE_URL ?? "");
    if (verb === "fill") await subject.fill(jobs);
    if (verb === "start") {
      this.#handled = 0;
      await subject.start(() => this.#onHandled(), purpose);
    }
    if (verb === "stop") await subject.stop();
    if (verb === "insertMany" || verb === "insertManyFast") {
      for (let left = jobs; left > 0; left -= BATCH) await subject[verb]?.(Math.min(left, BATCH));
    }
    if (verb === "insertOne") for (let i = 0; i < jobs; i++) await subject.insertOne();
    return verb === "latency" ? this.#latency(jobs) : [];
  }

  /** From the call of an insert to the start of its handler. The pause between is no multiple of anybody's period. */
  async #latency(jobs: number): Promise<readonly number[]> {
    const samples: number[] = [];
    for (let i = 0; i < jobs; i++) {
      const began = performance.now();
      const started = new Promise<void>((resolve) => {
        this.#onNext = () => {
          samples.push(performance.now() - began);
          resolve();
        };
      });
      await this.#subject.insertOne();
      await started;
      await new Promise((resolve) => setTimeout(resolve, 15 + Math.random() * 20));
    }
    return samples;
  }

  #onHandled(): void {
    this.#handled += 1;
    this.#onNext();
    this.#onNext = () => {};
    this.#timer ??= setTimeout(() => this.#tell(), TELL_MS);
  }

  #tell(): void {
    this.#timer = null;
    this.#look();
    say({ handled: this.#handled });
  }

  #look(): void {
    this.#rss = Math.max(this.#rss, process.memoryUsage.rss());
  }
}

function say(message: Message): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
