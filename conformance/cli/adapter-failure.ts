import { RiverGoError } from "../adapters/go-build.ts";
import { RiverPythonError } from "../adapters/river-python.ts";
import { RiverRustError } from "../adapters/rust-build.ts";
import { ServerError } from "../database/server-error.ts";
import { AdapterError } from "../protocol/failure.ts";
import { UsageError } from "./exit.ts";

const KINDS = [
  RiverGoError,
  RiverPythonError,
  RiverRustError,
  ServerError,
  AdapterError,
  UsageError,
];

/** Why an adapter cannot be checked, where several are asked and the others go on; null for a bug of Weir's own. */
export const adapterFailure = (error: unknown): string | null =>
  error instanceof Error && KINDS.some((kind) => error instanceof kind)
    ? error.message.trim()
    : null;
