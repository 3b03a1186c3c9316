import type { Bug } from "../bugs/bug.ts";

/** The repository's files by path from the root, with `/`: as many as one wants links into. */
export type Sources = ReadonlyMap<string, string>;

/** A line of a file, from 1. `what` says what is read there. */
export type Link = Readonly<{ what: string; path: string; line: number }>;

/** Where to read on about a rule: its text, what judges it, the statement's line that a bug of it edits, the first bug. What is not found is left out. */
export function linksOf(rule: string, bugs: readonly Bug[], sources: Sources): readonly Link[] {
  const judges = [...sources.keys()].filter(
    (path) =>
      /^spec\/(model\/|invariants\.ts$)/.test(path) || path.startsWith("conformance/compare/"),
  );
  const [bug] = bugs;
  const links = [
    first("rules", ["spec/rules.md"], sources, (text) => text.indexOf(`### ${rule} ·`)),
    first("model", judges, sources, (text) => text.indexOf(`"${rule}"`)) ??
      first("model", judges, sources, (text) => text.search(new RegExp(`\\b${rule}\\b`))),
    ...bugs.map((each) => statementLink(each, sources)),
    bug === undefined ? null : bugLink(bug, sources),
  ].filter((link) => link !== null);
  return links.filter((link, i) => links.findIndex(({ what }) => what === link.what) === i);
}

/** Where a bug stands in the catalogue; null if it does not. */
export const bugLink = (bug: Bug, sources: Sources): Link | null =>
  first("bug", pathsBelow("conformance/bugs/", sources), sources, (text) =>
    text.indexOf(`name: "${bug.name}"`),
  );

/** The line of the reference's statement that a bug edits; null where it edits none, or the file is not among the sources. */
export function statementLink(bug: Bug, sources: Sources): Link | null {
  const [edit] = bug.edits;
  if (edit === undefined) return null;
  const blanks = edit.find.length - edit.find.trimStart().length;
  return first("SQL", [edit.statement], sources, (text) => {
    const at = text.indexOf(edit.find);
    return at < 0 ? at : at + blanks;
  });
}

/** Where a change of River's is written down as a switch of the editions. */
export const switchLink = (name: string, sources: Sources): Link | null =>
  first("edition", ["spec/model/edition.ts"], sources, (text) =>
    text.indexOf(`  ${name}: boolean;`),
  );

const pathsBelow = (folder: string, sources: Sources): readonly string[] =>
  [...sources.keys()].filter((path) => path.startsWith(folder));

/** The first place that `find` gives an index of; negative is none. */
function first(
  what: string,
  paths: readonly string[],
  sources: Sources,
  find: (text: string) => number,
): Link | null {
  for (const path of paths) {
    const text = sources.get(path) ?? "";
    const at = find(text);
    if (at >= 0) return { what, path, line: text.slice(0, at).split("\n").length };
  }
  return null;
}
