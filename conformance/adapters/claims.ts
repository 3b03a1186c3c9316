import type { Support } from "../adapter.ts";
import { type Answer, isMethodNotFound } from "../protocol/answer.ts";
import type { MethodName, Params, Result } from "../protocol/messages.ts";
import { timestampOf } from "../protocol/time.ts";

/** Asks the adapter; whoever provides it takes care of the clock. */
export type Ask = <M extends MethodName>(method: M, params: Params<M>) => Promise<Answer<M>>;

type Claims = Readonly<Record<string, Support>>;
type Call = <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>;
type Outcome = Params<"finish">["outcome"];

const NOW = timestampOf(0);
const BEFORE = timestampOf(-1_000_000);
const SOON = timestampOf(1_000_000);
const JOB = { kind: "weir_probe", args: "{}" };
const ENTRY = { id: "probe", schedule: "@every 1s", run_on_start: true, job: JOB };
const COMPLETE: Outcome = { kind: "complete" };
const MESSAGE = { message: "probe" };
const HOUR = 3_600_000_000;
const STUCK = { after_us: HOUR, timeout_us: 60_000_000, limit: 10 };
const LIVE = {
  client: "weir-probe",
  queues: [{ queue: "weir_probe", max_workers: 1 }],
  timeout_us: HOUR,
  rescue_after_us: HOUR,
};
const KEPT = { cancelled_us: HOUR, completed_us: HOUR, discarded_us: HOUR, limit: 10 };

/** Every claim that can be checked, and the calls that show whether it is kept. A name with a dot is a part of what precedes it. */
const PROBES: Readonly<Record<string, Probe>> = {
  insert: (call) => call("insert_many", { now: NOW, jobs: [JOB, JOB] }),
  "insert.metadata": (call) => insert(call, { metadata: `{"probe":1}` }),
  "insert.notify": (call) => insert(call, {}),
  "insert.pending": (call) => insert(call, { pending: true }),
  "insert.paths": (call) =>
    call("insert", {
      now: NOW,
      job: { ...JOB, kind: "weir_unique_flat", unique: { by_args: true } },
    }),
  "insert.unique": (call) => insert(call, { unique: { by_args: true } }),
  "insert.tags": (call) => insert(call, { tags: ["probe"] }),
  fetch: hold,
  schedule: (call) => call("schedule", { now: NOW, horizon: NOW, limit: 10 }),
  "schedule.notify": (call) => call("schedule", { now: NOW, horizon: NOW, limit: 10 }),
  "schedule.limit": (call) => call("schedule", { now: NOW, horizon: NOW, limit: 1 }),
  "schedule.horizon": (call) => call("schedule", { now: NOW, horizon: SOON, limit: 10 }),
  finish: finishWith(COMPLETE),
  "finish.complete": finishWith(COMPLETE),
  "finish.error": finishWith({ kind: "error", ...MESSAGE, retry_at: SOON }),
  "finish.past": finishWith({ kind: "error", ...MESSAGE, retry_at: BEFORE }),
  "finish.discard": finishWith({ kind: "discard", ...MESSAGE }),
  "finish.cancel": finishWith({ kind: "cancel", ...MESSAGE }),
  "finish.snooze": finishWith({ kind: "snooze", for_us: 1_000_000 }),
  "finish.interrupt": finishWith({ kind: "interrupt" }),
  "finish.metadata": finishWith({ kind: "complete", metadata: `{"probe":1}` }),
  enqueue_periodic: (call) => call("enqueue_periodic", { now: SOON, since: NOW, jobs: [ENTRY] }),
  "enqueue_periodic.once": (call) => call("enqueue_periodic", { now: NOW, jobs: [ENTRY] }),
  "enqueue_periodic.period": (call) => call("enqueue_periodic", { now: NOW, jobs: [ENTRY] }),
  "enqueue_periodic.rivals": (call) => call("enqueue_periodic", { now: NOW, jobs: [ENTRY] }),
  "finish.late": finishWith(COMPLETE, COMPLETE),
  cancel: onJob((call, id) => call("cancel", { now: NOW, id })),
  "cancel.notify": onJob((call, id) => call("cancel", { now: NOW, id })),
  retry: onJob((call, id) => call("retry", { now: NOW, id })),
  get: onJob((call, id) => call("get", { now: NOW, id })),
  delete: onJob((call, id) => call("delete", { now: NOW, id })),
  update: onJob((call, id) => call("update", { now: NOW, id, output: "1" })),
  delete_many: (call) => call("delete_many", { now: NOW, all: true }),
  list: onJob((call) => call("list", { now: NOW })),
  "list.ids": onJob((call, id) => call("list", { now: NOW, ids: [id] })),
  "list.priorities": onJob((call) => call("list", { now: NOW, priorities: [1] })),
  "list.tags": onJob((call) =>
    call("list", { now: NOW, tags_all: ["probe"], tags_any: ["probe"] }),
  ),
  "list.cursor": onJob((call, id) => call("list", { now: NOW, after_job: id })),
  rescue: (call) => call("rescue", { now: NOW, ...STUCK }),
  "rescue.any_mark": (call) => call("rescue", { now: NOW, ...STUCK }),
  "rescue.unknown_kind": (call) => call("rescue", { now: NOW, ...STUCK }),
  clean: (call) => call("clean", { now: NOW, ...KEPT }),
  clean_queues: (call) => call("clean_queues", { now: NOW, after_us: HOUR, limit: 10 }),
  "clean_queues.limit": (call) => call("clean_queues", { now: NOW, after_us: HOUR, limit: 1 }),
  "clean_queues.paused": (call) => call("clean_queues", { now: NOW, after_us: HOUR, limit: 10 }),
  "clean.limit": (call) => call("clean", { now: NOW, ...KEPT, limit: 1 }),
  "clean.keep": (call) => call("clean", { now: NOW, ...KEPT, completed_us: -1 }),
  queue: probeQueue,
  "queue.update": async (call) => {
    await call("queue_touch", { now: NOW, queue: "default" });
    await call("queue_update", { now: NOW, queue: "default", metadata: `{"probe":1}` });
  },
  leader: probeLeader,
  "leader.request_resign": (call) => call("request_resign", { now: NOW }),
  live: async (call) => {
    await call("start", LIVE);
    await call("stop", { hard: true });
  },
};

/** The methods that a capability takes, where they are not just that of its name. A part that is not here takes no method of its own. */
const METHODS_OF: Readonly<Record<string, readonly MethodName[]>> = {
  insert: ["insert", "insert_many"],
  queue: ["queue_touch", "queue_pause", "queue_resume", "queue_get", "queue_list"],
  "queue.update": ["queue_update"],
  leader: ["elect", "reelect", "resign"],
  "leader.request_resign": ["request_resign"],
  live: ["start", "stop"],
};

/** The methods that come with a capability. */
export const methodsOf = (claim: string): readonly string[] =>
  METHODS_OF[claim] ?? (claim.includes(".") ? [] : [claim]);

/** Every capability that can be checked. */
export const claimNames = (): readonly string[] => Object.keys(PROBES);

/** Names that stand for several. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  operations: [
    "fetch",
    "finish",
    "schedule",
    "rescue",
    "clean",
    "clean_queues",
    "enqueue_periodic",
  ],
  control: ["cancel", "retry", "get", "delete", "update", "delete_many", "list"],
};

/**
 * What the adapter supports, by every name that this version of Weir can check: a part that was not mentioned is like its whole, and a
 * whole that was not mentioned is unsupported. `operations` and `control` stand for several. Other claims are kept, as unsupported.
 */
export function checkable(claimed: Claims): Claims {
  const known = Object.keys(PROBES).map((name) => [name, supportOf(claimed, name)] as const);
  const others = Object.entries(claimed)
    .filter(([name]) => PROBES[name] === undefined && GROUPS[name] === undefined)
    .map(([name, said]) => [name, isPositive(said) ? UNKNOWN : said] as const);
  return Object.fromEntries([...known, ...others]);
}

/** Supported, or knowingly different: it is there, and can be called. */
export const isPositive = (support: Support | undefined): boolean =>
  support !== undefined && (support === "supported" || "divergent" in support);

/** A claim that is not kept; `why` continues "claims it, but". */
export type BrokenClaim = Readonly<{ claim: string; why: string }>;

/** Makes at least one call for every positive claim, beginning and ending with an empty queue, and gives those that are not kept. */
export async function* brokenClaims(ask: Ask, claims: Claims): AsyncGenerator<BrokenClaim> {
  const call: Call = async (method, params) => {
    const answer = await ask(method, params);
    if (answer.ok) return answer.result;
    throw new NotKept(`${method} answered ${reason(answer)}`);
  };
  for (const [claim, probe] of [RESET, ...Object.entries(PROBES), RESET]) {
    if (!isPositive(claims[claim])) continue;
    const broken = await probe(call).then(
      () => null,
      (error: unknown) => {
        if (error instanceof NotKept) return error.message;
        throw error;
      },
    );
    if (broken !== null) yield { claim, why: broken };
  }
}

type Probe = (call: Call) => Promise<unknown>;

const RESET: readonly [string, Probe] = ["insert", (call) => call("reset", {})];

class NotKept extends Error {}

const UNKNOWN: Support = { unsupported: "this version of Weir does not check it" };

function supportOf(claimed: Claims, name: string): Support {
  const own = claimed[name];
  if (own !== undefined) return own;
  if (name.includes(".")) return supportOf(claimed, name.slice(0, name.indexOf(".")));
  const group = Object.keys(GROUPS).find((each) => GROUPS[each]?.includes(name));
  return (
    (group === undefined ? undefined : claimed[group]) ?? {
      unsupported: "the handshake does not mention it",
    }
  );
}

async function probeQueue(call: Call): Promise<void> {
  const queue = { now: NOW, queue: "default" };
  await call("queue_touch", queue);
  await call("queue_pause", queue);
  await call("queue_resume", queue);
  await call("queue_get", queue);
  await call("queue_list", { now: NOW, limit: 10 });
}

async function probeLeader(call: Call): Promise<void> {
  const client = { now: NOW, client: "weir-probe" };
  await call("elect", { ...client, lease_us: 1_000_000 });
  await call("reelect", { ...client, elected_at: NOW, lease_us: 1_000_000 });
  await call("resign", { ...client, elected_at: NOW });
}

function insert(call: Call, options: Omit<Params<"insert">["job"], "kind" | "args">) {
  return call("insert", { now: NOW, job: { ...JOB, ...options } });
}

/** What a worker is handed: the job just inserted, or one of those before it. */
async function hold(call: Call) {
  await insert(call, {});
  const { jobs } = await call("fetch", {
    now: NOW,
    queue: "default",
    limit: 1,
    client: "weir-probe",
  });
  const [job] = jobs;
  if (job !== undefined && job.attempted_at !== null) {
    return { id: job.id, attempt: job.attempt, attempted_at: job.attempted_at };
  }
  const what = job === undefined ? "handed out nothing" : "handed out a job without attempted_at";
  throw new NotKept(`fetch ${what}, though a job was available`);
}

function onJob(ask: (call: Call, id: number) => Promise<unknown>) {
  return async (call: Call) => {
    const { job } = await insert(call, {});
    await ask(call, job.id);
  };
}

function finishWith(...outcomes: readonly Outcome[]) {
  return async (call: Call) => {
    const held = await hold(call);
    for (const outcome of outcomes) await call("finish", { now: NOW, ...held, outcome });
  };
}

function reason(answer: Extract<Answer<MethodName>, { ok: false }>): string {
  const { error } = answer;
  if (isMethodNotFound(error)) return "method_not_found";
  return `${error.data?.code ?? "internal"}: ${error.message}`;
}
