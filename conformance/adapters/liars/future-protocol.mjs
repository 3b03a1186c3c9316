import { greeting, serve } from "./stdio.mjs";

serve((_method, params) => greeting(params, { protocol: 2, channels: ["quantum"] }));
