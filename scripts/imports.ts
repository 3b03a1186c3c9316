import { dirname, join, normalize } from "node:path";
import type { SourceFile } from "./tidy.ts";

/** What a file imports: `to` is a path of the repository, or the name of a package. A type's import is gone when the code runs. */
export type Import = Readonly<{ from: string; to: string; isType: boolean }>;

const FROM = /^(import|export)( type)?\b[^"';]*?from "([^"]+)";?$/gm;
const BARE = /^import "([^"]+)";$/gm;
const DYNAMIC = /\bimport\("([^"]+)"\)/g;

/** The imports of a file that Biome formatted. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const made = (specifier: string, isType: boolean): Import => ({
    from: path,
    to: specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier,
    isType,
  });
  return [
    ...[...text.matchAll(FROM)].map(([, , type, specifier = ""]) =>
      made(specifier, type !== undefined),
    ),
    ...[...text.matchAll(BARE)].map(([, specifier = ""]) => made(specifier, false)),
    ...[...text.matchAll(DYNAMIC)].map(([, specifier = ""]) => made(specifier, false)),
  ];
}

/** Imports against the direction: spec takes nothing from elsewhere, src nothing from spec or conformance. Tests may. */
export function wrongDirections(files: readonly SourceFile[]): readonly string[] {
  const isWrong = ({ from, to }: Import): boolean =>
    (from.startsWith("spec/") && !to.startsWith("spec/")) ||
    (from.startsWith("src/") && /^(spec|conformance|scripts)\//.test(to)) ||
    (from.startsWith("conformance/") && to.startsWith("scripts/"));
  return files
    .filter(({ path }) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .flatMap(importsOf)
    .filter(isWrong)
    .map(({ from, to }) => `${from} must not import ${to}.`);
}

const ANYWHERE =
  /^conformance\/((compare|explain|notation|walk|run|report|bugs|reference)\/|(law|expectations|rules-file)\.ts$)/;
const HOST_ONLY = new Set(["conformance/reference/ground.ts"]);

/** What must run in a browser too, and reaches Node or a driver: each with the way it gets there. */
export function boundToNode(files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) return;
    seen.add(path);
    for (const { to, isType } of importsOf(file)) {
      if (isType) continue;
      if (to.startsWith("node:") || to === "pg") found.push([...way, path, to].join(" → "));
      else visit(to, [...way, path]);
    }
  };
  for (const { path } of files) {
    const isStart = ANYWHERE.test(path) && path.endsWith(".ts") && !path.endsWith(".test.ts");
    if (isStart && !HOST_ONLY.has(path)) visit(path, []);
  }
  return found;
}
