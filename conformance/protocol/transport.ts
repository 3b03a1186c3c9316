import { type Answer, type Fault, issueOf, readAnswer, readMessage } from "./answer.ts";
import { Child, type Ending } from "./child.ts";
import { AdapterError, type FailureKind, said } from "./failure.ts";
import { type LineFault, LineSplitter } from "./lines.ts";
import { METHODS, type MethodName, type Params } from "./messages.ts";

/** How long the adapter may take, in milliseconds; `shutdown` counts from the end of its input to the end of the process. */
export type Budgets = Readonly<{
  handshakeMs: number;
  operationMs: number;
  resetMs: number;
  shutdownMs: number;
}>;

/** What an adapter gets where nobody says otherwise. On two busy cores `npx` alone has taken more than 10 s to start a program. */
export const DEFAULT_BUDGETS: Budgets = {
  handshakeMs: 30_000,
  operationMs: 5_000,
  resetMs: 30_000,
  shutdownMs: 5_000,
};

/** What is started, and how much is put up with. */
export type TransportOptions = Readonly<{
  /** The program and its arguments; no shell is involved. */
  argv: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  budgets?: Partial<Budgets>;
  /** The longest line taken from the adapter. */
  maxLineBytes?: number;
}>;

const DEFAULT_MAX_LINE_BYTES = 64 * 1024 * 1024;

type Pending = Readonly<{
  method: MethodName;
  timer: NodeJS.Timeout;
  resolve(answer: Answer<MethodName>): void;
  reject(error: AdapterError): void;
}>;

/**
 * JSON-RPC 2.0 with a child process, one object a line. The first failure ends the process and is what every later call rejects
 * with, always an `AdapterError`: after a reply that never came, nothing that follows could be trusted.
 */
export class Transport {
  readonly #child: Child;
  readonly #lines: LineSplitter;
  readonly #budgets: Budgets;
  readonly #maxLineBytes: number;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #markEnded: () => void = () => {};
  #lastId = 0;
  #lastMethod: MethodName | null = null;
  #failure: AdapterError | null = null;
  #closing = false;
  #over = false;

  constructor(options: TransportOptions) {
    this.#budgets = { ...DEFAULT_BUDGETS, ...options.budgets };
    this.#maxLineBytes = options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES;
    this.#ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    this.#lines = new LineSplitter(this.#maxLineBytes, {
      line: (text) => this.#take(text),
      fault: (fault) => this.#reject(fault),
    });
    this.#child = new Child(
      options.argv,
      options.env ?? process.env,
      options.cwd ?? process.cwd(),
      {
        output: (chunk) => this.#lines.push(chunk),
        refused: (code) => this.#refused(options.argv[0] ?? "", code),
        ended: (ending) => this.#finish(ending),
      },
    );
  }

  /** Of the process; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines of the adapter's standard error, oldest first, at most 200. */
  get stderr(): readonly string[] {
    return this.#child.stderr;
  }

  /** Asks, and waits for the answer within the method's budget. Rejects with an `AdapterError`, or a plain error where the request itself is malformed. */
  request<M extends MethodName>(method: M, params: Params<M>): Promise<Answer<M>> {
    const checked = METHODS[method].params.safeParse(params);
    if (!checked.success) {
      const why = `Weir must send valid messages, but its ${method} is not: ${issueOf(checked.error)}.`;
      return Promise.reject(new Error(why));
    }
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#lastId += 1;
    this.#lastMethod = method;
    const id = this.#lastId;
    const budget = this.#budgetOf(method);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#overdue(method, budget), budget);
      // The result has been validated by this very method's schema when it is resolved.
      const settle = resolve as (answer: Answer<MethodName>) => void;
      this.#pending.set(id, { method, timer, resolve: settle, reject });
      this.#child.write(JSON.stringify({ jsonrpc: "2.0", id, method, params: checked.data }));
    });
  }

  /** Closes the adapter's input, and waits for its end; one that stays is killed. Rejects if it failed to end well and had not failed before. */
  async close(): Promise<void> {
    if (this.#failure !== null) {
      await this.#ended;
      return;
    }
    this.#closing = true;
    this.#child.endInput();
    const { shutdownMs } = this.#budgets;
    const timer = setTimeout(() => {
      this.fail("hung", `did not end within ${seconds(shutdownMs)} after its input was closed`);
    }, shutdownMs);
    await this.#ended;
    clearTimeout(timer);
    if (this.#failure !== null) throw this.#failure;
  }

  /** Ends the process as a crash would, at once, and waits until it is gone. What was asked and not answered rejects, as does every later call. */
  async kill(): Promise<void> {
    this.fail("signalled", "was killed");
    await this.#ended;
  }

  /** Records a failure that the caller found in what the adapter said, and ends the process; `what` continues "the adapter". The returned error is the one to throw: the first failure, if this is not it. */
  fail(kind: FailureKind, what: string): AdapterError {
    return this.#fail(kind, `the adapter ${what}`);
  }

  #budgetOf(method: MethodName): number {
    if (method === "handshake") return this.#budgets.handshakeMs;
    return method === "reset" ? this.#budgets.resetMs : this.#budgets.operationMs;
  }

  #overdue(method: MethodName, budget: number): void {
    this.fail("hung", `did not answer ${method} within ${seconds(budget)}`);
  }

  #fail(kind: FailureKind, message: string): AdapterError {
    if (this.#failure !== null) return this.#failure;
    const { stderr } = this.#child;
    const failure = new AdapterError(kind, `${message}${said(stderr)}`, stderr);
    this.#failure = failure;
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(failure);
    }
    this.#pending.clear();
    this.#child.kill();
    return failure;
  }

  #refused(program: string, code: string): void {
    this.#fail("could_not_start", `cannot start ${program || "an empty command"}: ${reason(code)}`);
    this.#over = true;
    this.#markEnded();
  }

  #finish({ code, signal }: Ending): void {
    const clean = this.#closing && code === 0 && this.#lines.rest === 0;
    if (!clean) {
      const how = signal === null ? `code ${code}` : `signal ${signal}`;
      const cut = this.#lines.rest > 0 ? " in the middle of a line" : "";
      const kind = signal === null ? "exited" : "signalled";
      this.fail(kind, `ended (${how})${cut} ${this.#when()}`);
    }
    this.#over = true;
    this.#markEnded();
  }

  #when(): string {
    const waiting = [...this.#pending.values()][0];
    if (waiting !== undefined) return `before it answered ${waiting.method}`;
    if (this.#closing) return "when its input was closed";
    return this.#lastMethod === null ? "unasked" : `unasked, after it answered ${this.#lastMethod}`;
  }

  #reject(fault: LineFault): void {
    const mb = this.#maxLineBytes / (1024 * 1024);
    const size = mb >= 1 ? `${Math.floor(mb)} MB` : `${this.#maxLineBytes} bytes`;
    const what = fault === "not_utf8" ? "is not UTF-8" : `is longer than ${size}`;
    this.fail("malformed_line", `wrote a line that ${what} ${this.#when()}`);
  }

  #take(line: string): void {
    if (this.#failure !== null || this.#over) return;
    const message = readMessage(line);
    if ("fault" in message) {
      this.#blame(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) {
      this.#answeredNothing(message.id);
      return;
    }
    const answer = readAnswer(pending.method, message);
    if ("fault" in answer) {
      this.#blame(answer);
      return;
    }
    clearTimeout(pending.timer);
    this.#pending.delete(message.id);
    pending.resolve(answer);
  }

  #blame({ fault, what }: Fault): void {
    this.fail(fault, what);
  }

  #answeredNothing(id: number): void {
    if (id >= 1 && id <= this.#lastId) this.fail("second_reply", `answered request ${id} twice`);
    else this.fail("unknown_id", `answered request ${id}, which was never sent`);
  }
}

const seconds = (ms: number): string => `${ms / 1000} s`;

function reason(code: string): string {
  if (code === "ENOENT") return "no such program";
  if (code === "EACCES") return "it may not be executed";
  return code;
}
