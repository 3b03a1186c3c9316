import { greeting, serve } from "./stdio.mjs";
import { plausible } from "./tables.mjs";

serve((method, params) => (method === "handshake" ? greeting(params) : plausible(method, params)));
