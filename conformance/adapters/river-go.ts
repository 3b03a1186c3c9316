import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGo, listedVersions, RiverGoError } from "./go-build.ts";

const SOURCES = fileURLToPath(new URL("./river-go/", import.meta.url));

/**
 * River's Go API differs from version to version; each range has files of its own,
 * `compat_<range>.go` and others, built with the tag `river_<range>`. Oldest version first.
 */
const RANGE_OF: ReadonlyMap<string, string> = new Map([
  ["0.12.0", "0_12"],
  ["0.12.1", "0_12"],
  ["0.51.1", "0_51"],
]);

/** What to start, and the River version that is built into it. */
export type RiverGo = Readonly<{ command: string; version: string }>;

/** The River versions that can be built, oldest first, without a leading `v`. */
export function riverGoVersions(): readonly string[] {
  return [...RANGE_OF.keys()];
}

/** An adapter for exactly this River version, as `buildGo` builds it. Rejects with `RiverGoError`. */
export async function buildRiverGo(
  version: string,
  onProgress: (line: string) => void = () => {},
): Promise<RiverGo> {
  const { files, tag } = await riverGoSources(version);
  const command = await buildGo({ name: "river-go", version, files, tag }, onProgress);
  return { command, version };
}

/** The adapter's source files for this River version, as paths, and the build tag that goes with them. Rejects with `RiverGoError`. */
export async function riverGoSources(
  version: string,
): Promise<Readonly<{ files: readonly string[]; tag: string }>> {
  const range = RANGE_OF.get(version);
  if (range === undefined) {
    throw await unavailable(version);
  }
  const all = (await readdir(SOURCES)).filter((name) => name.endsWith(".go"));
  const files = all
    .filter((name) => !/_\d+_\d+\.go$/.test(name) || name.endsWith(`_${range}.go`))
    .filter((name) => !name.endsWith("_test.go"))
    .sort()
    .map((name) => join(SOURCES, name));
  return { files, tag: `river_${range}` };
}

/** The module proxy's list is not complete, so our own versions count as known too. */
async function unavailable(version: string): Promise<RiverGoError> {
  const known = [...new Set([...(await listedVersions()), ...riverGoVersions()])].sort(byVersion);
  if (known.includes(version)) {
    const supported = riverGoVersions().join(", ");
    return new RiverGoError(
      "unsupported",
      `River has a version ${version}, but Weir has no adapter for it yet. Take one of ${supported}.`,
    );
  }
  return new RiverGoError(
    "unknown",
    `no adapter is called river-go@${version}. Newest of ${known.length} known versions: ${known.at(-1)}.`,
  );
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
