import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGo } from "../adapters/go-build.ts";
import { buildRust } from "../adapters/rust-build.ts";

/** Whose client: Weir's, that of the Go module `github.com/riverqueue/river`, or that of the crate `riverqueue`. */
export type Language = "weir" | "go" | "rust";

/** The River versions that Weir's client meets. */
export const MEETS = { go: "0.51.1", rust: "0.5.0" } as const;

const HERE = fileURLToPath(new URL(".", import.meta.url));
const LOCK = fileURLToPath(new URL("../adapters/river-rust/Cargo.lock", import.meta.url));

/** Whether it can be started here, once it is built. */
export const isAvailable = (language: Language): boolean =>
  language === "weir" || spawnSync(language === "go" ? "go" : "cargo", ["version"]).status === 0;

/** The words that start a peer, which is built on the first call. Rejects where the toolchain is missing or fails. */
export async function commandOf(language: Language): Promise<readonly string[]> {
  const onProgress = () => {};
  switch (language) {
    case "weir": {
      const tsx = fileURLToPath(import.meta.resolve("tsx"));
      return [process.execPath, "--import", tsx, join(HERE, "weir-peer.ts")];
    }
    case "go": {
      const files = await sources("go");
      const program = { name: "interop-go", version: MEETS.go, files, tags: [] };
      return [await buildGo(program, onProgress)];
    }
    case "rust": {
      const files = [...(await sources("rust")), LOCK];
      const program = { name: "interop-rust", version: MEETS.rust, files, isLockBorrowed: true };
      return [await buildRust(program, onProgress)];
    }
  }
}

async function sources(folder: string): Promise<readonly string[]> {
  const names = (await readdir(join(HERE, folder))).filter((name) => /\.(go|rs|toml)$/.test(name));
  return names.sort().map((name) => join(HERE, folder, name));
}
