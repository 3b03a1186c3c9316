import { applyEffects, type Effect, refuse, type Step } from "./effect.ts";
import { byteLength, jsonb, merge, ofMembers } from "./jsonb.ts";
import type { UpdateOp } from "./op.ts";
import type { State } from "./state.ts";

/** 32 MiB, as River's recorded_output.go has it. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Writes the output of one job. */
export function update(state: State, { job: id, output }: UpdateOp): Step {
  const stored = isShort(output) ? jsonb(output) : null;
  if (stored === null) {
    return refuse(state, "UPD-3", "The output is too long, no JSON, or more than JSONB can hold.");
  }
  const job = state.jobs.get(id);
  if (job === undefined) return refuse(state, "UPD-2", `There is no #${id}.`, "not_found");
  const metadata = merge(job.metadata, ofMembers([["output", stored]]));
  const written: Effect = {
    rule: "UPD-1",
    job: id,
    set: { metadata },
    because: `#${id} is there.`,
  };
  return {
    state: applyEffects(state, [written]),
    answer: { op: "update", job: id },
    effects: [written],
  };
}

/** Each UTF-16 unit takes one to three bytes of UTF-8. */
function isShort(text: string): boolean {
  if (text.length * 3 <= MOST_BYTES) return true;
  return text.length <= MOST_BYTES && byteLength(text) <= MOST_BYTES;
}
