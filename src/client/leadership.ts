import type { Db } from "../db.ts";
import type { Leader } from "../leader.ts";
import { elect } from "../ops/elect.ts";
import { reelect } from "../ops/reelect.ts";
import { resign } from "../ops/resign.ts";
import { Loop } from "./loop.ts";
import type { Settings } from "./options.ts";

/** As River's clients: the lease, how often it is renewed or asked for. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** For less than the lease, so that a leader that cannot reach the database has stopped before another is elected. */
const TRUST_MS = 10_000;

/** What a leader does while it leads. */
export interface Duties {
  /** Begins. One that rejects makes the client resign. */
  start(): Promise<void>;
  /** Ends; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Asks to be the leader, does its duties while it is, and resigns at the end. */
export class Leadership {
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #duties: Duties;
  readonly #loop: Loop;
  #term: Leader | null = null;
  /** Ends the duties where the lease could not be renewed in time. */
  #distrust: NodeJS.Timeout | null = null;
  #mustResign = false;

  constructor(db: Db, settings: Settings, duties: Duties) {
    this.#db = db;
    this.#settings = settings;
    this.#duties = duties;
    this.#loop = new Loop(
      () => this.#turn(),
      (error, tries) => settings.onProblem({ what: "leader", error, tries }),
    );
  }

  start(): void {
    this.#loop.start();
  }

  /** Whether this client believes that it leads. */
  get isLeader(): boolean {
    return this.#term !== null;
  }

  /** Nobody may lead now. Clients wait a little, each another time, so that they do not all ask at once. */
  onResigned(): void {
    if (this.#term === null) setTimeout(() => this.#loop.wake(), Math.random() * 50).unref?.();
  }

  /** The leader, whoever it is, is asked to resign. */
  onResignRequested(): void {
    if (this.#term === null) return;
    this.#mustResign = true;
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    try {
      await this.#resign();
    } catch (error) {
      // The lease runs out by itself.
      this.#settings.onProblem({ what: "leader", error, tries: 0 });
    }
  }

  async #turn(): Promise<number> {
    if (this.#mustResign) {
      this.#mustResign = false;
      await this.#resign();
      // Whoever else wants to lead shall come first.
      return RENEW_MS;
    }
    const asked = performance.now();
    const { id, now } = this.#settings;
    const lease = BigInt(LEASE_MS) * 1000n;
    const was = this.#term;
    const term =
      was === null
        ? await elect(this.#db, now(), id, lease)
        : await reelect(this.#db, now(), was, lease);
    if (term === null) await this.#abdicate();
    else await this.#lead(term, asked);
    return RENEW_MS;
  }

  async #lead(term: Leader, asked: number): Promise<void> {
    // Also where the term was distrusted while its renewal was under way.
    const isNew = this.#term === null;
    this.#term = term;
    if (this.#distrust !== null) clearTimeout(this.#distrust);
    const trustedMs = TRUST_MS - (performance.now() - asked);
    this.#distrust = setTimeout(() => void this.#abdicate(), Math.max(trustedMs, 0));
    if (!isNew) return;
    try {
      await this.#duties.start();
    } catch (error) {
      await this.#resign();
      throw error;
    }
  }

  async #abdicate(): Promise<Leader | null> {
    const term = this.#term;
    this.#term = null;
    if (this.#distrust !== null) clearTimeout(this.#distrust);
    if (term !== null) await this.#duties.stop();
    return term;
  }

  async #resign(): Promise<void> {
    const term = await this.#abdicate();
    if (term !== null) await resign(this.#db, term);
  }
}
