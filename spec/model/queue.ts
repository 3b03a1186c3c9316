import type { RuleId } from "../rules.generated.ts";
import { applyEffects, type Effect, refuse, type Step } from "./effect.ts";
import { parseJson } from "./json.ts";
import { jsonb, ofMembers, quote } from "./jsonb.ts";
import type {
  QueueListOp,
  QueueOp,
  QueuePauseOp,
  QueueResumeOp,
  QueueTouchOp,
  QueueUpdateOp,
} from "./op.ts";
import { isQueueName } from "./refusal.ts";
import type { Notification, Queue, State } from "./state.ts";

/** The name that stands for all queues. */
export const ALL_QUEUES = "*";

/** What the rules say of an operation on the rows of queues. */
export function queueStep(state: State, op: QueueOp): Step {
  switch (op.op) {
    case "queue_touch":
      return touch(state, op);
    case "queue_pause":
    case "queue_resume":
      return control(state, op);
    case "queue_update":
      return update(state, op);
    case "queue_list":
      return list(state, op);
    case "queue_get": {
      const found = state.queues.get(op.queue);
      if (found === undefined) return notFound(state, op.queue);
      const because = "It is only shown.";
      const effects = [decided("PAU-14", op.queue, {}, because)];
      return { state, answer: { op: "queue_get", queue: op.queue }, effects };
    }
  }
}

function decided(rule: RuleId, name: string, set: Partial<Queue>, because: string): Effect {
  return { rule, job: null, set: {}, because, queue: { name, set } };
}

/** PAU-9 */
const notFound = (state: State, name: string): Step =>
  refuse(state, "PAU-9", `There is no queue ${name}.`, "not_found");

function touch(state: State, { now, queue: name }: QueueTouchOp): Step {
  if (!isQueueName(name)) return refuse(state, "PAU-3", `The name is ${JSON.stringify(name)}.`);
  const answer = { op: "queue_touch", queue: name } as const;
  const fresh: Queue = { name, createdAt: now, metadata: "{}", pausedAt: null, updatedAt: now };
  const effect = state.queues.has(name)
    ? decided("PAU-2", name, { updatedAt: now }, `There is a queue ${name}.`)
    : decided("PAU-1", name, fresh, `There is no queue ${name}.`);
  return { state: applyEffects(state, [effect]), answer, effects: [effect] };
}

/** Pauses and resumes; `*` is each queue that there is. */
function control(state: State, op: QueuePauseOp | QueueResumeOp): Step {
  const isAll = op.queue === ALL_QUEUES;
  const asked = [...state.queues.values()].filter(({ name }) => isAll || name === op.queue);
  if (asked.length === 0 && !isAll) return notFound(state, op.queue);
  const isPause = op.op === "queue_pause";
  const changes = asked.map((queue) => (isPause ? pause(queue, op.now) : resume(queue, op.now)));
  const all: Effect = {
    rule: "PAU-8",
    job: null,
    set: {},
    because: `* is each queue, and there are ${asked.length}.`,
  };
  const told: Effect = {
    rule: "PAU-10",
    job: null,
    set: {},
    because: `${isPause ? "A pause" : "A resume"} of ${op.queue} is told.`,
    notify: controlled([
      ["action", quote(isPause ? "pause" : "resume")],
      ["queue", quote(op.queue)],
    ]),
  };
  const effects = [...(isAll ? [all] : []), ...changes, told];
  return { state: applyEffects(state, effects), answer: { op: op.op }, effects };
}

function pause({ name, pausedAt }: Queue, now: number): Effect {
  if (pausedAt !== null) return decided("PAU-5", name, {}, `Queue ${name} is paused.`);
  return decided("PAU-4", name, { pausedAt: now, updatedAt: now }, `Queue ${name} is not paused.`);
}

function resume({ name, pausedAt }: Queue, now: number): Effect {
  if (pausedAt === null) return decided("PAU-7", name, {}, `Queue ${name} is not paused.`);
  return decided("PAU-6", name, { pausedAt: null, updatedAt: now }, `Queue ${name} is paused.`);
}

function update(state: State, { now, queue: name, metadata: given }: QueueUpdateOp): Step {
  const metadata = given === undefined ? null : jsonb(given);
  if (given !== undefined && (metadata === null || parseJson(given)?.kind !== "object")) {
    return refuse(state, "PAU-13", "The metadata is no JSON object that JSONB can hold.");
  }
  if (!state.queues.has(name)) return notFound(state, name);
  const set = { ...(metadata === null ? {} : { metadata }), updatedAt: now };
  const because = metadata === null ? "There is no new metadata." : "There is new metadata.";
  const told = metadata === null ? {} : { notify: changed(name, metadata) };
  const effects: Effect[] = [
    decided("PAU-11", name, set, because),
    { rule: "PAU-12", job: null, set: {}, because, ...told },
  ];
  const answer = { op: "queue_update", queue: name } as const;
  return { state: applyEffects(state, effects), answer, effects };
}

const changed = (name: string, metadata: string): Notification =>
  controlled([
    ["action", quote("metadata_changed")],
    ["metadata", metadata],
    ["queue", quote(name)],
  ]);

const controlled = (members: readonly (readonly [string, string])[]): Notification => ({
  channel: "control",
  payload: ofMembers(members),
});

function list(state: State, { limit }: QueueListOp): Step {
  const names = [...state.queues.keys()].sort();
  const because = `There are ${names.length} queues.`;
  const effects: Effect[] = [{ rule: "PAU-15", job: null, set: {}, because }];
  return { state, answer: { op: "queue_list", queues: names.slice(0, limit) }, effects };
}
