import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { guard } from "../leftovers.ts";

/** How a process ended: with an exit code, or by a signal. */
export type Ending = Readonly<{ code: number | null; signal: string | null }>;

/** What a child process does, as it happens. */
export type ChildEvents = Readonly<{
  output(chunk: Buffer): void;
  /** It could not be started; nothing else follows. `code` is the system's, such as `ENOENT`. */
  refused(code: string): void;
  /** It ended, and everything it wrote has been delivered. */
  ended(ending: Ending): void;
}>;

const STDERR_LINES = 200;
const STDERR_LINE_LENGTH = 2_000;
/** After its end, a child's output is awaited for this long: a grandchild that fled its group may hold it open for ever. */
const DRAIN_MS = 500;

/**
 * A child process in a process group of its own, so that ending it ends whatever it started too (on Windows: the child alone). None
 * outlives this process, unless this process is killed by SIGKILL; then its closed input tells it to end.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly #events: ChildEvents;
  readonly #release: () => void;
  readonly #stderr: string[] = [];
  #unfinished = "";
  #over = false;

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string, events: ChildEvents) {
    const [program = "", ...args] = argv;
    this.#events = events;
    this.#process = spawn(program, args, {
      env,
      cwd,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    this.#release = guard(() => this.kill());
    this.#process.stdout?.on("data", (chunk: Buffer) => events.output(chunk));
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => this.#log(text));
    // Writing to a process that has ended fails; its end is reported, and says more.
    this.#process.stdin?.on("error", () => {});
    this.#process.on("error", (error: NodeJS.ErrnoException) => this.#refused(error));
    this.#process.on("exit", (code, signal) => this.#exited({ code, signal }));
    this.#process.on("close", (code, signal) => this.#finish({ code, signal }));
  }

  /** The last lines of its standard error, oldest first. */
  get stderr(): readonly string[] {
    const lines = this.#unfinished === "" ? this.#stderr : [...this.#stderr, this.#unfinished];
    return lines.slice(-STDERR_LINES);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  write(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Nothing more will be asked. */
  endInput(): void {
    this.#process.stdin?.end();
  }

  /** Ends it and all that it started, at once. Harmless when nothing is left. */
  kill(): void {
    const { pid } = this.#process;
    if (pid === undefined || this.#over) return;
    try {
      if (process.platform === "win32") this.#process.kill("SIGKILL");
      else process.kill(-pid, "SIGKILL");
    } catch {
      // ESRCH: the group is gone already.
    }
  }

  #refused(error: NodeJS.ErrnoException): void {
    if (this.#process.pid !== undefined || this.#over) return;
    this.#over = true;
    this.#release();
    this.#events.refused(error.code ?? error.message);
  }

  /** What it started does not outlive it; and what is still in the pipes is read. */
  #exited(ending: Ending): void {
    this.kill();
    setTimeout(() => this.#finish(ending), DRAIN_MS).unref();
  }

  #finish(ending: Ending): void {
    if (this.#over || this.#process.pid === undefined) return;
    this.#over = true;
    this.#release();
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
    this.#process.stdin?.destroy();
    this.#events.ended(ending);
  }

  #log(text: string): void {
    const lines = (this.#unfinished + text).split("\n");
    this.#unfinished = (lines.pop() ?? "").slice(0, STDERR_LINE_LENGTH);
    for (const line of lines.slice(-STDERR_LINES)) {
      this.#stderr.push(line.trimEnd().slice(0, STDERR_LINE_LENGTH));
    }
    this.#stderr.splice(0, this.#stderr.length - STDERR_LINES);
  }
}
