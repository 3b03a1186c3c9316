import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { compile, ROOT } from "./compile.ts";
import { packagesIn, shared, versionsOf } from "./manifest.ts";

const NAME = "weir-queue";

/** What can be imported from the package, and from which source. */
const ENTRIES: Readonly<Record<string, string>> = {
  ".": "index",
  "./drizzle": "drivers/drizzle",
  "./kysely": "drivers/kysely",
  "./testing": "testing",
};

/** What the queue works with but does not need: users install what they have. */
const PEERS: Readonly<Record<string, string>> = {
  "@electric-sql/pglite": ">=0.4.0",
  "drizzle-orm": ">=0.44.0",
  kysely: ">=0.27.0",
  pg: "^8.11.0",
};

/** Makes the folder of the package `weir-queue` in `out`, and resolves to its manifest. */
export async function makeQueue(out: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = join(out, NAME);
  const dist = join(folder, "dist");
  await mkdir(folder, { recursive: true });
  await compile({
    entries: Object.values(ENTRIES).map((path) => `src/${path}.ts`),
    rootDir: "src",
    outDir: dist,
    types: true,
  });
  await copyFile(join(ROOT, "src", "README.md"), join(folder, "README.md"));
  const needed = packagesIn(dist).filter((name) => !(name in PEERS));
  return {
    name: NAME,
    description:
      "A job queue on Postgres or PGlite that shares its tables with River's clients in Go and Rust",
    keywords: ["queue", "jobs", "postgres", "pglite", "river", "background-jobs"],
    ...shared,
    sideEffects: false,
    exports: {
      ...Object.fromEntries(
        Object.entries(ENTRIES).map(([name, path]) => [
          name,
          { types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` },
        ]),
      ),
      "./package.json": "./package.json",
    },
    files: ["dist"],
    dependencies: versionsOf(needed),
    peerDependencies: PEERS,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(PEERS).map((name) => [name, { optional: true }]),
    ),
  };
}
