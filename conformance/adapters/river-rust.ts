import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildRust, RiverRustError } from "./rust-build.ts";

const SOURCES = fileURLToPath(new URL("./river-rust/", import.meta.url));
const VERSIONS = ["0.5.0"];

/** The versions of the crate `riverqueue` that can be built. */
export const riverRustVersions = (): readonly string[] => VERSIONS;

/** The path of an adapter for exactly this version of the crate `riverqueue`, as `buildRust` builds it. Rejects with `RiverRustError`. */
export async function buildRiverRust(
  version: string,
  onProgress: (line: string) => void = () => {},
): Promise<string> {
  if (!VERSIONS.includes(version)) {
    const message = `no adapter is called river-rust@${version}. Known versions: ${VERSIONS.join(", ")}.`;
    throw new RiverRustError("unknown", message);
  }
  const names = (await readdir(SOURCES)).filter((name) => /\.(rs|toml|lock)$/.test(name)).sort();
  const files = names.map((name) => join(SOURCES, name));
  return buildRust({ name: "river-rust", version, files, isLockBorrowed: false }, onProgress);
}
