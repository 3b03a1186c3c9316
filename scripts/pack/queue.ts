import { mkdir, readFile, writeFile } from "node:fs/promises";
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
  for (const name of ["README.md", "GUIDE.md"]) await writeDocument(folder, name);
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
    files: ["dist", "GUIDE.md"],
    dependencies: versionsOf(needed),
    peerDependencies: PEERS,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(PEERS).map((name) => [name, { optional: true }]),
    ),
  };
}

/** A document of the sources, whose links to what is not in the package become plain words. */
async function writeDocument(folder: string, name: string): Promise<void> {
  const text = await readFile(join(ROOT, "src", name), "utf8");
  const plain = text.replaceAll(/\[([^\]]*)\]\((?!#|https:|GUIDE\.md)[^)]*\)/g, "$1");
  await writeFile(join(folder, name), plain);
}
