import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./compile.ts";

type Versions = Readonly<Record<string, string>>;

/** The repository's own manifest, as far as the packages take from it. */
export const OWN: Readonly<{
  version: string;
  license: string;
  engines: Versions;
  dependencies: Versions;
  devDependencies: Versions;
  repository?: unknown;
}> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** What both packages have alike. */
export const shared = {
  version: OWN.version,
  license: OWN.license,
  type: "module",
  engines: OWN.engines,
  ...(OWN.repository !== undefined && { repository: OWN.repository }),
};

const SPECIFIER = /(?:\bfrom |^import |\bimport\()"([^".][^"]*)"/gm;

/** The packages that compiled files import, by name, each once and sorted. */
export function packagesIn(folder: string): readonly string[] {
  const specifiers = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|d\.ts)$/.test(name))
    .flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(SPECIFIER)])
    .map(([, specifier = ""]) => specifier)
    .filter((specifier) => !specifier.startsWith("node:"));
  return [...new Set(specifiers.map(packageOf))].sort();
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** These packages in the repository's own versions. Throws where it does not depend on one. */
export function versionsOf(names: readonly string[]): Versions {
  return Object.fromEntries(
    names.map((name) => {
      const version = OWN.dependencies[name];
      if (version !== undefined) return [name, version];
      throw new Error(`${name} must be among the dependencies in package.json, but is not.`);
    }),
  );
}
