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
  /** Stories in the notation, each a test. */
  examples: readonly string[];
}>;

const HEADING =
  /^### ([A-Z]{3}-\d+) · (river|weir) · (lost|stuck|twice|untrue|housekeeping)(?: · since (\d+\.\d+))?$/;

const WHY = /^[*_]Why weir's:[*_] /;

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
    return { id, level, harm, since, sentence, why: why?.replace(WHY, "") ?? null, examples };
  });
}
