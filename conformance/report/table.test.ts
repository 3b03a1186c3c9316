import fc from "fast-check";
import { expect, test } from "vitest";
import { JOB_STATES } from "../../spec/model/state.ts";
import { parseStory } from "../notation/parse.ts";
import { printOp } from "../notation/print.ts";
import { type Paint, widthOf } from "./screen.ts";
import { type Cell, printTable, type StoryTable, type TableStep } from "./table.ts";

const SELF_CONFLICT: StoryTable = {
  steps: [
    step(0, "insert #1 unique A, due 30s", { 1: "scheduled" }, { A: "#1" }),
    step(30, "schedule", { 1: "discarded" }, { A: "free" }),
  ],
  jobs: [1],
  keys: ["A"],
  marks: [{ step: 1, at: { job: 1 }, must: "available" }],
};

const RIVALS: StoryTable = {
  steps: [
    step(0, "insert #1 unique A except retryable", { 1: "available" }, { A: "#1" }),
    step(0, "fetch 1", { 1: "running" }, { A: "#1" }),
    step(0, "finish #1 error, again at 10s", { 1: "retryable" }, { A: "free" }),
    step(1, "insert #2 unique A", { 1: "unchanged", 2: "available" }, { A: "#2" }),
    step(10, "schedule", { 1: "discarded", 2: "unchanged" }, { A: "#2" }),
  ],
  jobs: [1, 2],
  keys: ["A"],
  marks: [],
};

test("a divergence: what must be stands below what is", () => {
  expect(screen(SELF_CONFLICT)).toBe(`
                                         #1             key A
     0s   insert #1 unique A, due 30s    ◷ scheduled    #1
    30s   schedule                       ✕ discarded    free
                                         ↑ must be ○ available`);
});

test("the same, deeper in a screen", () => {
  expect(screen(SELF_CONFLICT, { indent: 7 })).toBe(`
                                            #1             key A
        0s   insert #1 unique A, due 30s    ◷ scheduled    #1
       30s   schedule                       ✕ discarded    free
                                            ↑ must be ○ available`);
});

test("an explanation: two jobs and their key", () => {
  expect(screen(RIVALS, { indent: 3 })).toBe(`
                                                #1             #2             key A
    0s   insert #1 unique A except retryable    ○ available                   #1
    0s   fetch 1                                ▶ running                     #1
    0s   finish #1 error, again at 10s          ↻ retryable                   free
    1s   insert #2 unique A                     ·              ○ available    #2
   10s   schedule                               ✕ discarded    ·              #2`);
});

test("stepping: the current step is pointed at, later ones are still empty", () => {
  const steps = RIVALS.steps.map((one, i) => (i < 4 ? one : step(10, one.text, {}, {})));
  expect(screen({ ...RIVALS, steps, current: 3 })).toBe(`
                                                 #1             #2             key A
     0s   insert #1 unique A except retryable    ○ available                   #1
     0s   fetch 1                                ▶ running                     #1
     0s   finish #1 error, again at 10s          ↻ retryable                   free
  ▸  1s   insert #2 unique A                     ·              ○ available    #2
    10s   schedule`);
});

test("ASCII has the words alone", () => {
  expect(screen({ ...SELF_CONFLICT, current: 1 }, { ascii: true })).toBe(`
                                         #1           key A
     0s   insert #1 unique A, due 30s    scheduled    #1
  > 30s   schedule                       discarded    free
                                         ^ must be available`);
  const lines = printTable(RIVALS, { ascii: true }).join("\n");
  expect(lines).toMatch(/^[\n -~]*$/);
  expect(lines).toMatch(/insert #2 unique A +\. +available +#2/);
});

test("a step, a key, and a column of a job can be what differs", () => {
  const marks: StoryTable["marks"] = [
    { step: 0, at: "step", must: "refused" },
    { step: 1, at: { key: "A" }, must: "#1" },
    { step: 1, at: { job: 1 }, column: "finalized_at", must: "–" },
  ];
  expect(screen({ ...SELF_CONFLICT, marks })).toBe(`
                                         #1             key A
     0s   insert #1 unique A, due 30s    ◷ scheduled    #1
          ↑ must be refused
    30s   schedule                       ✕ discarded    free
                                                        ↑ must be #1
                                         ↑ finalized_at must be –`);
});

test("a mark that does not fit to the right stands to the left, or below by name", () => {
  const must = '{"unique_key_conflict": "x"}';
  const mark = { step: 4, at: { job: 2 }, column: "metadata", must };
  const lines = printTable({ ...RIVALS, marks: [mark] });
  expect(lines.at(-1)).toBe(`                  metadata must be {"unique_key_conflict": "x"} ↑`);
  expect(lines.at(-1)?.indexOf("↑")).toBe(lines[0]?.indexOf("#2"));
  const absent = { ...mark, at: { job: 7 } };
  const [named] = printTable({ ...RIVALS, marks: [absent] }).slice(-1);
  expect(named).toBe(`          ↑ #7 metadata must be {"unique_key_conflict": "x"}`);
});

test("colours: got is red, expected green, unchanged dim; nothing moves", () => {
  const paint: Paint = {
    red: (text) => `<r>${text}</>`,
    green: (text) => `<g>${text}</>`,
    cyan: (text) => `<c>${text}</>`,
    dim: (text) => `<d>${text}</>`,
  };
  const table = { ...RIVALS, marks: [{ step: 4, at: { job: 1 }, must: "available" }] };
  const painted = printTable(table, { paint }).join("\n");
  expect(painted).toContain("<r>✕ discarded</>    <d>·</>              #2");
  expect(painted).toContain("↑ must be <g>○ available</>");
  expect(painted.replace(/<\/?[rgcd]?>/g, "")).toBe(printTable(table).join("\n"));
});

test("jobs there is no room for are counted, and a marked one stays", () => {
  const labels = [1, 2, 3, 4, 5, 6, 7];
  const states = Object.fromEntries(labels.map((label) => [label, "available" as const]));
  const table: StoryTable = {
    steps: [step(0, "insert #1; #2; #3; #4; #5; #6; #7 unique A", states, { A: "#7" })],
    jobs: labels,
    keys: ["A"],
    marks: [{ step: 0, at: { job: 7 }, must: "scheduled" }],
  };
  expect(screen(table)).toBe(`
                                                      #1           #7           key A
     0s   insert #1; #2; #3; #4; #5; #6; #7 unique A  ○ available  ○ available  #7
                                                                   ↑ must be ◷ scheduled
    … and 5 more jobs`);
});

test("a step that is too long goes on below", () => {
  const text = `insert #1 unique A, due 30s, priority 2, args {"a":1}, tags one two three`;
  const table = { ...SELF_CONFLICT, steps: [step(0, text, { 1: "scheduled" }, { A: "#1" })] };
  expect(screen({ ...table, marks: [] })).toBe(`
                                                                      #1           key A
     0s   insert #1 unique A, due 30s, priority 2, args {"a":1},      ◷ scheduled  #1
            tags one two three`);
});

test("the rows of a table can be pasted as a story", () => {
  for (const table of [SELF_CONFLICT, RIVALS, { ...RIVALS, current: 3 }]) {
    const { steps } = parseStory(printTable(table).join("\n"));
    expect(steps.map(({ op }) => printOp(op))).toEqual(table.steps.map(({ text }) => text));
  }
});

test("no line is longer than 88 characters", () => {
  const words = fc.array(fc.constantFrom("insert", "#1", "unique", '{"a":1}', "x".repeat(99)));
  const cell = fc.option(
    fc.oneof(fc.constantFrom<Cell>(...JOB_STATES, "unchanged"), fc.record({ text: fc.string() })),
  );
  const label = fc.integer({ min: 1, max: 9 });
  const table = fc.record({
    steps: fc.array(
      fc.record({ at: fc.maxSafeInteger(), words, cells: fc.array(cell, { maxLength: 9 }) }),
      { minLength: 1, maxLength: 5 },
    ),
    keys: fc.uniqueArray(fc.stringMatching(/^[A-Z][a-z]{0,30}$/), { maxLength: 5 }),
    marks: fc.array(
      fc.record({
        step: fc.constant(0),
        at: fc.oneof(fc.record({ job: label }), fc.constant("step" as const)),
        must: fc.stringMatching(/^[ -~]{0,150}$/),
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(table, ({ steps, ...rest }) => {
      const lines = printTable({
        ...rest,
        jobs: [1, 2, 3, 4, 5, 6, 7, 8, 9],
        steps: steps.map(({ at, words: text, cells }) => ({
          at: at * 1e6,
          text: text.join(" "),
          cells: new Map(cells.flatMap((one, i) => (one === null ? [] : [[i + 1, one] as const]))),
          keys: new Map(rest.keys.map((key) => [key, "free"])),
        })),
      });
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(88);
    }),
    { numRuns: 300 },
  );
});

function step(
  seconds: number,
  text: string,
  cells: Readonly<Record<number, Cell>>,
  keys: Readonly<Record<string, string>>,
): TableStep {
  return {
    at: seconds * 1e6,
    text,
    cells: new Map(Object.entries(cells).map(([label, cell]) => [Number(label), cell])),
    keys: new Map(Object.entries(keys)),
  };
}

function screen(table: StoryTable, look?: Parameters<typeof printTable>[1]): string {
  return `\n${printTable(table, look).join("\n")}`;
}
