import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGo, latestVersion, listedVersions, RiverGoError } from "./go-build.ts";

const SOURCES = fileURLToPath(new URL("./river-go/", import.meta.url));

const OLDEST = "0.12.0";

/** The newest version that the adapter was tried with. A newer one is built from the same files as this. */
const NEWEST_TRIED = "0.51.1";

/** What River's changelog lists from 0.12.0 on. The module proxy has all of these, but its list is not complete. */
export const PUBLISHED: readonly string[] = `
  0.12.0 0.12.1 0.13.0 0.14.0 0.14.1 0.14.2 0.14.3 0.15.0 0.16.0 0.17.0 0.18.0 0.19.0 0.20.0 0.20.1 0.20.2 0.21.0 0.22.0 0.23.0
  0.23.1 0.24.0 0.25.0 0.26.0 0.27.0 0.28.0 0.29.0 0.30.0 0.30.1 0.30.2 0.31.0 0.32.0 0.33.0 0.34.0 0.35.0 0.35.1 0.36.0 0.37.0
  0.37.1 0.38.0 0.39.0 0.40.0 0.41.0 0.41.1 0.42.0 0.43.0 0.44.0 0.44.1 0.45.0 0.46.0 0.47.0 0.48.0 0.49.0 0.50.0 0.51.0 0.51.1`
  .trim()
  .split(/\s+/);

/** Versions that the module proxy may list and does not have whole. */
const MISSING: ReadonlySet<string> = new Set(["0.27.1"]);

/** What to start, and the River version that is built into it. */
export type RiverGo = Readonly<{ command: string; version: string }>;

/** The River versions that can be built, oldest first, without a leading `v`: the published ones, and newer ones that the module proxy lists. */
export async function riverGoVersions(): Promise<readonly string[]> {
  return [...new Set([...PUBLISHED, ...(await listedVersions())])]
    .filter((version) => compareVersions(version, OLDEST) >= 0 && !MISSING.has(version))
    .sort(compareVersions);
}

/** The version that `latest` stands for today, as the module proxy says; any other is itself. Rejects with `RiverGoError`. */
export async function resolveRiverGo(
  version: string,
  onProgress: (line: string) => void = () => {},
): Promise<string> {
  if (version !== "latest") return version;
  const latest = await latestVersion();
  if (compareVersions(latest, NEWEST_TRIED) > 0) {
    onProgress(`river-go@${latest} is newer than Weir knows; trying what is for ${NEWEST_TRIED}`);
  }
  return latest;
}

/** An adapter for exactly this River version, or for `latest`, as `buildGo` builds it. Rejects with `RiverGoError`. */
export async function buildRiverGo(
  asked: string,
  onProgress: (line: string) => void = () => {},
): Promise<RiverGo> {
  const version = await resolveRiverGo(asked, onProgress);
  const { files, tags } = await riverGoSources(version);
  const command = await buildGo({ name: "river-go", version, files, tags }, onProgress);
  return { command, version };
}

/** The adapter's source files for this River version, as paths, and the build tags that go with them. Rejects with `RiverGoError`. */
export async function riverGoSources(
  version: string,
): Promise<Readonly<{ files: readonly string[]; tags: readonly string[] }>> {
  // The proxy is only asked about what it may have had since.
  if (!PUBLISHED.includes(version)) {
    const known = await riverGoVersions();
    if (!known.includes(version)) throw unavailable(version, known);
  }
  const all = (await readdir(SOURCES)).filter((name) => /(?<!_test)\.go$/.test(name)).sort();
  const releases = new Set(all.flatMap((name) => driftOf(name)?.release ?? []));
  return {
    files: all.filter((name) => isFor(version, name)).map((name) => join(SOURCES, name)),
    tags: [...releases]
      .filter((release) => compareVersions(version, release) >= 0)
      .sort(compareVersions)
      .map((release) => `river_since_${release.replaceAll(".", "_")}`),
  };
}

/** River's Go API drifts: `fetched_since_0_48.go` is for 0.48.0 and later, `fetched_before_0_48.go` for what was before, other names are for all. */
function driftOf(path: string): Readonly<{ isSince: boolean; release: string }> | null {
  const [, word, numbers] = /_(since|before)_(\d+(?:_\d+)+)\.go$/.exec(basename(path)) ?? [];
  if (numbers === undefined) return null;
  return { isSince: word === "since", release: numbers.replaceAll("_", ".") };
}

function isFor(version: string, path: string): boolean {
  const drift = driftOf(path);
  return drift === null || compareVersions(version, drift.release) >= 0 === drift.isSince;
}

function unavailable(version: string, known: readonly string[]): RiverGoError {
  if (MISSING.has(version)) {
    const message = `River published ${version}, but the Go module proxy does not have it. Take the version before or after it.`;
    return new RiverGoError("unsupported", message);
  }
  if (/^0\.\d+\.\d+$/.test(version) && compareVersions(version, OLDEST) < 0) {
    const message = `River must be ${OLDEST} or newer, but is ${version}. Take a later version.`;
    return new RiverGoError("unsupported", message);
  }
  const message = `no adapter is called river-go@${version}. Newest of ${known.length} known versions: ${known.at(-1)}.`;
  return new RiverGoError("unknown", message);
}

/** Orders versions by their numbers; `0.48` is before `0.48.0` and all that follow it. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
