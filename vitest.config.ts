import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import type {} from "./conformance/database/vitest-setup.ts";

/** A file that gets the results as JSON too, for `.ci/run`. */
const json = process.env.WEIR_JSON;

const config = defineConfig({
  test: {
    setupFiles: "conformance/vitest-seed.ts",
    globalSetup: "conformance/database/vitest-setup.ts",
    include: ["{spec,src,conformance,scripts}/**/*.test.ts"],
    reporters: json === undefined ? ["default"] : ["default", ["json", { outputFile: json }]],
    pool: "forks",
    // Half of the time a test waits for a process of its own, so no processor is kept free.
    maxWorkers: availableParallelism(),
    // Concurrent tests start processes that are busy from the first moment on.
    maxConcurrency: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export { config as default };
