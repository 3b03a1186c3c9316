import { defineConfig } from "vitest/config";
import type {} from "./conformance/database/vitest-setup.ts";

const config = defineConfig({
  test: {
    globalSetup: "conformance/database/vitest-setup.ts",
    include: ["{spec,src,conformance,scripts}/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export { config as default };
