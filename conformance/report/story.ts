import type { Law, Model } from "../../spec/model/effect.ts";
import { holdersOf } from "../../spec/model/key.ts";
import type { Op } from "../../spec/model/op.ts";
import { EMPTY, type Job, type State } from "../../spec/model/state.ts";
import { step } from "../../spec/model/step.ts";
import type { Column, Difference } from "../compare/difference.ts";
import { printOp } from "../notation/print.ts";
import { printMicros } from "../notation/time.ts";
import type { Divergence } from "../run/sequence.ts";
import { showState } from "./screen.ts";
import { serviceCells, serviceNames, servicesIn } from "./services.ts";
import type { Cell, Mark, StoryTable, TableStep } from "./table.ts";

/** The names of keys in a story, by their hex: the letter that their args carry, else the next free one. */
export type KeyNames = ReadonlyMap<string, string>;

type Jobs = ReadonlyMap<number, Job>;

/** A story up to its divergence: what the rules say of each step, and what was observed of the last. Without one, what the rules say of all. */
export function storyOf(
  ops: readonly Op[],
  law: Law,
  divergence: Divergence | null,
  model: Model = step,
): { table: StoryTable; keys: KeyNames } {
  const states = statesOf(ops, law, model);
  const last = ops.length - 1;
  const seen = states.map(
    (state, i): Jobs => (i === last && divergence !== null ? divergence.observed : state.jobs),
  );
  const keys = nameKeys(seen);
  const around = states.map((state, i) =>
    i === last && divergence !== null ? divergence.services : servicesIn(state),
  );
  const services = serviceNames(around);
  const steps = ops.map((op, i) => ({
    ...rowOf(op, seen[i - 1] ?? new Map(), seen[i] ?? new Map(), keys),
    services: serviceCells(around[i] ?? EMPTY, around[i - 1] ?? EMPTY),
  }));
  const jobs = [...new Set(seen.flatMap((rows) => [...rows.keys()]))].sort((a, b) => a - b);
  const marks =
    divergence === null ? [] : marksOf(divergence, last, seen[last] ?? new Map(), services);
  return { table: { steps, jobs, keys: [...keys.values()], services, marks }, keys };
}

function statesOf(ops: readonly Op[], law: Law, model: Model): readonly State[] {
  let state = EMPTY;
  return ops.map((op) => {
    state = model(state, op, law).state;
    return state;
  });
}

function nameKeys(seen: readonly Jobs[]): KeyNames {
  const names = new Map<string, string>();
  for (const rows of seen) {
    for (const { uniqueKey, args } of rows.values()) {
      if (uniqueKey === null || names.has(uniqueKey)) continue;
      const own = /^\{"key": "([A-Z])"\}$/.exec(args)?.[1];
      const taken = new Set(names.values());
      const free = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !taken.has(letter)) ?? "?";
      names.set(uniqueKey, own === undefined || taken.has(own) ? free : own);
    }
  }
  return names;
}

function rowOf(op: Op, before: Jobs, after: Jobs, keys: KeyNames): Omit<TableStep, "services"> {
  const cells = new Map<number, Cell>();
  for (const [label, job] of after) {
    const from = before.get(label);
    cells.set(label, from?.state === job.state ? "unchanged" : job.state);
  }
  for (const label of before.keys()) if (!after.has(label)) cells.set(label, { text: "gone" });
  return { at: op.now, text: printOp(op), cells, keys: holdersByName(after, keys) };
}

function holdersByName(jobs: Jobs, keys: KeyNames): ReadonlyMap<string, string> {
  const labelled = new Map([...jobs].map(([label, job]) => [label, { ...job, id: label }]));
  const state: State = { ...EMPTY, jobs: labelled };
  const known = [...keys].filter(([key]) =>
    [...jobs.values()].some((job) => job.uniqueKey === key),
  );
  return new Map(
    known.map(([key, name]) => {
      const holders = holdersOf(state, key).map((job) => `#${job.id}`);
      return [name, holders.length === 0 ? "free" : holders.join(" ")];
    }),
  );
}

function marksOf(
  { differences }: Divergence,
  step: number,
  rows: Jobs,
  services: readonly string[],
): readonly Mark[] {
  const [first] = differences;
  if (first === undefined) return [];
  const must =
    first.column === "state"
      ? showExpected(first)
      : `${showExpected(first)}, but is ${showGot(first)}`;
  if (first.on !== undefined && services.includes(first.on)) {
    const column = first.column === null ? {} : { column: snake(first.column) };
    return [{ step, at: { service: first.on }, must, ...column }];
  }
  if (first.job === null || !rows.has(first.job) || first.column === null) {
    const subject = [first.on, first.column]
      .filter((each) => each != null)
      .map((each) => snake(each));
    return [{ step, at: "step", must, ...(subject.length > 0 && { column: subject.join(" ") }) }];
  }
  const column = first.column === "state" ? {} : { column: snake(first.column) };
  return [{ step, at: { job: first.job }, must, ...column }];
}

const showExpected = ({ column, expected }: Difference): string =>
  column === "state" && expected !== null
    ? showState(expected as Job["state"])
    : showValue(column, expected);

const showGot = ({ column, got }: Difference): string => showValue(column, got);

/** `finalizedAt` as the database calls it. */
export const snake = (column: string): string =>
  column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const TIMES: readonly (Column | null)[] = [
  "attemptedAt",
  "createdAt",
  "electedAt",
  "expiresAt",
  "finalizedAt",
  "pausedAt",
  "scheduledAt",
  "updatedAt",
];

/** A column's value as stories show it: times count from the start, `–` is null. */
export function showValue(column: Column | null, value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return TIMES.includes(column) ? printMicros(value) : String(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
