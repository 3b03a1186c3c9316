import { z } from "zod";
import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { JOB_STATES, type JobState } from "../../spec/model/state.ts";
import type { Divergence } from "../run/sequence.ts";
import { showValue, snake, storyOf } from "./story.ts";
import type { Cell, StoryTable } from "./table.ts";

const texts = z.record(z.string(), z.string());

const markJson = z.strictObject({
  step: z.int(),
  at: z.union([
    z.literal("step"),
    z.strictObject({ job: z.int() }),
    z.strictObject({ key: z.string() }),
    z.strictObject({ service: z.string() }),
  ]),
  column: z.string().exactOptional(),
  must: z.string(),
});

/** A story as a report carries it, for pages: the table, with a job's cell as its state, `unchanged` or `= text`, and what else differs. */
export const storyJson = z.strictObject({
  steps: z.array(
    z.strictObject({
      at: z.number(),
      text: z.string(),
      cells: texts,
      keys: texts,
      services: texts.exactOptional(),
    }),
  ),
  jobs: z.array(z.int()),
  keys: z.array(z.string()),
  services: z.array(z.string()).exactOptional(),
  marks: z.array(markJson),
  also: z.array(z.strictObject({ subject: z.string(), must: z.string(), is: z.string() })),
});

/** See `storyJson`. */
export type StoryJson = z.infer<typeof storyJson>;

/** What else differs at a story's end: `#1 finalized_at`, what it must be and what it is. */
export type Also = StoryJson["also"][number];

/** The differences of a divergence behind the one that names the rule. */
export const alsoOf = ({ differences }: Divergence): readonly Also[] =>
  differences.slice(1).flatMap(({ job, on, column, expected, got }) =>
    column === null
      ? []
      : [
          {
            subject: `${on ?? `#${job}`} ${snake(column)}`,
            must: showValue(column, expected),
            is: showValue(column, got),
          },
        ],
  );

/** A story up to its divergence, as a report carries it. */
export function storyJsonOf(ops: readonly Op[], law: Law, divergence: Divergence): StoryJson {
  const { steps, jobs, keys, services, marks } = storyOf(ops, law, divergence).table;
  return {
    steps: steps.map((step) => ({
      at: step.at,
      text: step.text,
      cells: Object.fromEntries([...step.cells].map(([job, cell]) => [job, cellText(cell)])),
      keys: Object.fromEntries(step.keys),
      ...(step.services === undefined ? {} : { services: Object.fromEntries(step.services) }),
    })),
    jobs: [...jobs],
    keys: [...keys],
    ...(services === undefined ? {} : { services: [...services] }),
    marks: marks.map((mark) => ({ ...mark })),
    also: [...alsoOf(divergence)],
  };
}

const cellText = (cell: Cell): string => (typeof cell === "string" ? cell : `= ${cell.text}`);

/** The table that `storyJsonOf` wrote down. */
export function storyTableOf({ steps, jobs, keys, services, marks }: StoryJson): StoryTable {
  return {
    steps: steps.map((step) => ({
      at: step.at,
      text: step.text,
      cells: new Map(Object.entries(step.cells).map(([job, text]) => [Number(job), cellOf(text)])),
      keys: new Map(Object.entries(step.keys)),
      ...(step.services === undefined ? {} : { services: new Map(Object.entries(step.services)) }),
    })),
    jobs,
    keys,
    ...(services === undefined ? {} : { services }),
    marks: marks.map(({ column, ...mark }) => ({
      ...mark,
      ...(column === undefined ? {} : { column }),
    })),
  };
}

function cellOf(text: string): Cell {
  if (text === "unchanged" || JOB_STATES.includes(text as JobState)) {
    return text as JobState | "unchanged";
  }
  return { text: text.replace(/^= /, "") };
}
