import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "./embedded.ts";

declare module "vitest" {
  /** What tests get with `inject`. */
  export interface ProvidedContext {
    /** The one Postgres of the whole run; tests create databases or schemas of their own in it. */
    postgresUrl: string;
  }
}

/** Vitest's global setup: starts the run's Postgres, and returns what stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startEmbeddedPostgres();
  project.provide("postgresUrl", server.url);
  return server.stop;
}
