/**
 * Weir's client that is told what to do over its standard input and tells what happens on its standard output, one JSON object a line.
 * Started by `tsx` with `DATABASE_URL` set.
 */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Attempt, Client, job, postgres, type Running, worker } from "../../src/index.ts";
import type { Calls, PeerEvent } from "./peer.ts";

/** What each run does, the last one for all that follow. */
type Script = Readonly<{ runs: readonly string[] }>;

const database = postgres(process.env.DATABASE_URL ?? "");
let client = new Client(database);
let running: Running | null = null;

const TOLD = {
  job_cancelled: "cancelled",
  job_completed: "completed",
  job_failed: "failed",
  job_interrupted: "interrupted",
  job_snoozed: "snoozed",
  queue_paused: "paused",
  queue_resumed: "resumed",
} as const;

const tell = (event: PeerEvent) => write(event);
const write = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Writes what the client itself tells. */
async function watch(): Promise<void> {
  const kinds = Object.keys(TOLD) as (keyof typeof TOLD)[];
  for await (const event of client.events(...kinds)) {
    if ("queue" in event) tell({ event: TOLD[event.kind], queue: event.queue });
    else if (event.kind in TOLD) {
      const { id, attempt } = event.job;
      tell({ event: TOLD[event.kind as keyof typeof TOLD], job: Number(id), attempt });
    }
  }
}

async function work(attempt: Attempt<Script>): Promise<void> {
  const { id, argsText: args, queue, metadataText } = attempt.job;
  tell({ event: "started", job: Number(id), attempt: attempt.attempt, queue, args });
  // A snooze gives its attempt back, so that attempts and snoozes together count the runs.
  const { snoozes = 0 } = JSON.parse(metadataText);
  const { runs } = attempt.args;
  const [action, ...operands] = (runs[attempt.attempt - 1 + snoozes] ?? runs.at(-1) ?? "").split(
    " ",
  );
  await act(attempt, action ?? "", operands.join(" "));
}

async function act(attempt: Attempt<Script>, action: string, operand: string): Promise<void> {
  const { signal } = attempt;
  switch (action) {
    case "complete":
      return;
    case "error":
    case "panic":
      throw new Error("the script says so");
    case "cancel":
      return attempt.cancel("the script says so");
    case "output":
      return attempt.output(JSON.parse(operand));
    case "snooze":
      return attempt.snooze(millis(operand));
    case "sleep":
      return sleep(millis(operand), undefined, { signal });
    case "hang":
      return sleep(2 ** 31 - 1, undefined, { signal });
    default:
      throw new Error(`no action is called ${action}`);
  }
}

const millis = (text: string) => Number.parseInt(text, 10) * (text.endsWith("ms") ? 1 : 1_000);

type Handlers = { readonly [M in keyof Calls]: (params: Calls[M][0]) => Promise<unknown> };

const HANDLERS: Handlers = {
  async start({ client: id, queues, max_workers: maxWorkers }) {
    const configs = Object.entries(queues).map(([name, { poll_interval_ms: fetchPollMs }]) => {
      return [name, { maxWorkers, fetchPollMs }] as const;
    });
    const workers = [worker(job<Script>("weir_script"), work)];
    client = new Client(database, { id, queues: Object.fromEntries(configs), workers });
    void watch();
    running = await client.start();
  },
  async insert({ kind, args, queue, max_attempts, scheduled_at, unique }) {
    const byArgs = kind === "weir_unique_flat" ? ["a"] : true;
    const { job: row, duplicate } = await client.insert(
      { kind, args: JSON.parse(args) },
      {
        queue,
        ...(max_attempts !== undefined && { maxAttempts: max_attempts }),
        ...(scheduled_at !== undefined && { scheduledAt: new Date(scheduled_at) }),
        ...(unique !== undefined && {
          unique: {
            ...(unique.by_args && { byArgs }),
            ...(unique.by_period_ms !== undefined && { byPeriodMs: unique.by_period_ms }),
            ...(unique.by_queue && { byQueue: true }),
          },
        }),
      },
    );
    return { job: Number(row.id), duplicate };
  },
  cancel: ({ job: id }) => client.cancel(BigInt(id)),
  pause: ({ queue }) => client.queues.pause(queue),
  resume: ({ queue }) => client.queues.resume(queue),
  async stop() {
    await running?.stop();
  },
};

type Call = Readonly<{ id: number; method: keyof Calls; params: never }>;

/** Calls overlap, so that two peers can be made to do something at once. */
async function answer({ id, method, params }: Call): Promise<void> {
  try {
    const result = await HANDLERS[method](params);
    write({ id, result: method === "insert" ? result : {} });
  } catch (error) {
    write({ id, error: String(error) });
  }
}

for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line));
process.exit();
