import { greeting, refusal, serve } from "./stdio.mjs";

const capabilities = { insert: { unsupported: "not today" } };

serve((method, params) =>
  method === "handshake" ? greeting(params, { capabilities }) : refusal("unsupported", "not today"),
);
