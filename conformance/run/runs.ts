import type { Answer, Step } from "../../spec/model/effect.ts";
import type { Job, State } from "../../spec/model/state.ts";

/** What tells the jobs of one look at a timetable apart. */
const LIKE = ["scheduledAt", "metadata", "args", "kind", "queue", "uniqueKey"] as const;

/** For each row of a leader's look the label of the new job that it is most like; undefined where none is left. */
export function labelsOfRuns(
  before: ReadonlySet<number> | ReadonlyMap<number, unknown>,
  expected: Step,
  rows: readonly Job[],
): readonly (number | undefined)[] {
  const left = [...expected.state.jobs.values()].filter(({ id }) => !before.has(id));
  return rows.map((row) => {
    const likeness = (job: Job) =>
      LIKE.filter((column) => JSON.stringify(job[column]) === JSON.stringify(row[column])).length;
    const [best] = [...left].sort((a, b) => likeness(b) - likeness(a));
    if (best !== undefined) left.splice(left.indexOf(best), 1);
    return best?.id;
  });
}

/** The ids that the rows of a leader's look would have, had they been inserted in the model's order; empty where they were. */
export function idsInOrder(
  before: ReadonlySet<number> | ReadonlyMap<number, unknown>,
  expected: Step,
  rows: readonly Job[],
): ReadonlyMap<number, number> {
  const fresh = [...rows].sort((a, b) => a.id - b.id);
  const labels = labelsOfRuns(before, expected, fresh);
  const order = fresh
    .map(({ id }, i) => ({ id, label: labels[i] ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => a.label - b.label || a.id - b.id);
  const pairs = order.map(({ id }, i) => [id, fresh[i]?.id ?? id] as const);
  return new Map(pairs.filter(([id, owed]) => id !== owed));
}

/**
 * The step with its new jobs named in the order of their rows' ids: nobody says in which order a leader inserts what is due at the same
 * time, but what is worked, cleaned or listed by id goes by it afterwards.
 */
export function inOrderOfIds(before: State, expected: Step, rows: readonly Job[]): Step {
  const fresh = [...rows].sort((a, b) => a.id - b.id);
  const labels = labelsOfRuns(before.jobs, expected, fresh).filter((each) => each !== undefined);
  const rising = [...labels].sort((a, b) => a - b);
  const names = new Map(labels.map((label, i) => [label, rising[i] ?? label]));
  if (labels.every((label) => names.get(label) === label)) return expected;
  const rename = (label: number) => names.get(label) ?? label;
  const jobs = [...expected.state.jobs.values()].map((job) => ({ ...job, id: rename(job.id) }));
  return {
    state: {
      ...expected.state,
      jobs: new Map(jobs.sort((a, b) => a.id - b.id).map((job) => [job.id, job])),
    },
    answer: renamedAnswer(expected.answer, rename),
    effects: expected.effects.map((effect) => ({
      ...effect,
      job: effect.job === null ? null : rename(effect.job),
      because: effect.because.replace(/#(\d+)/g, (_, label) => `#${rename(Number(label))}`),
    })),
  };
}

function renamedAnswer(answer: Answer, rename: (label: number) => number): Answer {
  if (answer.op !== "enqueue_periodic") return answer;
  return { ...answer, jobs: answer.jobs.map((each) => ({ ...each, id: rename(each.id) })) };
}
