import { type Edition, editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { About, Adapter } from "../adapter.ts";
import { processAdapter } from "../adapters/process.ts";
import { buildRiverGo, resolveRiverGo } from "../adapters/river-go.ts";
import { installRiverPython, riverPythonVersions } from "../adapters/river-python.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround, postgresGround } from "../reference/ground.ts";
import { UsageError } from "./exit.ts";

/** An adapter that is ready to be checked, with the name by which the command line knows it. */
export type Opened = Readonly<{
  name: string;
  /** Its `close` ends all that was started. */
  adapter: Adapter;
  /** More of the same, each with a queue of its own. */
  others: readonly Adapter[];
  edition: Edition;
}>;

/** Opens what `--adapter` and `--database` name, `jobs` times; what was started for it ends with `close` of its `adapter`. */
export async function openAdapter(
  asked: string,
  database: string | null,
  onProgress: (line: string) => void,
  jobs = 1,
): Promise<Opened> {
  if (asked === "reference") return openReference(database, jobs);
  const name =
    asked === "river-go@latest" ? `river-go@${await resolveRiverGo("latest", onProgress)}` : asked;
  const command = await commandOf(name, onProgress);
  const server = database === null ? await startEmbeddedPostgres() : null;
  const serverUrl = database ?? server?.url ?? "";
  const started: Adapter[] = [];
  const close = async () => {
    await Promise.all(started.map((each) => each.close()));
    await server?.stop();
  };
  try {
    for (let i = 0; i < jobs; i++) {
      const adapter = await processAdapter({ command, serverUrl });
      started.push(adapter);
      if (i === 0) await adapter.probe();
    }
    const [first, ...others] = started;
    if (first === undefined) throw new UsageError("--jobs must be at least 1, but is 0.");
    const edition = editionNamed(first.about.edition) ?? NEWEST;
    const place = `${first.about.database} (embedded)`;
    const about = server === null ? first.about : { ...first.about, database: place };
    return { name, adapter: shownAs(first, about, close), others, edition };
  } catch (error) {
    await close();
    throw error;
  }
}

/** PGlite has one thread, which is this process' own: another one beside it would gain nothing. */
async function openReference(database: string | null, jobs: number): Promise<Opened> {
  const count = database === null ? 1 : jobs;
  const open = () => (database === null ? pgliteGround() : postgresGround(database));
  const grounds = await Promise.all(Array.from({ length: count }, open));
  const [adapter, ...others] = grounds.map((ground) => referenceAdapter(ground));
  if (adapter === undefined) throw new UsageError("--jobs must be at least 1, but is 0.");
  const close = async () => {
    await Promise.all(grounds.map((ground) => ground.close()));
  };
  const { about } = adapter;
  return { name: "reference", adapter: shownAs(adapter, about, close), others, edition: NEWEST };
}

const shownAs = (adapter: Adapter, about: About, close: () => Promise<void>): Adapter => {
  const { runAll, put } = adapter;
  // States are written with their masks.
  const canPut = editionNamed(about.edition)?.masks ?? true;
  return {
    about,
    reset: () => adapter.reset(),
    run: (op, names) => adapter.run(op, names),
    ...(runAll === undefined ? {} : { runAll: runAll.bind(adapter) }),
    ...(put === undefined || !canPut ? {} : { put: put.bind(adapter) }),
    observe: () => adapter.observe(),
    close,
  };
};

/** What starts the adapter of that name: it is built or installed where it must be, and a command is given back. */
export async function commandOf(
  name: string,
  onProgress: (line: string) => void,
): Promise<string | readonly string[]> {
  const [, family, version] = /^([a-z]+(?:-[a-z]+)*)(?:@(.*))?$/.exec(name) ?? [];
  if (family === undefined) return name;
  if (family === "river-go" && version !== undefined && version !== "") {
    return [(await buildRiverGo(version, onProgress)).command];
  }
  if (family === "river-python" && version !== undefined && version !== "") {
    return installRiverPython(version, onProgress);
  }
  if (family === "river-python") {
    throw new UsageError(
      `river-python must name a version, such as river-python@${riverPythonVersions()[0]}.`,
    );
  }
  if (family === "river-go") {
    throw new UsageError("river-go must name a version, such as river-go@0.51.1.");
  }
  if (version === undefined) {
    throw new UsageError(
      `no adapter is called ${name}. Known: reference, river-go@<version>, river-python@<version>, or a command such as "./${name}".`,
    );
  }
  throw new UsageError(
    `no adapter is called ${family}. Known: reference, river-go@<version>, river-python@<version>, or a command.`,
  );
}
