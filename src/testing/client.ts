import { Client } from "../client/client.ts";
import type { Events } from "../client/events.ts";
import type { ClientOptions } from "../client/options.ts";
import type { PeriodicService } from "../client/periodic.ts";
import type { PeriodicEntry } from "../client/periodic-entry.ts";
import type { Database } from "../db.ts";

/** A client that leads as far as periodic jobs go, without having been started. */
export class TestClient extends Client {
  readonly #service: PeriodicService;

  /** `service` has the periodic jobs of the options already. */
  constructor(db: Database, options: ClientOptions, events: Events, service: PeriodicService) {
    super(db, options, events);
    this.#service = service;
  }

  override addPeriodic(entry: PeriodicEntry): void {
    super.addPeriodic(entry);
    this.#service.add(entry);
  }

  override removePeriodic(entry: PeriodicEntry): boolean {
    this.#service.remove(entry);
    return super.removePeriodic(entry);
  }
}
