import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Command, Message } from "./peers/serve.ts";

/** What came of a command: how long it took, in milliseconds, what it measured, and the most memory the process held so far, in bytes. */
export type Answer = Extract<Message, { readonly ms: number }>;

/** A queue in a process of its own. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** Why it answers no more; null while it does. */
  failure: Error | null = null;
  #answer: ((message: Message) => void) | null = null;
  #onHandled: () => void = () => {};
  #handled = 0;
  #rss = 0;

  constructor(name: string, command: readonly string[], env: Readonly<Record<string, string>>) {
    const [file = "", ...args] = command;
    this.#name = name;
    this.#process = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once("error", (error) => resolve(this.#fail(error.message)));
      this.#process.once("exit", (code) => resolve(this.#fail(`it exited with code ${code}`)));
    });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("A child's output must be a pipe, but is none.");
    createInterface({ input: stdout }).on("line", (line) => this.#hear(JSON.parse(line)));
  }

  /** Rejects where the process fails. */
  ask(command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) return reject(this.failure);
      if (command.verb === "start") this.#handled = 0;
      this.#answer = (message) => {
        this.#answer = null;
        if ("ms" in message) {
          this.#rss = message.rss;
          resolve(message);
        } else reject(new Error(`${this.#name}: ${"failure" in message ? message.failure : ""}`));
      };
      this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** How many handlers were called since it was last started. */
  get handled(): number {
    return this.#handled;
  }

  /** The most memory that it held so far, in bytes. */
  get rss(): number {
    return this.#rss;
  }

  /** Called whenever the handlers called are more, or the process has failed. */
  onHandled(listener: () => void): void {
    this.#onHandled = listener;
  }

  async end(): Promise<void> {
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 10_000);
    await this.#exited;
    clearTimeout(timer);
  }

  #hear(message: Message): void {
    if (!("handled" in message)) {
      this.#answer?.(message);
      return;
    }
    this.#handled = message.handled;
    this.#onHandled();
  }

  #fail(why: string): void {
    this.failure = new Error(`${this.#name} must answer, but ${why}.`);
    this.#answer?.({ failure: why });
    this.#onHandled();
  }
}
