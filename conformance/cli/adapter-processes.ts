import { type ChildProcess, fork } from "node:child_process";
import { guard } from "../leftovers.ts";
import type { Candidate, Replayed } from "../report/crossing.ts";
import type { ReportHeader, RunReport } from "../report/run-report.ts";
import type { RunOptions } from "./run-check.ts";

/** An adapter to check, in a process of its own. */
export type CheckTask = Readonly<{
  kind: "check";
  name: string;
  database: string | null;
  options: Omit<RunOptions, "at" | "records" | "isStopped" | "onProgress">;
}>;

/** An adapter that was checked, to be asked for what others show. */
export type ReplayTask = Readonly<{
  kind: "replay";
  name: string;
  database: string | null;
  header: ReportHeader;
  candidates: readonly Candidate[];
}>;

/** What a process is to do. */
export type Task = CheckTask | ReplayTask;

/** How it ended: with what it was asked for, `stopped` before it had begun, `failed` for the adapter's sake. */
export type Ended =
  | Readonly<{ kind: "report"; report: RunReport }>
  | Readonly<{ kind: "replayed"; replayed: readonly Replayed[] }>
  | Readonly<{ kind: "failed"; message: string }>
  | Readonly<{ kind: "bug"; message: string }>
  | Readonly<{ kind: "stopped" }>;

/** What a process tells. */
export type Said = Readonly<{ kind: "progress"; text: string }> | Ended;

/** What is being done, by the name of the adapter, and how much is done. */
export type Underway = Readonly<{ now: ReadonlyMap<string, string>; done: number; all: number }>;

/** Several adapters at once, each in a process and a database of its own: none can hold up or end another, and each processor is used. */
export class AdapterProcesses {
  readonly #running = new Set<ChildProcess>();
  readonly #jobs: number;
  readonly #onProgress: (underway: Underway) => void;
  #isStopped = false;

  constructor(jobs: number, onProgress: (underway: Underway) => void) {
    this.#jobs = jobs;
    this.#onProgress = onProgress;
  }

  /** Ends all with what they have found; nothing else is begun. */
  stop(): void {
    this.#isStopped = true;
    for (const child of this.#running) if (child.connected) child.send("stop");
  }

  /** How each task ended. Throws for a bug of Weir's own. */
  async run<T extends Task>(tasks: readonly T[]): Promise<ReadonlyMap<T, Ended>> {
    const ended = new Map<T, Ended>();
    const now = new Map<string, string>();
    const tell = () => this.#onProgress({ now, done: ended.size, all: tasks.length });
    const waiting = [...tasks];
    const work = async (): Promise<void> => {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
        const { name } = task;
        const say = (text: string) => {
          now.set(name, text);
          tell();
        };
        say("opening");
        const end = this.#isStopped ? ({ kind: "stopped" } as const) : await this.#ask(task, say);
        if (end.kind === "bug") throw new Error(end.message);
        now.delete(name);
        ended.set(task, end);
        tell();
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#jobs, tasks.length) }, work));
    return ended;
  }

  #ask(task: Task, onText: (text: string) => void): Promise<Ended> {
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
      let last: Ended | null = null;
      child.on("message", (said: Said) => {
        if (said.kind === "progress") onText(said.text);
        else last = said;
      });
      child.once("close", () => {
        this.#running.delete(child);
        release();
        const message = `the process of ${task.name} ended without an answer. ${errors}`;
        resolve(last ?? { kind: "bug", message });
      });
      child.send(task);
    });
  }
}
