import { register } from "tsx/esm/api";

register();
await import("./explore-worker.ts");
