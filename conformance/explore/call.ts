import type { Violation } from "../../spec/invariants.ts";
import type { Step } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import type { Job, JobColumn, State } from "../../spec/model/state.ts";

/** What a step of the model breaks of the invariants of a call: its answer is true (INV-9), and it changes nothing that no rule names (INV-12). */
export function checkCall(
  before: State,
  { state, answer, effects }: Step,
  op: Op,
): readonly Violation[] {
  const found: Violation[] = [];
  for (const id of namesIn(answer)) {
    if (state.jobs.has(id) || before.jobs.has(id)) continue;
    found.push({ rule: "INV-9", job: id, because: `The answer names #${id}, which is not there.` });
  }
  for (const [id, job] of state.jobs) {
    const was = before.jobs.get(id);
    if (was === undefined && (op.op !== "insert" || answer.op === "refused")) {
      found.push({ rule: "INV-12", job: id, because: `Nobody asked for #${id}.` });
    }
    if (was === undefined || was === job) continue;
    for (const column of changedColumns(was, job)) {
      if (effects.some((each) => each.job === id && column in each.set)) continue;
      found.push({
        rule: "INV-12",
        job: id,
        because: `No rule changes ${column} of #${id}, but it changed.`,
      });
    }
  }
  return found;
}

function namesIn(answer: Step["answer"]): readonly number[] {
  switch (answer.op) {
    case "insert":
      return answer.jobs.map(({ id }) => id);
    case "fetch":
    case "schedule":
    case "delete_many":
      return answer.jobs;
    case "list":
      return answer.pages.flat();
    case "finish":
      return answer.job === null ? [] : [answer.job];
    case "cancel":
    case "retry":
    case "get":
    case "update":
    case "delete":
      return [answer.job];
    default:
      return [];
  }
}

const changedColumns = (was: Job, job: Job): readonly JobColumn[] =>
  (Object.keys(job) as JobColumn[]).filter((column) => was[column] !== job[column]);
