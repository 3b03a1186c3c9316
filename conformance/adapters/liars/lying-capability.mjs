import { greeting, METHOD_NOT_FOUND, serve } from "./stdio.mjs";
import { plausible } from "./tables.mjs";

serve((method, params) => {
  if (method === "handshake") return greeting(params);
  return method === "schedule" ? METHOD_NOT_FOUND : plausible(method, params);
});
