/** A rule as `spec/rules.md` states it. */
export type RuleText = Readonly<{
  id: string;
  level: string;
  harm: string;
  /** The version that introduced it, as `major.minor`; null for one that always held. */
  since: string | null;
  /** One sentence, in Markdown. */
  sentence: string;
  /** Why Weir decides; null for a rule of River's. */
  why: string | null;
  /** Rules that it builds on. */
  needs: readonly string[];
  /** Invariants that fall with it. */
  protects: readonly string[];
  /** Rules that it is easily taken for. */
  unlike: readonly string[];
  /** Stories in the notation, each a test. */
  examples: readonly string[];
}>;

const HEADING =
  /^### ([A-Z]{3}-\d+) · (river|weir) · (lost|stuck|twice|untrue|housekeeping)(?: · since (\d+\.\d+))?$/;

const WHY = /^[*_]Why weir's:[*_] /;
const SEE = /^[*_]See:[*_] /;

/** Which rules a line such as `_See:_ needs INS-14 · protects INV-1 · not SCH-3` names. */
function relationsOf(line: string | undefined): Pick<RuleText, "needs" | "protects" | "unlike"> {
  const relations = { needs: [] as string[], protects: [] as string[], unlike: [] as string[] };
  for (const part of line?.replace(SEE, "").split(" · ") ?? []) {
    const [, verb = "", ids = ""] =
      /^(needs|protects|not) ([A-Z]{3}-\d+(?:, [A-Z]{3}-\d+)*)$/.exec(part) ?? [];
    if (ids === "") {
      throw new Error(
        `What a rule has to do with others must be "needs ABC-1, ABC-2", but is "${part}".`,
      );
    }
    relations[verb === "not" ? "unlike" : (verb as "needs" | "protects")].push(...ids.split(", "));
  }
  return relations;
}

/** Reads the text of `spec/rules.md`. Throws on a rule heading that it cannot read. */
export function readRules(markdown: string): readonly RuleText[] {
  const sections = markdown.split(/^(?=#{1,3} )/m).filter((section) => section.startsWith("### "));
  return sections.map((section) => {
    const [heading = "", ...rest] = section.split("\n");
    const [, id, level, harm, since = null] = HEADING.exec(heading) ?? [];
    if (id === undefined || level === undefined || harm === undefined) {
      throw new Error(`A rule's heading must be "### ABC-1 · river · lost", but is "${heading}".`);
    }
    const body = rest.join("\n");
    const examples = [...body.matchAll(/^```weir\n([\s\S]*?)^```$/gm)].map(
      (match) => match[1] ?? "",
    );
    const [sentence = "", ...notes] = body
      .replaceAll(/^```weir\n[\s\S]*?^```$/gm, "")
      .split(/\n\n+/)
      .map((paragraph) => paragraph.replaceAll("\n", " ").trim())
      .filter((paragraph) => paragraph !== "");
    const why = notes.find((note) => WHY.test(note));
    return {
      id,
      level,
      harm,
      since,
      sentence,
      why: why?.replace(WHY, "") ?? null,
      ...relationsOf(notes.find((note) => SEE.test(note))),
      examples,
    };
  });
}

/** A chapter of `spec/rules.md`: `id` is the start of its rules' ids, `about` its first words, in Markdown. */
export type ChapterText = Readonly<{ id: string; title: string; about: string }>;

/** Reads the chapters' headings, each with the paragraph below it. */
export const readChapters = (markdown: string): readonly ChapterText[] =>
  [...markdown.matchAll(/^## ([A-Z]{3}): (.+)\n\n([^#\n][^\n]*)?/gm)].map(
    ([, id = "", title = "", about = ""]) => ({ id, title, about }),
  );

/** Reads what the lists under `States` and `Columns` say of each name. */
export const readWords = (
  markdown: string,
): Readonly<Record<"states" | "columns", ReadonlyMap<string, string>>> => {
  const under = (heading: string) => {
    const section =
      new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^#|$(?![\\s\\S]))`, "m").exec(markdown)?.[1] ??
      "";
    const items = section.matchAll(/^- `(\w+)`: (.+)$/gm);
    return new Map([...items].map(([, name = "", text = ""]) => [name, text]));
  };
  return { states: under("States"), columns: under("Columns") };
};
