import { QueueError } from "../errors.ts";

/**
 * Loads an optional package, which the queue does without until it is called for. `load` holds the import itself, so that bundlers see it.
 * Rejects with `driver_missing` if it is not installed, and with its own error if it is there but does not load.
 */
export async function loadPackage<Module>(
  name: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    // Also what the package itself imports may be missing, which another installation of it does not mend.
    const isMissing = code === "ERR_MODULE_NOT_FOUND" && String(message).includes(`'${name}'`);
    if (!isMissing) throw error;
    throw new QueueError(
      "driver_missing",
      `${name} must be installed, but is not. Install it: npm install ${name}.`,
      { cause: error },
    );
  }
}
