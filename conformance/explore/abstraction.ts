import type { Law } from "../../spec/model/effect.ts";
import { DEFAULTS } from "../../spec/model/insert.ts";
import { membersOf } from "../../spec/model/jsonb.ts";
import { EMPTY, type Held, type Job, type Micros, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import { isFinal } from "../../spec/model/words.ts";
import { type Kept, OPERATIONS } from "./operations.ts";
import { NO_SERVICES, plainServices, type Services, textOfServices } from "./plain-services.ts";
import { argsOf, TICK, type World } from "./world.ts";

/** Where a job of a state went when it was made plain. */
export type Renaming = Readonly<{
  /** The old labels, in order of the new ones, which are 1, 2, … */
  labels: readonly number[];
  /** The new letter of each key's letter. */
  keys: ReadonlyMap<string, string>;
}>;

/** A job, and the fetches of it that can still be told apart. */
type Class = Readonly<{ job: Job; held: readonly Held[] }>;

/** A job on its way to its place; `rest` is all of its class but its key's letter. */
type Found = Readonly<{ label: number; rest: string; class: Class }>;

/** The instant 0, at which a plain state's cancels are asked for. */
const ASKED = "2030-01-01T00:00:00Z";
const LONG_AGO = -9 * TICK;
const MOST_ATTEMPTS = 2;
const HELD = 2;

/**
 * Makes finitely many states of infinitely many. Of two states with the same row, every operation does the same up to names and
 * times: the clock stands at 0, instants that have passed count by their order, attempts by how many are left, jobs are named 1, 2, …,
 * keys by when they occur, final jobs stand last unless they can come back, and what decides nothing is set from what does. Instants to
 * come are rounded up to whole ticks, so the delays of the default retry policy are taken for a little longer than they are.
 */
export class Abstraction {
  readonly width: number;
  readonly #world: World;
  readonly #numbers = new Map<string, number>();
  readonly #classes: Class[] = [];
  readonly #jobs: Job[][] = [];
  readonly #keys: readonly Readonly<{ letter: string; args: string; uniqueKey: string | null }>[];
  readonly #row: Uint32Array;
  readonly #services: Services[] = [];
  readonly #keeps: ReadonlySet<Kept>;

  constructor(world: World, law: Law) {
    this.#world = world;
    this.width = world.jobs + 1;
    this.#keeps = new Set(world.operations.flatMap((name) => OPERATIONS[name].keeps ?? []));
    this.#row = new Uint32Array(this.width);
    this.#keys = world.keys.map((letter) => {
      const job = { id: 1, args: argsOf(letter), unique: { byArgs: true } };
      const made = step(EMPTY, { op: "insert", now: 0, jobs: [job] }, law).state.jobs.get(1);
      return { letter, args: made?.args ?? "", uniqueKey: made?.uniqueKey ?? null };
    });
  }

  /** The state's row, at the instant `now`; it is overwritten by the next call. */
  encode(state: State, now: Micros): Uint32Array {
    return this.rename(state, now).row;
  }

  /** Like `encode`, with where the jobs and keys went. */
  rename(state: State, now: Micros): Renaming & Readonly<{ row: Uint32Array }> {
    const past = pastInstants(state, now);
    const found: Found[] = [];
    for (const job of state.jobs.values()) {
      const held = state.fetches.get(job.id) ?? [];
      const plain = this.#plain(job, held, now, past);
      const isNamed = this.#letterOf(job) !== null;
      found.push({ label: job.id, rest: textOf(plain, isNamed), class: plain });
    }
    const unfinished = this.#nameKeys(found.filter((each) => !isFinal(each.class.job.state)));
    const nameOf = (each: Found) => unfinished.get(this.#letterOf(each.class.job) ?? "") ?? "~";
    if (!this.#keeps.has("order"))
      found.sort(
        (a, b) => finalLast(a, b) || (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0),
      );
    const keys = this.#nameKeys(found);
    this.#row.fill(0);
    this.#row[0] = this.#numberServices(plainServices(state, now, this.#world.told));
    for (const [i, each] of found.entries()) {
      const key = keys.get(this.#letterOf(each.class.job) ?? "");
      this.#row[i + 1] = this.#number(each.rest, each.class, key) + 1;
    }
    return { row: this.#row, labels: found.map(({ label }) => label), keys };
  }

  /** The plain state of a row, at the instant 0. */
  decode(row: Uint32Array): State {
    const jobs = new Map<number, Job>();
    const fetches = new Map<number, readonly Held[]>();
    for (let label = 1; label < row.length; label++) {
      const number = (row[label] ?? 0) - 1;
      const found = this.#classes[number];
      if (found === undefined) continue;
      jobs.set(label, this.#labelled(number, found, label));
      if (found.held.length > 0) fetches.set(label, found.held);
    }
    return { jobs, fetches, ...(this.#services[(row[0] ?? 0) - 1] ?? NO_SERVICES) };
  }

  /** 0 where there are none, so that a world without them pays nothing. */
  #numberServices(services: Services | null): number {
    if (services === null) return 0;
    const text = textOfServices(services);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#services.push(services);
    this.#numbers.set(text, this.#services.length);
    return this.#services.length;
  }

  #labelled(number: number, { job }: Class, label: number): Job {
    let row = this.#jobs[number];
    if (row === undefined) {
      row = [];
      this.#jobs[number] = row;
    }
    const known = row[label];
    if (known !== undefined) return known;
    const made = { ...job, id: label };
    row[label] = made;
    return made;
  }

  #number(rest: string, plain: Class, letter: string | undefined): number {
    const text = letter === undefined ? rest : `${rest}|${letter}`;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const key = this.#keys.find((each) => each.letter === letter);
    const job =
      key === undefined ? plain.job : { ...plain.job, args: key.args, uniqueKey: key.uniqueKey };
    const number = this.#classes.length;
    this.#classes.push({ ...plain, job });
    this.#numbers.set(text, number);
    return number;
  }

  #nameKeys(found: readonly Found[]): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const { job } of found.map((each) => each.class)) {
      const letter = this.#letterOf(job);
      if (letter === null || names.has(letter)) continue;
      names.set(letter, this.#keys[names.size]?.letter ?? letter);
    }
    return names;
  }

  #letterOf({ uniqueKey }: Job): string | null {
    if (uniqueKey === null) return null;
    return this.#keys.find((each) => each.uniqueKey === uniqueKey)?.letter ?? null;
  }

  #plain(job: Job, held: readonly Held[], now: Micros, past: readonly Micros[]): Class {
    const shift = Math.max(job.attempt - MOST_ATTEMPTS, 0);
    const fetches = this.#world.late ? held.slice(-HELD) : held.slice(-1);
    const at = this.#attempts(job, fetches, now);
    const attempt = job.attempt - shift;
    const isOver = isFinal(job.state);
    const plain: Job = {
      ...job,
      id: 0,
      attempt,
      maxAttempts: job.maxAttempts - shift,
      attemptedAt: job.attemptedAt === null ? null : at(job.attemptedAt),
      createdAt: LONG_AGO,
      finalizedAt: job.finalizedAt === null ? null : this.#dated(job.finalizedAt, now),
      scheduledAt: decides(job) ? planned(job.scheduledAt - now, past, now) : LONG_AGO,
      attemptedBy: job.attempt > 0 ? ["c1"] : [],
      errors: errorsFor(attempt - (job.state === "running" || isOver ? 1 : 0)),
      metadata: plainMetadata(job.metadata),
    };
    const kept = this.#world.late || job.state === "running" ? fetches : [];
    return {
      job: plain,
      held: kept.map((each) => ({
        attempt: each.attempt - shift,
        attemptedAt: at(each.attemptedAt),
      })),
    };
  }

  #dated(instant: Micros, now: Micros): Micros {
    return instant >= now && this.#keeps.has("dates") ? 0 : -TICK;
  }

  /** When attempts began: now, or in what order. */
  #attempts(job: Job, held: readonly Held[], now: Micros): (instant: Micros) => Micros {
    const instants = [job.attemptedAt ?? now, ...held.map((each) => each.attemptedAt)];
    const earlier = [...new Set(instants.filter((each) => each < now))].sort((a, b) => b - a);
    return (instant) =>
      instant >= now && (this.#world.late || this.#keeps.has("dates"))
        ? 0
        : -TICK * Math.max(earlier.indexOf(instant) + 1, 1);
  }
}

/** Unfinished jobs in the order of their labels, then the finished ones, which are never in anybody's way by theirs. */
function finalLast(a: Found, b: Found): number {
  const [left, right] = [isFinal(a.class.job.state), isFinal(b.class.job.state)];
  if (left !== right) return left ? 1 : -1;
  if (!left || a.rest === b.rest) return left ? 0 : a.label - b.label;
  return a.rest < b.rest ? -1 : 1;
}

/** Whether anything asks for the job's `scheduled_at` again before it is set anew. */
const decides = ({ state }: Job): boolean =>
  state === "available" || state === "scheduled" || state === "retryable";

/** The distinct instants that have passed and still count, latest first. */
function pastInstants(state: State, now: Micros): readonly Micros[] {
  const past: Micros[] = [];
  for (const job of state.jobs.values()) {
    if (decides(job) && job.scheduledAt < now && !past.includes(job.scheduledAt)) {
      past.push(job.scheduledAt);
    }
  }
  return past.sort((a, b) => b - a);
}

/** An instant relative to now: those to come in whole ticks, those that have passed by their order. */
function planned(ahead: Micros, past: readonly Micros[], now: Micros): Micros {
  if (ahead >= 0) return Math.ceil(ahead / TICK) * TICK;
  return -TICK * (past.indexOf(ahead + now) + 1);
}

const ERROR = { at: LONG_AGO, attempt: 1, error: "boom", trace: "" } as const;
const errorsFor = (failed: number): Job["errors"] =>
  Array.from({ length: Math.max(failed, 0) }, () => ERROR);

const COUNTERS = ["snoozes", "river:rescue_count"];

/** What is counted there counts as one or none, and when a cancel was asked for does not count. */
function plainMetadata(metadata: string): string {
  return COUNTERS.reduce(
    (text, name) => {
      if (!text.includes(`"${name}"`)) return text;
      const count = membersOf(text)?.get(name);
      if (count === undefined || !/^\d{1,3}$/.test(count)) return text;
      return text.replace(`"${name}": ${count}`, `"${name}": 1`);
    },
    metadata.replace(/(?<="cancel_attempted_at": ")2[^"]*/, ASKED),
  );
}

/** All that tells a class from another but its key's letter, if it has one. */
function textOf({ job, held }: Class, isNamed: boolean): string {
  const fetches = held.map((each) => `${each.attempt}@${each.attemptedAt}`).join(",");
  const identity = isNamed ? "" : `${job.args} ${job.uniqueKey}`;
  const odd = job.kind === DEFAULTS.kind && job.tags.length === 0 ? "" : `${job.kind} ${job.tags}`;
  return `${job.state}|${job.attempt}/${job.maxAttempts}|${job.attemptedAt}|${job.finalizedAt}|${job.scheduledAt}|${job.priority}|${job.queue}|${job.uniqueStates}|${identity}|${job.metadata}|${job.errors.length}|${odd}|${fetches}`;
}
