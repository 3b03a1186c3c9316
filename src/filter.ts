import { JOB_STATES, type JobState } from "./job.ts";
import { checkId, checkInteger, checkText, refuse } from "./validate.ts";

/** Which jobs are meant: those that fit all of this. What is absent or empty is no filter. */
export interface JobFilter {
  readonly ids?: readonly bigint[];
  readonly kinds?: readonly string[];
  readonly priorities?: readonly number[];
  readonly queues?: readonly string[];
  readonly states?: readonly JobState[];
}

/** The filter as a statement's first five parameters, null for what is no filter. Throws `invalid` for what no row could hold. */
export function filterParams(filter: JobFilter): (string[] | null)[] {
  const { ids, kinds, priorities, queues, states } = filter;
  for (const id of ids ?? []) checkId(id, "ids");
  for (const priority of priorities ?? []) checkInteger(priority, "priorities", 1, 4);
  for (const state of states ?? []) {
    if (!JOB_STATES.includes(state)) refuse("states", `hold ${JOB_STATES.join(", ")}`, state);
  }
  return [
    arrayParam(ids),
    textsParam(kinds, "kinds"),
    arrayParam(priorities),
    textsParam(queues, "queues"),
    arrayParam(states),
  ];
}

/** A list of texts as a parameter, null if it is absent or empty. */
export function textsParam(texts: readonly string[] | undefined, field: string): string[] | null {
  for (const text of texts ?? []) checkText(text, field);
  return arrayParam(texts);
}

const arrayParam = (items: readonly unknown[] | undefined): string[] | null =>
  items === undefined || items.length === 0 ? null : items.map(String);

/** How many jobs a call is about where nothing is said. */
export const DEFAULT_LIMIT = 100;

/** Refuses a limit that River's clients refuse. */
export const checkLimit = (limit: number): void => checkInteger(limit, "limit", 1, 10_000);
