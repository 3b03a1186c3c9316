import { z } from "zod";
import { job } from "../index.ts";

/** What the process that inserts and the one that works know of each other. */
export const resize = job("resize", {
  args: z.object({ file: z.string(), width: z.number().int().positive() }),
  queue: "images",
  maxAttempts: 5,
});
