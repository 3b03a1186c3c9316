import { register } from "tsx/esm/api";

register();
await import("./matrix-worker.ts");
