import { greeting, serve } from "./stdio.mjs";

serve((method, params) => (method === "handshake" ? greeting(params) : undefined));
