import type { Law } from "../../spec/model/effect.ts";
import { parseStory } from "../notation/parse.ts";
import { printMicros } from "../notation/time.ts";
import type { Look } from "../report/finding.ts";
import { clip, SCREEN_WIDTH } from "../report/screen.ts";
import { storyOf } from "../report/story.ts";
import { printTable } from "../report/table.ts";

/** A rule's example as a story table, and below it what the table does not show: refusals, duplicates, other columns than the state. */
export function printExample(text: string, law: Law, look: Look): readonly string[] {
  const lines = text.split("\n");
  const { steps } = parseStory(text);
  const { table } = storyOf(
    steps.map(({ op }) => op),
    law,
    null,
  );
  const untold = steps.flatMap(({ op, expect, line }) =>
    expect.flatMap(({ kind }, i) =>
      kind === "state" || kind === "key"
        ? []
        : [`${printMicros(op.now)}   ${lines[line + i]?.trim() ?? ""}`],
    ),
  );
  const indent = table.steps.reduce((most, { at }) => Math.max(most, printMicros(at).length), 3);
  return [
    ...printTable(table, look),
    ...(untold.length === 0 ? [] : ["", `    ${look.paint.dim("and then")}`]),
    ...untold.map((each) => {
      const time = each.slice(0, each.indexOf(" "));
      return clip(
        `    ${time.padStart(indent)}${each.slice(time.length)}`,
        SCREEN_WIDTH,
        look.ascii,
      );
    }),
  ];
}
