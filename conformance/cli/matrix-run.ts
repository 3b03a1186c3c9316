import { type ChildProcess, fork } from "node:child_process";
import { editionFor } from "../../spec/model/edition.ts";
import { RULES } from "../../spec/rules.generated.ts";
import { guard } from "../leftovers.ts";
import type { RunReport } from "../report/run-report.ts";
import { versionedOf } from "./adapter-list.ts";
import { EXIT } from "./exit.ts";
import { machine } from "./machine.ts";
import type { RunOptions } from "./run-check.ts";
import { VERSION } from "./terminal.ts";

/** What one process of its own is to check. */
export type CheckTask = Readonly<{
  name: string;
  database: string | null;
  options: Omit<RunOptions, "at" | "records" | "isStopped" | "onProgress">;
}>;

/** What such a process tells; all but progress end it. `stopped`: before it had begun. */
export type Said =
  | Readonly<{ kind: "progress"; text: string }>
  | Readonly<{ kind: "report"; report: RunReport }>
  | Readonly<{ kind: "failed"; message: string }>
  | Readonly<{ kind: "bug"; message: string }>
  | Readonly<{ kind: "stopped" }>;

/** Checks in progress, by the name of the adapter. */
export type Underway = ReadonlyMap<string, string>;

/** What has come of all adapters, and those that were not begun. */
export type Checked = Readonly<{ reports: readonly RunReport[]; left: readonly string[] }>;

/** Several adapters at once, each in a process and a database of its own: none can hold up or end another, and each processor is used. */
export class Checks {
  readonly #tasks: readonly CheckTask[];
  readonly #running = new Set<ChildProcess>();
  readonly #underway = new Map<string, string>();
  #isStopped = false;

  constructor(tasks: readonly CheckTask[]) {
    this.#tasks = tasks;
  }

  /** Ends every check with what it has found. */
  stop(): void {
    this.#isStopped = true;
    for (const child of this.#running) child.send("stop");
  }

  /** Reports in the order of the tasks. An adapter that cannot be opened has one in which nothing is decided. */
  async run(jobs: number, onProgress: (now: Underway, done: number) => void): Promise<Checked> {
    const reports = new Map<CheckTask, RunReport>();
    const waiting = [...this.#tasks];
    const tell = () => onProgress(this.#underway, reports.size);
    const work = async (): Promise<void> => {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
        if (this.#isStopped) return;
        const report = await this.#check(task, tell);
        if (report !== null) reports.set(task, report);
        this.#underway.delete(task.name);
        tell();
      }
    };
    await Promise.all(Array.from({ length: Math.min(jobs, this.#tasks.length) }, work));
    return {
      reports: this.#tasks.flatMap((task) => reports.get(task) ?? []),
      left: this.#tasks.filter((task) => !reports.has(task)).map(({ name }) => name),
    };
  }

  /** Null where it was stopped before it had begun. */
  async #check(task: CheckTask, tell: () => void): Promise<RunReport | null> {
    this.#underway.set(task.name, "opening");
    const said = await this.#ask(task, (text) => {
      this.#underway.set(task.name, text);
      tell();
    });
    if (said.kind === "report") return said.report;
    if (said.kind === "stopped") return null;
    if (said.kind === "failed") return failedReport(task, said.message);
    throw new Error(said.message);
  }

  #ask(
    task: CheckTask,
    onText: (text: string) => void,
  ): Promise<Exclude<Said, { kind: "progress" }>> {
    const child = fork(new URL("./matrix-worker.mjs", import.meta.url), {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#running.add(child);
    const release = guard(() => child.kill());
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors = `${errors}${text}`.slice(-4000);
    });
    return new Promise((resolve) => {
      let last: Exclude<Said, { kind: "progress" }> | null = null;
      child.on("message", (said: Said) => {
        if (said.kind === "progress") onText(said.text);
        else last = said;
      });
      child.once("close", () => {
        this.#running.delete(child);
        release();
        const message = `the check of ${task.name} ended without a report. ${errors}`;
        resolve(last ?? { kind: "bug", message });
      });
      child.send(task);
    });
  }
}

/** The report of an adapter that could not be opened: nothing is decided, and everything says why. */
export function failedReport({ name, options }: CheckTask, message: string): RunReport {
  const { family = name, version = "" } = versionedOf(name) ?? {};
  const { property, seed, command } = options;
  const why = message.trim();
  return {
    header: {
      event: "header",
      format: 1,
      weir: VERSION,
      name,
      adapter: family,
      implementation: family,
      version,
      language: "unknown",
      database: "none",
      clock: "unknown",
      edition: editionFor(version).name,
      capabilities: {},
      property,
      seed,
      command,
      machine: machine(),
      at: new Date().toISOString(),
    },
    findings: [],
    rules: Object.keys(RULES).map((rule) => ({
      event: "rule",
      rule,
      verdict: "undecided",
      fired: 0,
      why,
    })),
    footer: {
      event: "footer",
      sequences: 0,
      operations: 0,
      seconds: 0,
      transitions: 0,
      complete: false,
      failure: why,
      exit: EXIT.adapter,
    },
  };
}
