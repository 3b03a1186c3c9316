import type { Db } from "../db.ts";
import type { Leader } from "../leader.ts";
import { elect } from "../ops/elect.ts";
import { reelect } from "../ops/reelect.ts";
import { resign } from "../ops/resign.ts";
import { Loop } from "./loop.ts";
import type { Settings } from "./settings.ts";
import { Timer } from "./timer.ts";

/** How a leader's time is measured, in milliseconds. */
export interface LeaderTimes {
  readonly leaseMs: number;
  /** How often the lease is renewed, or asked for. */
  readonly renewMs: number;
  /** How long after it asked a leader believes that it leads; less than the lease, so that one that is cut off has ended before another begins. */
  readonly trustMs: number;
}

/** As River's clients. */
export const RIVER_TIMES: LeaderTimes = { leaseMs: 15_000, renewMs: 5_000, trustMs: 10_000 };

/** Clients that hear of a resignation wait up to so long, each another time, so that they do not all ask at once. */
const SCATTER_MS = 50;

/** What a leader does while it leads. */
export interface Duties {
  /** Begins; while `isLeading` is false nothing more may be done. One that rejects makes the client resign. */
  start(isLeading: () => boolean): Promise<void>;
  /** Ends; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Asks to be the leader, does its duties while it is, and resigns at the end. */
export class Leadership {
  readonly #db: Db;
  readonly #settings: Settings;
  readonly #duties: Duties;
  readonly #times: LeaderTimes;
  readonly #loop: Loop;
  /** While this client believes that it leads. */
  #term: Leader | null = null;
  /** The last that the database gave, which may have run out: one that is believed in no more can still be renewed. */
  #lease: Leader | null = null;
  /** On the clock that never jumps. */
  #trustedUntil = 0;
  /** Ends the duties where the lease could not be renewed in time. */
  readonly #distrust = new Timer();
  readonly #scatter = new Timer();
  #mustResign = false;

  constructor(db: Db, settings: Settings, duties: Duties, times: LeaderTimes = RIVER_TIMES) {
    this.#db = db;
    this.#settings = settings;
    this.#duties = duties;
    this.#times = times;
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
    return this.#term !== null && performance.now() < this.#trustedUntil;
  }

  /** Nobody may lead now. One's own resignation is heard too, and others shall come first then. */
  onResigned(by: string | null): void {
    if (this.#term !== null || by === this.#settings.id) return;
    this.#scatter.start(Math.random() * SCATTER_MS, () => this.#loop.wake());
  }

  /** The leader, whoever it is, is asked to resign. */
  onResignRequested(): void {
    if (this.#term === null) return;
    this.#mustResign = true;
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    this.#scatter.clear();
    await this.#loop.stop();
    try {
      await this.#resign();
    } catch (error) {
      // The lease runs out by itself.
      this.#settings.onProblem({ what: "leader", error, tries: 0 });
    }
  }

  async #turn(): Promise<number> {
    const { renewMs, leaseMs } = this.#times;
    if (this.#mustResign) {
      this.#mustResign = false;
      await this.#resign();
      // Whoever else wants to lead shall come first.
      return renewMs;
    }
    const asked = performance.now();
    const { id, now } = this.#settings;
    const leaseMicros = BigInt(leaseMs) * 1000n;
    const was = this.#lease;
    const lease =
      was === null
        ? await elect(this.#db, now(), id, leaseMicros)
        : await reelect(this.#db, now(), was, leaseMicros);
    this.#lease = lease;
    if (lease === null) {
      await this.#abdicate();
      return was === null ? renewMs : 0;
    }
    // An answer that was so long on its way is no ground to lead, but to ask again at once.
    if (performance.now() >= asked + this.#times.trustMs) return 0;
    await this.#lead(lease, asked);
    return renewMs;
  }

  async #lead(term: Leader, asked: number): Promise<void> {
    // Also where the term was distrusted while its renewal was under way.
    const isNew = this.#term === null;
    this.#term = term;
    this.#trustedUntil = asked + this.#times.trustMs;
    this.#distrust.start(this.#trustedUntil - performance.now(), () => void this.#abdicate());
    if (!isNew) return;
    try {
      await this.#duties.start(() => this.isLeader && this.#term?.electedAt === term.electedAt);
    } catch (error) {
      await this.#resign();
      throw error;
    }
  }

  async #abdicate(): Promise<void> {
    const wasLeading = this.#term !== null;
    this.#term = null;
    this.#distrust.clear();
    if (wasLeading) await this.#duties.stop();
  }

  async #resign(): Promise<void> {
    await this.#abdicate();
    const lease = this.#lease;
    this.#lease = null;
    if (lease !== null) await resign(this.#db, lease);
  }
}
