import { riverGoVersions } from "../adapters/river-go.ts";
import { riverPythonVersions } from "../adapters/river-python.ts";
import { riverRustVersions } from "../adapters/river-rust.ts";
import { UsageError } from "./exit.ts";

/** River's versions on both sides of each change of its rules, and those in which something that Weir can see was mended. */
const TELLING = [
  ...["0.12.0", "0.12.1", "0.13.0", "0.16.0", "0.18.0", "0.23.1", "0.27.0", "0.28.0"],
  ...["0.40.0", "0.43.0", "0.44.0", "0.47.0", "0.48.0", "0.49.0", "0.50.0", "0.51.1"],
];

/** What of an adapter is known without opening it: all versions it can be had in, oldest first, and those that a matrix takes by itself. */
export type Family = Readonly<{
  versions: () => Promise<readonly string[]>;
  telling: (versions: readonly string[]) => readonly string[];
}>;

const FAMILIES: Readonly<Record<string, Family>> = {
  "river-go": {
    versions: riverGoVersions,
    telling: (versions) => versions.filter((version) => TELLING.includes(version)),
  },
  "river-rust": { versions: async () => riverRustVersions(), telling: (versions) => versions },
  "river-python": { versions: async () => riverPythonVersions(), telling: (versions) => versions },
};

/** The family of that name; undefined where there is none with versions. */
export const familyOf = (name: string): Family | undefined =>
  Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined;

/** `river-go@0.12.0` as its parts; null for what names no version of a family. */
export function versionedOf(name: string): Readonly<{ family: string; version: string }> | null {
  const [, family, version] = /^([a-z]+(?:-[a-z]+)*)@(.+)$/.exec(name) ?? [];
  return family === undefined || version === undefined ? null : { family, version };
}

const isVersion = (text: string): boolean =>
  /^v?\d+(\.\d+)+[\w.+-]*$/.test(text) || text === "latest";

/**
 * What `--adapters` names, each as `--adapter` takes it. After `river-go@0.12.0` a bare version is another one of the same adapter;
 * `river-go` alone is its telling versions; a command with commas in it stands in quotes. Throws a `UsageError`.
 */
export async function readAdapters(given: string): Promise<readonly string[]> {
  const names: string[] = [];
  let family: string | null = null;
  for (const entry of entriesOf(given)) {
    const versioned = versionedOf(entry);
    if (isVersion(entry)) {
      if (family === null) {
        throw new UsageError(
          `--adapters has the version ${entry} after no adapter. Write it as river-go@${entry}.`,
        );
      }
      names.push(`${family}@${entry.replace(/^v/, "")}`);
    } else if (familyOf(entry) !== undefined) {
      family = entry;
      names.push(...(await tellingOf(entry)));
    } else {
      family = versioned?.family ?? null;
      names.push(entry);
    }
  }
  if (names.length === 0) throw new UsageError("--adapters must name at least one, but is empty.");
  return [...new Set(names)];
}

async function tellingOf(name: string): Promise<readonly string[]> {
  const family = familyOf(name);
  const versions = family?.telling(await family.versions()) ?? [];
  return versions.map((version) => `${name}@${version}`);
}

/** The parts between commas, without the quotes around them. */
const entriesOf = (given: string): readonly string[] =>
  [...given.matchAll(/\s*(?:"([^"]*)"|'([^']*)'|([^,]+))\s*(?:,|$)/g)]
    .map(([, double, single, plain]) => (double ?? single ?? plain ?? "").trim())
    .filter((entry) => entry !== "");
