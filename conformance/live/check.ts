import { editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { Database } from "../../src/db.ts";
import { postgres } from "../../src/drivers/pg.ts";
import type { About } from "../adapter.ts";
import { migrateFor } from "../adapters/handshake.ts";
import { schemaFault } from "../database/river-schema.ts";
import { createScratch, type Scratch } from "../database/scratch.ts";
import { lawOf } from "../law.ts";
import { type Conducted, Conductor, type Limits } from "./conduct.ts";
import type { Evidence } from "./evidence.ts";
import { judgeLive, type LiveVerdict } from "./judge.ts";
import { LiveProcess, type Program } from "./live-process.ts";
import { installRecorder, readChanges, readRows } from "./recorder.ts";
import { createRuns, readRuns } from "./runs.ts";
import type { Can, Scenario } from "./scenario.ts";
import { Stage } from "./stage.ts";

/** A scenario that was run to its end, or to that of the time, and judged. */
export type LiveRun = Readonly<{
  conducted: Conducted;
  evidence: Evidence;
  verdict: LiveVerdict;
}>;

/** An adapter whose clients can be let loose on a database of their own. */
export class LiveCheck {
  readonly about: About;
  readonly #program: Program;
  readonly #control: LiveProcess;
  readonly #scratch: Scratch;
  readonly #db: Database;

  private constructor(
    about: About,
    place: Readonly<{ program: Program; control: LiveProcess; scratch: Scratch; db: Database }>,
  ) {
    this.about = about;
    this.#program = place.program;
    this.#control = place.control;
    this.#scratch = place.scratch;
    this.#db = place.db;
  }

  /** Creates a scratch on the server and starts one process. Rejects with an `AdapterError`, or a `ServerError`; nothing is left behind then. */
  static async open(
    argv: readonly string[],
    serverUrl: string,
    budgets: Program["budgets"],
  ): Promise<LiveCheck> {
    const scratch = await createScratch(serverUrl);
    const db = postgres(scratch.url);
    const program = { argv, databaseUrl: scratch.url, budgets };
    const control = new LiveProcess(program, "weir_control");
    try {
      const about = await control.about(db);
      await migrateFor(await control.ready, scratch.url);
      await control.ask("reset", {});
      const fault = await schemaFault(db);
      if (fault !== null) throw control.fail("wrong_schema", `left a wrong schema: ${fault}`);
      return new LiveCheck(about, { program, control, scratch, db });
    } catch (error) {
      await control.close();
      await db.close();
      await scratch.drop().catch(() => {});
      throw error;
    }
  }

  /** What of a scenario the implementation can be asked for. */
  get can(): Can {
    const { capabilities } = this.about;
    const has = (name: string) => (capabilities[name] ?? "supported") === "supported";
    return {
      unique: has("insert.unique"),
      cancel: has("cancel"),
      queue: has("queue"),
      resign: has("leader.request_resign"),
    };
  }

  /** Runs a scenario and judges it. Once for each check: the record begins here. */
  async run(scenario: Scenario, limits: Limits): Promise<LiveRun> {
    await installRecorder(this.#scratch);
    await createRuns(this.#db);
    const stage = await Stage.open(this.#db);
    const conductor = new Conductor(scenario, this.#program, this.#control, stage);
    const conducted = await conductor.run(limits);
    const evidence: Evidence = {
      ...conducted,
      terms: {
        law: lawOf(editionNamed(this.about.edition) ?? NEWEST),
        after: scenario.rescueAfterMs * 1000,
        timeout: scenario.timeoutMs * 1000,
      },
      changes: await readChanges(this.#db),
      runs: await readRuns(this.#db),
      rows: await readRows(this.#db),
    };
    return { conducted, evidence, verdict: judgeLive(evidence) };
  }

  async close(): Promise<void> {
    await this.#control.close();
    await this.#db.close();
    await this.#scratch.drop();
  }
}
