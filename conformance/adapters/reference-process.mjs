import { register } from "tsx/esm/api";

register();
await import("./reference-process.ts");
