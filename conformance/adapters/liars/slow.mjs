import { setTimeout } from "node:timers/promises";
import { greeting, serve } from "./stdio.mjs";
import { plausible } from "./tables.mjs";

const DELAY_MS = 6_000;

serve(async (method, params) => {
  if (method === "handshake") return greeting(params);
  if (method !== "reset") await setTimeout(DELAY_MS);
  return plausible(method, params);
});
