import { expect, test } from "vitest";
import { NEWEST } from "../../spec/model/edition.ts";
import { lawOf } from "../law.ts";
import { parseStory } from "../notation/parse.ts";
import { storyOf } from "./story.ts";
import { printTable } from "./table.ts";

const STORY = `
 0s  queue_touch default
 1s  queue_pause default
 2s  elect c1
 3s  queue_resume *
 4s  resign c1
`;
const opsOf = (text: string) => parseStory(text).steps.map(({ op }) => op);
const { table } = storyOf(opsOf(STORY), lawOf(NEWEST), null);

test("a story has a column for each queue and for the leader, and can be read back", () => {
  const screen = printTable(table).join("\n");
  expect(`\n${screen}`).toBe(`
                                 queue default    leader
     0s   queue_touch default    ▷ working        ☆ nobody
     1s   queue_pause default    ‖ paused         ☆ nobody
     2s   elect c1               ‖ paused         ★ c1
     3s   queue_resume *         ▷ working        ★ c1
     4s   resign c1              ▷ working        ☆ nobody`);
  expect(opsOf(screen)).toEqual(opsOf(STORY));
});

test("in ASCII they have words alone", () => {
  expect(printTable(table, { ascii: true }).join("\n")).toMatch(/^[\n -~]*$/);
});

test("what differs of a queue is marked in its column", () => {
  const marks = [
    { step: 1, at: { service: "queue default" }, must: "1s, but is 0s", column: "updated_at" },
  ];
  const lines = printTable({
    ...table,
    steps: table.steps.slice(0, 2),
    services: ["queue default"],
    marks,
  });
  expect(lines.at(-1)?.trim()).toBe("↑ updated_at must be 1s, but is 0s");
});

test("where there is no room, columns are left out, but never one that is marked", () => {
  const names = ["queue a", "queue b", "leader"];
  const services = new Map(names.map((name) => [name, "▷ working"]));
  const steps = table.steps.slice(0, 1).map((step) => ({ ...step, services }));
  const marks = [{ step: 0, at: { service: "queue b" }, must: "‖ paused" }];
  const lines = printTable({ ...table, steps, services: names, marks }, { width: 56 });
  expect(lines[0]?.trim()).toMatch(/^(queue a +)?queue b$/);
  expect(lines.at(-1)).toMatch(/and [12] more columns?$/);
});
