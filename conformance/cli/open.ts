import { type Edition, editionNamed, NEWEST } from "../../spec/model/edition.ts";
import type { Adapter } from "../adapter.ts";
import { processAdapter } from "../adapters/process.ts";
import { buildRiverGo } from "../adapters/river-go.ts";
import { buildRiverRust, riverRustVersions } from "../adapters/river-rust.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import { referenceAdapter } from "../reference/adapter.ts";
import { pgliteGround, postgresGround } from "../reference/ground.ts";
import { UsageError } from "./exit.ts";

/** An adapter that is ready to be checked, with the name by which the command line knows it. */
export type Opened = Readonly<{ name: string; adapter: Adapter; edition: Edition }>;

/** Opens what `--adapter` and `--database` name; what was started for it ends with `close`. */
export async function openAdapter(
  name: string,
  database: string | null,
  onProgress: (line: string) => void,
): Promise<Opened> {
  if (name === "reference") {
    const ground = database === null ? await pgliteGround() : await postgresGround(database);
    return { name, adapter: referenceAdapter(ground), edition: NEWEST };
  }
  const command = await commandOf(name, onProgress);
  const server = database === null ? await startEmbeddedPostgres() : null;
  try {
    const adapter = await processAdapter({ command, serverUrl: database ?? server?.url ?? "" });
    const close = async () => {
      await adapter.close();
      await server?.stop();
    };
    try {
      await adapter.probe();
    } catch (error) {
      await adapter.close();
      throw error;
    }
    const about =
      server === null
        ? adapter.about
        : { ...adapter.about, database: `${adapter.about.database} (embedded)` };
    const shown: Adapter = {
      about,
      reset: () => adapter.reset(),
      run: (op, names) => adapter.run(op, names),
      put: (state) => adapter.put(state),
      observe: () => adapter.observe(),
      close,
    };
    return { name, adapter: shown, edition: editionNamed(about.edition) ?? NEWEST };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

async function commandOf(
  name: string,
  onProgress: (line: string) => void,
): Promise<string | readonly string[]> {
  const [, family, version] = /^([a-z]+(?:-[a-z]+)*)(?:@(.*))?$/.exec(name) ?? [];
  if (family === undefined) return name;
  if (family === "river-go" && version !== undefined && version !== "") {
    return [(await buildRiverGo(version, onProgress)).command];
  }
  if (family === "river-go") {
    throw new UsageError("river-go must name a version, such as river-go@0.51.1.");
  }
  if (family === "river-rust" && version !== undefined && version !== "") {
    return [await buildRiverRust(version, onProgress)];
  }
  if (family === "river-rust") {
    const newest = riverRustVersions().at(-1);
    throw new UsageError(`river-rust must name a version, such as river-rust@${newest}.`);
  }
  if (version === undefined) {
    throw new UsageError(
      `no adapter is called ${name}. Known: reference, river-go@<version>, river-rust@<version>, or a command such as "./${name}".`,
    );
  }
  throw new UsageError(
    `no adapter is called ${family}. Known: reference, river-go@<version>, river-rust@<version>, or a command.`,
  );
}
