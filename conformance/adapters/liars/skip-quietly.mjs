import { greeting, refusal, serve } from "./stdio.mjs";
import { plausible } from "./tables.mjs";

serve((method, params) => {
  if (method === "handshake") return greeting(params);
  return method === "reset" ? plausible(method) : refusal("unsupported", "not today");
});
