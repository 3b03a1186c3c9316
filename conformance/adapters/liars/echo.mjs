import { serve } from "./stdio.mjs";

serve((_method, params) => ({ result: params }));
