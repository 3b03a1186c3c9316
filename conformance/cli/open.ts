import { type Edition, editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { About, Adapter } from "../adapter.ts";
import { processAdapter } from "../adapters/process.ts";
import { buildRiverGo, resolveRiverGo } from "../adapters/river-go.ts";
import { installRiverPython, riverPythonVersions } from "../adapters/river-python.ts";
import { buildRiverRust, riverRustVersions } from "../adapters/river-rust.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import type { Budgets } from "../protocol/transport.ts";
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

/** How many of an adapter, and how long it may take, where not as usual. */
type OpenOptions = Readonly<{ jobs?: number; budgets?: Partial<Budgets> }>;

/** Opens what `--adapter` and `--database` name, `jobs` times; what was started for it ends with `close` of its `adapter`. */
export async function openAdapter(
  asked: string,
  database: string | null,
  onProgress: (line: string) => void,
  { jobs = 1, budgets = {} }: OpenOptions = {},
): Promise<Opened> {
  if (asked === "reference") return openReference(database, jobs);
  const name = await resolvedName(asked, onProgress);
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
      const adapter = await processAdapter({ command, serverUrl, budgets });
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

/** The adapter that a name stands for today: `river-go@latest` is a version, any other is itself. */
export const resolvedName = async (
  asked: string,
  onProgress: (line: string) => void,
): Promise<string> =>
  asked === "river-go@latest" ? `river-go@${await resolveRiverGo("latest", onProgress)}` : asked;

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
  const { runAll, put, pin, renumber } = adapter;
  // States are written with their masks.
  const hasMasks = editionNamed(about.edition)?.masks ?? true;
  const canPut = hasMasks && (about.capabilities.put ?? "supported") === "supported";
  return {
    about,
    reset: () => adapter.reset(),
    run: (op, names) => adapter.run(op, names),
    ...(runAll === undefined ? {} : { runAll: runAll.bind(adapter) }),
    ...(pin === undefined ? {} : { pin: pin.bind(adapter) }),
    ...(renumber === undefined ? {} : { renumber: renumber.bind(adapter) }),
    ...(put === undefined || !canPut ? {} : { put: put.bind(adapter) }),
    observe: () => adapter.observe(),
    close,
  };
};

/** How each adapter that names a version is made, and a version to name. */
const FAMILIES: Readonly<Record<string, Readonly<{ such: string | undefined; make: Make }>>> = {
  "river-go": {
    such: "0.51.1",
    make: async (version, onProgress) => [(await buildRiverGo(version, onProgress)).command],
  },
  "river-python": { such: riverPythonVersions()[0], make: installRiverPython },
  "river-rust": {
    such: riverRustVersions().at(-1),
    make: async (version, onProgress) => [await buildRiverRust(version, onProgress)],
  },
};

type Make = (
  version: string,
  onProgress: (line: string) => void,
) => Promise<string | readonly string[]>;

/** What starts the adapter of that name: it is built or installed where it must be, and a command is given back. */
export async function commandOf(
  name: string,
  onProgress: (line: string) => void,
): Promise<string | readonly string[]> {
  const [, family, version = ""] = /^([a-z]+(?:-[a-z]+)*)(?:@(.*))?$/.exec(name) ?? [];
  if (family === undefined) return name;
  if (Object.hasOwn(FAMILIES, family) && FAMILIES[family] !== undefined) {
    const { such, make } = FAMILIES[family];
    if (version !== "") return make(version, onProgress);
    throw new UsageError(`${family} must name a version, such as ${family}@${such}.`);
  }
  const known = Object.keys(FAMILIES).map((each) => `${each}@<version>`);
  const all = `Known: reference, ${known.join(", ")}, or a command`;
  if (name.includes("@")) throw new UsageError(`no adapter is called ${family}. ${all}.`);
  throw new UsageError(`no adapter is called ${name}. ${all} such as "./${name}".`);
}
