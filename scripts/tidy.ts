import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** A file of the repository by its path from the root, with `/`. */
export type SourceFile = Readonly<{ path: string; text: string }>;

const ROOT = join(import.meta.dirname, "..");

/** Every file that git tracks or would track, but for what was deleted. */
export function repositoryFiles(): readonly SourceFile[] {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).split("\0");
  return paths
    .filter((path) => path !== "" && existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

const isTest = (path: string): boolean => path.endsWith(".test.ts");
const isCode = (path: string): boolean => path.endsWith(".ts") && !path.endsWith(".generated.ts");
const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

/** Where a rule is named that `ids` lacks. What looks like one has the chapter of one. */
export function unknownRules(
  files: readonly SourceFile[],
  ids: readonly string[],
): readonly string[] {
  const chapters = [...new Set(ids.map((id) => id.slice(0, 3)))].join("|");
  const known = new Set(ids);
  return files
    .filter(({ path }) => /\.(ts|mjs|md|go)$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(new RegExp(`\\b(?:${chapters})-\\d+\\b`, "g"))]
        .filter(([id]) => !known.has(id))
        .map(({ 0: id, index }) => `${path}:${lineOf(text, index)}: ${id} is no rule.`),
    );
}

/** The ids that no model, invariant or comparison names. */
export function unnamedRules(
  files: readonly SourceFile[],
  ids: readonly string[],
): readonly string[] {
  const judges = files.filter(
    ({ path }) =>
      !isTest(path) &&
      (/^spec\/(model\/|invariants\.ts$)/.test(path) ||
        /^conformance\/(compare\.ts$|run\/)/.test(path)),
  );
  const text = judges.map((file) => file.text).join("\n");
  return ids.filter((id) => !new RegExp(`\\b${id}\\b`).test(text));
}

/** Relative links of Markdown files to what is not there. */
export function deadLinks(files: readonly SourceFile[]): readonly string[] {
  const paths = new Set(files.map(({ path }) => path));
  const isThere = (path: string): boolean =>
    paths.has(path) ||
    path === "." ||
    [...paths].some((each) => each.startsWith(`${path.replace(/\/$/, "")}/`));
  return files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !isThere(normalize(join(dirname(path), target))))
        .map((target) => `${path}: ${target} is not there.`),
    );
}

const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|type|interface|class) (\w+)/;

/** Exported names without a docstring directly above. Re-exports have theirs elsewhere. */
export function undocumented(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => /^(spec|src|conformance|scripts)\/.*\.ts$/.test(path) && !isTest(path))
    .flatMap(({ path, text }) => {
      const lines = text.split("\n");
      return lines.flatMap((line, i) => {
        const name = EXPORT.exec(line)?.[1];
        const above = lines.slice(0, i).findLast((each) => each.trim() !== "") ?? "";
        return name === undefined || above.trimEnd().endsWith("*/")
          ? []
          : [`${path}:${i + 1}: ${name} has no docstring.`];
      });
    });
}

const MOST_LINES = 300;
const MOST_FUNCTION_LINES = 50;

/** TypeScript files that are too long. */
export function longFiles(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => isCode(path))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path} must have at most ${MOST_LINES} lines, but has ${lines}.`);
}

/** Functions that are too long; tests may be. */
export function longFunctions(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => isCode(path) && !isTest(path))
    .flatMap(({ path, text }) => functionsOf(text).map((each) => ({ ...each, path })))
    .filter(({ length }) => length > MOST_FUNCTION_LINES)
    .map(
      ({ path, line, length }) =>
        `${path}:${line}: a function must have at most ${MOST_FUNCTION_LINES} lines, but has ${length}.`,
    );
}

const STATEMENT = /^\s*(?:\} )?(?:if|for|while|switch|catch|do|else|try|return|with)\b/;
const METHOD =
  /^\s*(?:(?:async|static|get|set|override|readonly|public|private) )*\*?[#\w]+(?:<.*>)?\(.*\{$/;

/** Functions, methods and arrows with a body, as Biome lays them out: a head that ends in `{`, and a `}` below in the same column. */
export function functionsOf(text: string): readonly Readonly<{ line: number; length: number }>[] {
  const lines = text.split("\n");
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  return lines.flatMap((line, at) => {
    if (!line.endsWith("{")) return [];
    const indent = indentOf(line);
    // A head of several lines ends in a line such as `): T {`; it starts where its bracket was opened.
    const isTail = /^\s*\)/.test(line);
    const opens = (each: string): boolean => indentOf(each) === indent && /[([<]$/.test(each);
    const start = isTail ? lines.slice(0, at).findLastIndex(opens) : at;
    const head = lines[start] ?? line;
    const isFunction = line.endsWith("=> {") || /\bfunction\b/.test(head);
    const isMethod = !STATEMENT.test(head) && (isTail || METHOD.test(line));
    if (!isFunction && !isMethod) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex(
      (each) => each.trimStart().startsWith("}") && indentOf(each) === indent,
    );
    return [{ line: start + 1, length: (end < 0 ? rest.length : end) + 2 + at - start }];
  });
}

/** Files deeper than two folders below a top-level one, or with a name that says nothing. */
export function misplaced(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path }) => {
    const folders = path.split("/");
    const name = folders.pop() ?? "";
    const isDeep = folders.length > 3;
    const isVague = /utils|helpers|common|manager/i.test(name);
    return [
      ...(isDeep ? [`${path} lies more than two folders below ${folders[0]}.`] : []),
      ...(isVague ? [`${path} must be named after what it does.`] : []),
    ];
  });
}

// Written in two parts, so that this file is not what it looks for.
const PRIVATE = new RegExp(["/work/", "\\.\\./"].map((start) => `${start}${"shared"}`).join("|"));
const UNFINISHED = new RegExp(`\\b(?:${"TO"}${"DO"}|${"FIX"}${"ME"})\\b`);

/** Words that must not be published: paths of the workshop, and notes of what is unfinished. */
export function forbiddenWords(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path !== "package-lock.json")
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, i) =>
          PRIVATE.test(line) || UNFINISHED.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [],
        ),
    );
}
